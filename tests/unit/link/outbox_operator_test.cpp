#include <catch2/catch.hpp>
#include <random>

#include "protocol/error.hpp"
#include "tests/support/seed.hpp"
#include "tests/unit/link/outbox_support.hpp"

// What an operator does to the queue while it works.

namespace vibes::test {
namespace {

using store::loss_reason;
using store::overflow_policy;

TEST_CASE("A paused outbox hands nothing out until it is resumed", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_newest));
  at.route(1);
  at.offer(0);
  at.box.pause();
  CHECK(!at.box.next_batch(at.now + 1h, {}));
  CHECK(!at.box.wake_at());
  at.box.resume();
  CHECK(at.box.wake_at());
  CHECK(at.box.next_batch(at.now + 1h, {}));
}

TEST_CASE("A pause holds back what came back too, and ends what is on its way", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_newest));
  at.route(2);
  at.offer(0);
  auto first = at.next();
  at.offer(1);
  auto second = at.next();
  at.box.pause();
  at.box.returned(std::move(*first));
  at.box.committed(std::move(*second), at.now);
  CHECK(at.reports.of_line(2) == "committed");
  CHECK(!at.box.next_batch(at.now + 1h, {}));
}

TEST_CASE("A stop drains a paused outbox: memory is no place to leave events", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_newest));
  at.route(1);
  at.offer(0);
  at.box.pause();
  CHECK(at.box.next_batch(at.now, {true, true}));
}

TEST_CASE("The overflow policy applies to a paused outbox", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest));
  at.route(1);
  at.box.link_up(at.now);
  at.box.pause();
  at.fill();
  CHECK(at.offer(0).verdict == offer_verdict::wait);
  at.now += 1s;
  CHECK(at.offer(0).verdict == offer_verdict::accepted);
  CHECK(at.lost(loss_reason::overflow_drop_oldest) == 1);
}

/// Random work on the outbox from all sides at once; the ledger has to be right after each step.
class busy_outbox {
 public:
  explicit busy_outbox(std::uint64_t seed) : random_(seed) {
    at_.route(3);
    at_.box.on_refusal(
        [this](const store::entry&, const protocol::error_code&) { ++dead_lettered_; });
  }

  void step() {
    at_.now += 100ms;
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2: offer(); break;
      case 3:
      case 4: take(); break;
      case 5: settle(); break;
      case 6: drop(); break;
      case 7: random_() % 2 == 0 ? at_.box.pause() : at_.box.resume(); break;
    }
    check();
  }
  void stop() {
    while (!out_.empty()) settle();
    at_.box.give_up_rest();
    check();
    REQUIRE(at_.box.queue().empty());
    REQUIRE(at_.reports.size() + refused_at_once_ == at_.box.counters().received_events);
  }

 private:
  void offer() {
    const auto verdict = at_.offer(static_cast<protocol::session_hash>(random_() % 5)).verdict;
    if (verdict == offer_verdict::refused) ++refused_at_once_;
  }
  void take() {
    if (auto next = at_.next()) out_.push_back(std::move(*next));
  }
  void settle() {
    if (out_.empty()) return;
    std::swap(out_[random_() % out_.size()], out_.back());
    store::batch done = std::move(out_.back());
    out_.pop_back();
    switch (random_() % 3) {
      case 0: at_.box.returned(std::move(done)); break;
      case 1: at_.box.committed(std::move(done), at_.now); break;
      case 2:
        at_.box.refused(std::move(done), make_error_code(protocol::iggy_errc::too_big_payload),
                        at_.now);
        break;
    }
  }
  void drop() {
    const store::sequence_number last = at_.box.queue().last_sequence();
    const sequences some{last / 2, last};
    const std::uint64_t before = at_.lost(loss_reason::dropped_by_operator);
    const std::uint64_t gone = random_() % 2 == 0 ? at_.box.drop(some).size()
                                                  : at_.box.drop_up_to(last / 2, random_() % 3);
    REQUIRE(at_.lost(loss_reason::dropped_by_operator) == before + gone);
  }
  void check() const {
    REQUIRE(sums_up(at_.box));
    REQUIRE(at_.lost(loss_reason::refused_by_iggy) == dead_lettered_);
    REQUIRE(at_.reports.unreported() == 0);
  }

  std::mt19937_64 random_;
  outbox_fixture at_{small_limits(overflow_policy::drop_oldest, 12)};
  std::vector<store::batch> out_;
  std::uint64_t dead_lettered_ = 0;
  std::uint64_t refused_at_once_ = 0;
};

TEST_CASE("Each event ends once, whatever operators, Iggy and producers do", "[outbox]") {
  const std::uint64_t seed = random_seed();
  for (std::uint64_t round = 0; round < 50; ++round) {
    busy_outbox busy(seed + round);
    for (int step = 0; step < 400; ++step) busy.step();
    busy.stop();
  }
}

}  // namespace
}  // namespace vibes::test
