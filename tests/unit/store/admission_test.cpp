#include "daemon/store/admission.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using store::admission_limits;
using store::overflow_policy;
using store::overflow_verdict;
using store::progress_watch;

constexpr overflow_policy every_policy[] = {overflow_policy::drop_oldest,
                                            overflow_policy::drop_newest, overflow_policy::block};

constexpr time_point at(duration after_start) {
  return start_of_time + after_start;
}

/// What the queue has seen, told as a story; stall is 1 s in all of them.
struct story {
  const char* name;
  progress_watch progress;
  duration stalled_at;
};

std::vector<story> stories() {
  const progress_watch started(start_of_time);
  std::vector<story> told;
  told.push_back({"never connected", started, 1s});

  story connected{"connected, and nothing committed since the start", started, 1s};
  connected.progress.link_up();
  told.push_back(connected);

  story committing{"commits come", connected.progress, 6s};
  committing.progress.committed(at(5s));
  told.push_back(committing);

  story busy{"the queue was empty until now", connected.progress, 8s};
  busy.progress.became_busy(at(7s));
  told.push_back(busy);

  story lost{"the link was lost long after the last commit", committing.progress, 6s};
  lost.progress.link_down(at(5'500ms));
  told.push_back(lost);

  story lost_while_idle{"the link was lost, then the queue got its first event", started, 5s};
  lost_while_idle.progress.link_up();
  lost_while_idle.progress.link_down(at(4s));
  lost_while_idle.progress.became_busy(at(20s));
  told.push_back(lost_while_idle);

  story down_twice{"a second failure does not start the clock anew", lost_while_idle.progress, 5s};
  down_twice.progress.link_down(at(30s));
  told.push_back(down_twice);

  story back{"the link is back, no commit yet", lost.progress, 6s};
  back.progress.link_up();
  told.push_back(back);
  return told;
}

TEST_CASE("The overflow policy waits for an outage, whichever it is", "[admission]") {
  for (const story& each : stories()) {
    CAPTURE(each.name);
    CHECK(each.progress.stalled_at(1s) == at(each.stalled_at));
    for (const overflow_policy policy : every_policy) {
      const admission_limits limits{policy, 0ms, 1s};
      CHECK(decide_overflow(limits, each.progress, at(each.stalled_at - 1ns), start_of_time) ==
            overflow_verdict::wait);
      CHECK(decide_overflow(limits, each.progress, at(each.stalled_at), start_of_time) !=
            overflow_verdict::wait);
    }
  }
}

TEST_CASE("In an outage each policy does what its name says", "[admission]") {
  struct {
    const char* name;
    overflow_policy policy;
    duration now;
    duration waiting_since;
    overflow_verdict expected;
  } const cases[] = {
      {"drop_oldest", overflow_policy::drop_oldest, 1s, 0s, overflow_verdict::drop_oldest},
      {"drop_oldest, later", overflow_policy::drop_oldest, 1h, 1h, overflow_verdict::drop_oldest},
      {"drop_newest", overflow_policy::drop_newest, 1s, 0s, overflow_verdict::refuse},
      {"block, just offered", overflow_policy::block, 10s, 10s, overflow_verdict::wait},
      {"block, has time left", overflow_policy::block, 12s - 1ns, 10s, overflow_verdict::wait},
      {"block, time is up", overflow_policy::block, 12s, 10s, overflow_verdict::refuse},
      {"block, waited since before the outage", overflow_policy::block, 1s, -5s,
       overflow_verdict::refuse},
  };
  const progress_watch down(start_of_time);
  for (const auto& each : cases) {
    CAPTURE(each.name);
    const admission_limits limits{each.policy, 2s, 1s};
    CHECK(decide_overflow(limits, down, at(each.now), at(each.waiting_since)) == each.expected);
  }
}

TEST_CASE("A producer told to wait asks again when the answer can be another", "[admission]") {
  for (const story& each : stories()) {
    for (const overflow_policy policy : every_policy) {
      for (const duration since : {0s, 3s, 7s, 40s}) {
        CAPTURE(each.name, static_cast<int>(policy), since.count());
        const admission_limits limits{policy, 2s, 1s};
        const time_point again = ask_again_at(limits, each.progress, at(since));
        CHECK(decide_overflow(limits, each.progress, again, at(since)) != overflow_verdict::wait);
        CHECK(decide_overflow(limits, each.progress, again - 1ns, at(since)) ==
              overflow_verdict::wait);
      }
    }
  }
}

}  // namespace
}  // namespace vibes::test
