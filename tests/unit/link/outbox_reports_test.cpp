#include <catch2/catch.hpp>

#include "tests/unit/link/outbox_support.hpp"

namespace vibes::test {
namespace {

using store::loss_reason;
using store::overflow_policy;

TEST_CASE("A commit is told to the producer and line of each event, once", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 8));
  at.route(1);
  at.offer_as({4, 1}, 0);
  at.offer_as({9, 7}, 0);
  at.offer_as({}, 0);  // nobody wants to hear of this one
  auto sent = at.next();
  REQUIRE(sent);
  at.box.committed(std::move(*sent), at.now);
  CHECK(at.reports.of({4, 1, 1}) == "committed");
  CHECK(at.reports.of({9, 7, 2}) == "committed");
  CHECK(at.reports.size() == 2);
  CHECK(at.reports.unreported() == 0);
  CHECK(at.box.counters().committed_events == 3);
  CHECK(at.box.counters().committed_batches == 1);
  CHECK(at.box.counters().committed_bytes == 6);
  CHECK(at.box.empty());
  CHECK(sums_up(at.box));
}

TEST_CASE("A returned batch has no fate yet, its events count as resent", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 8));
  at.route(1);
  for (int i = 0; i < 3; ++i) at.offer(0);
  at.box.returned(*at.next());
  CHECK(at.reports.size() == 0);
  CHECK(at.box.counters().returned_batches == 1);
  CHECK(at.box.counters().resent_events == 0);
  CHECK(sums_up(at.box));
  at.box.committed(*at.next(), at.now);
  CHECK(at.box.counters().resent_events == 3);
  CHECK(at.reports.size() == 3);
  CHECK(sums_up(at.box));
}

TEST_CASE("Events of a batch that new partitions have dissolved count as resent", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 8));
  at.route(2);
  for (int i = 0; i < 3; ++i) at.offer(1);
  at.box.returned(*at.next());
  at.offer(1);  // was never sent
  at.route(1);
  std::optional<store::batch> together = at.next();
  REQUIRE(together);
  CHECK(together->entries.size() == 4);
  CHECK(together->attempts == 1);
  CHECK(at.box.counters().resent_events == 3);
  at.box.returned(std::move(*together));
  at.box.committed(*at.next(), at.now);
  CHECK(at.box.counters().resent_events == 7);
  CHECK(at.box.empty());
}

const protocol::error_code too_big = make_error_code(protocol::iggy_errc::too_big_payload);

/// Sends everything there is to an Iggy that refuses each batch with one of these events in it.
std::vector<std::uint64_t> deliver_but(outbox_fixture& at,
                                       const std::vector<std::uint64_t>& poison) {
  std::vector<std::uint64_t> delivered;
  for (int rounds = 0; rounds < 1'000; ++rounds) {
    auto next = at.next();
    if (!next) return delivered;
    bool refused = false;
    for (const store::entry* each : next->entries) {
      refused = refused || std::ranges::count(poison, each->line) > 0;
    }
    if (refused) {
      at.box.refused(std::move(*next), too_big, at.now);
    } else {
      for (const store::entry* each : next->entries) delivered.push_back(each->line);
      at.box.committed(std::move(*next), at.now);
    }
    promise(sums_up(at.box), "the ledger's sum");
  }
  throw broken_promise("a refused batch comes back for ever");
}

void check_bisection(std::uint64_t events, const std::vector<std::uint64_t>& poison) {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 2 * events));
  at.route(1);
  std::vector<std::uint64_t> seen;
  at.box.on_refusal([&](const store::entry& each, const protocol::error_code& why) {
    if (why == too_big) seen.push_back(each.line);
  });
  std::vector<std::uint64_t> healthy;
  for (std::uint64_t line = 1; line <= events; ++line) {
    at.offer(0);
    if (std::ranges::count(poison, line) == 0) healthy.push_back(line);
  }
  REQUIRE(deliver_but(at, poison) == healthy);
  REQUIRE(seen == poison);
  REQUIRE(at.lost(loss_reason::refused_by_iggy) == poison.size());
  REQUIRE(at.box.losses().total() == poison.size());
  for (const std::uint64_t line : poison) REQUIRE(at.reports.of_line(line) == "refused_by_iggy");
  REQUIRE(at.reports.size() == events);
  REQUIRE(at.reports.unreported() == 0);
  REQUIRE(at.box.empty());
}

TEST_CASE("One poison event is found, the others are delivered in order", "[outbox]") {
  for (std::uint64_t events = 1; events <= 17; ++events) {
    for (std::uint64_t poison = 1; poison <= events; ++poison) {
      CAPTURE(events, poison);
      check_bisection(events, {poison});
    }
  }
}

TEST_CASE("Several poison events are found as well", "[outbox]") {
  check_bisection(16, {1, 16});
  check_bisection(16, {8, 9});
  check_bisection(5, {1, 2, 3, 4, 5});
  check_bisection(33, {2, 3, 17, 31});
}

TEST_CASE("A refused event is progress: producers do not lose others by it", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_newest));
  at.route(1);
  at.box.link_up(at.now);
  at.fill();
  at.now += 999ms;
  auto batch = at.next();
  REQUIRE(batch->entries.size() == 2);
  at.box.refused(std::move(*batch), too_big, at.now);
  at.box.refused(*at.next(), too_big, at.now);  // the first of them, alone
  CHECK(at.box.losses().total() == 1);
  at.now += 999ms;
  at.fill();
  CHECK(at.offer(0).verdict == offer_verdict::wait);
}

TEST_CASE("Who loses events to drop_oldest is told even when the new one is refused", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 8));
  at.fill();
  at.now += 1s;
  for (int i = 0; i < 20; ++i) {
    at.offer(0, std::string(static_cast<std::size_t>(i) * 100'000, 'x'));
    CHECK(at.reports.unreported() == 0);
    CHECK(sums_up(at.box));
  }
}

TEST_CASE("What is left at the stop is lost, told, and counted once", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 8));
  at.route(2);
  for (protocol::session_hash session = 0; session < 8; ++session) at.offer(session);
  at.box.returned(*at.next());
  CHECK(at.box.give_up_rest().lost_events == 8);
  CHECK(at.lost(loss_reason::left_at_stop) == 8);
  CHECK(at.reports.size() == 8);
  CHECK(at.reports.of_line(1) == "left_at_stop");
  CHECK(at.reports.unreported() == 0);
  CHECK(sums_up(at.box));
  CHECK(at.box.give_up_rest().lost_events == 0);
  CHECK(at.box.losses().total() == 8);
}

}  // namespace
}  // namespace vibes::test
