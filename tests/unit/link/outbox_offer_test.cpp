#include <catch2/catch.hpp>

#include "tests/unit/link/outbox_support.hpp"

namespace vibes::test {
namespace {

using store::loss_reason;
using store::overflow_policy;

constexpr overflow_policy every_policy[] = {overflow_policy::drop_oldest,
                                            overflow_policy::drop_newest, overflow_policy::block};

TEST_CASE("What fits is accepted, outage or not", "[outbox]") {
  for (const overflow_policy policy : every_policy) {
    outbox_fixture at(small_limits(policy));
    for (int i = 0; i < 4; ++i) {
      at.now += 1h;
      CHECK(at.box.accepts(at.now));
      CHECK(at.offer(0).verdict == offer_verdict::accepted);
    }
    CHECK(at.box.counters().received_events == 4);
    CHECK(at.box.losses().total() == 0);
    CHECK(sums_up(at.box));
  }
}

TEST_CASE("While commits come a producer waits, whatever the policy", "[outbox]") {
  for (const overflow_policy policy : every_policy) {
    CAPTURE(static_cast<int>(policy));
    outbox_fixture at(small_limits(policy));
    at.route(1);
    at.box.link_up(at.now);
    at.fill();
    for (int i = 0; i < 5; ++i) {
      at.now += 900ms;
      CHECK_FALSE(at.box.accepts(at.now));
      const auto told = at.offer(0);
      CHECK(told.verdict == offer_verdict::wait);
      CHECK(told.ask_again_at > at.now);
      CHECK(at.box.counters().received_events == static_cast<std::uint64_t>(4 + 2 * i));
      at.box.committed(*at.next(), at.now);
      at.fill();
    }
    CHECK(at.box.losses().total() == 0);
    CHECK(sums_up(at.box));
  }
}

TEST_CASE("drop_oldest drops as much as the new event needs and no more", "[outbox]") {
  store::outbox_limits limits = small_limits(overflow_policy::drop_oldest, 100);
  limits.queue.bytes_max = 5 * (cost_of_empty + 10);
  const std::string ten(10, 'x');
  struct {
    const char* name;
    std::size_t payload;
    std::uint64_t expected_drops;
  } const cases[] = {
      {"one of the same size", 10, 1},
      {"one byte more", 11, 2},
      {"exactly two", cost_of_empty + 20, 2},
      {"everything", 4 * cost_of_empty + 50, 5},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    outbox_fixture at(limits);
    for (int i = 0; i < 5; ++i) at.offer(0, ten);
    at.now += 1s;
    CHECK(at.box.accepts(at.now));
    CHECK(at.offer(0, std::string(each.payload, 'y')).verdict == offer_verdict::accepted);
    CHECK(at.lost(loss_reason::overflow_drop_oldest) == each.expected_drops);
    CHECK(at.box.losses().total() == each.expected_drops);
    for (std::uint64_t line = 1; line <= 6; ++line) {
      CAPTURE(line);
      CHECK(at.reports.of_line(line) ==
            (line <= each.expected_drops ? "overflow_drop_oldest" : ""));
    }
    CHECK(at.reports.unreported() == 0);
    CHECK(sums_up(at.box));
  }
}

TEST_CASE("An event larger than the whole queue costs no other its place", "[outbox]") {
  for (const overflow_policy policy : every_policy) {
    CAPTURE(static_cast<int>(policy));
    store::outbox_limits limits = small_limits(policy);
    limits.queue.bytes_max = 4 * (cost_of_empty + 2);
    outbox_fixture at(limits);
    at.fill();
    at.now += 10s;
    at.waiting_since = at.now - 5s;
    CHECK(at.offer(0, std::string(limits.queue.bytes_max, 'x')).verdict == offer_verdict::refused);
    CHECK(at.box.queue().usage().events == 4);
    CHECK(at.box.losses().total() == 1);
    CHECK(sums_up(at.box));
  }
}

TEST_CASE("Nothing is dropped when all that may be dropped makes too little room", "[outbox]") {
  store::outbox_limits limits = small_limits(overflow_policy::drop_oldest);
  limits.queue.bytes_max = 4 * (cost_of_empty + 2);
  outbox_fixture at(limits);
  at.route(1);
  at.fill();
  at.box.returned(*at.next());  // two of the four: Iggy may have them
  at.now += 1s;
  CHECK(at.offer(0, std::string(2 * cost_of_empty, 'x')).verdict == offer_verdict::refused);
  CHECK(at.lost(loss_reason::overflow_drop_oldest) == 0);
  CHECK(at.lost(loss_reason::overflow_drop_newest) == 1);
  CHECK(at.offer(0, std::string(cost_of_empty, 'x')).verdict == offer_verdict::accepted);
  CHECK(at.lost(loss_reason::overflow_drop_oldest) == 2);
  CHECK(sums_up(at.box));
}

TEST_CASE("drop_oldest refuses the new event when Iggy may have all the others", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_oldest, 1));
  at.route(1);
  at.fill();
  const auto in_flight = at.next();
  REQUIRE(in_flight);
  at.now += 1s;
  const auto told = at.offer(0);
  CHECK(told.verdict == offer_verdict::refused);
  CHECK(told.reason == loss_reason::overflow_drop_newest);
  CHECK(at.lost(loss_reason::overflow_drop_newest) == 1);
  CHECK(at.reports.size() == 0);  // the caller knows already
  CHECK(sums_up(at.box));
}

TEST_CASE("drop_newest refuses the new event and touches no other", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_newest));
  at.fill();
  at.now += 1s;
  for (int i = 0; i < 3; ++i) {
    CHECK(at.box.accepts(at.now));  // a verdict is ready: no reason to leave it unread
    const auto told = at.offer(0);
    CHECK(told.verdict == offer_verdict::refused);
    CHECK(told.reason == loss_reason::overflow_drop_newest);
  }
  CHECK(at.lost(loss_reason::overflow_drop_newest) == 3);
  CHECK(at.box.queue().usage().events == 4);
  CHECK(sums_up(at.box));
}

TEST_CASE("block lets each event wait its time, then refuses it", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::block));
  at.fill();
  at.now += 10s;
  at.waiting_since = at.now;
  CHECK_FALSE(at.box.accepts(at.now));
  auto told = at.offer(0);
  CHECK(told.verdict == offer_verdict::wait);
  CHECK(told.ask_again_at == at.now + 2s);
  CHECK(at.box.ask_again_at(at.now, at.now) == told.ask_again_at);
  CHECK(at.box.losses().total() == 0);

  at.now = told.ask_again_at;
  CHECK_FALSE(at.box.ask_again_at(at.now, *at.waiting_since));
  told = at.offer(0);
  CHECK(told.verdict == offer_verdict::refused);
  CHECK(told.reason == loss_reason::overflow_block_expired);
  CHECK(at.lost(loss_reason::overflow_block_expired) == 1);
  CHECK(sums_up(at.box));
}

TEST_CASE("The outage begins stall after the queue got its first event", "[outbox]") {
  outbox_fixture at(small_limits(overflow_policy::drop_newest));
  at.route(1);
  at.box.link_up(at.now);
  at.now += 1h;  // idle: nothing could have been committed
  at.fill();
  CHECK(at.offer(0).verdict == offer_verdict::wait);
  at.now += 1s - 1ns;
  CHECK(at.offer(0).verdict == offer_verdict::wait);
  at.now += 1ns;
  CHECK(at.offer(0).verdict == offer_verdict::refused);
}

}  // namespace
}  // namespace vibes::test
