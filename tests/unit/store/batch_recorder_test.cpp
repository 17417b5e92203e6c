#include "daemon/store/batch_recorder.hpp"

#include <catch2/catch.hpp>

#include "daemon/store/job_in_flight.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using store::batch_recorded;

/// Batches of one event each.
struct recorder_story {
  store::batch_recorder recorder;
  std::vector<store::sequence_number> written;

  store::batch batch_of(store::entry& event) const {
    store::batch made;
    made.entries.push_back(&event);
    made.lane = static_cast<std::size_t>(event.sequence);
    return made;
  }
  void hand_over() {
    recorder.hand_over(
        [&](const store::batch& each) { written.push_back(each.entries.front()->sequence); });
  }
};

}  // namespace

TEST_CASE("A batch is written behind its events, and sent when that worked", "[batch recorder]") {
  recorder_story story;
  store::entry first;
  first.sequence = 1;
  store::entry second;
  second.sequence = 2;
  second.was_recorded = true;
  story.recorder.add(story.batch_of(first));
  story.recorder.add(story.batch_of(second));
  story.hand_over();
  CHECK(story.written == sequences{2});
  CHECK_FALSE(story.recorder.take_ready({}));
  CHECK(story.recorder.job_ends(true) == 1);
  const std::optional<store::batch> ready = story.recorder.take_ready({});
  REQUIRE(ready);
  CHECK(numbers(*ready) == sequences{2});
  CHECK(ready->recorded == batch_recorded::yes);
  first.was_recorded = true;
  story.hand_over();
  CHECK(story.written == sequences{2, 1});
}

TEST_CASE("A batch whose job failed is sent, and may be recorded", "[batch recorder]") {
  recorder_story story;
  store::entry event;
  event.was_recorded = true;
  story.recorder.add(story.batch_of(event));
  story.hand_over();
  CHECK(story.recorder.job_ends(false) == 0);
  CHECK(story.recorder.take_ready({})->recorded == batch_recorded::maybe);
}

TEST_CASE("Batches that wait for a journal that takes none are sent unrecorded",
          "[batch recorder]") {
  recorder_story story;
  store::entry event;
  story.recorder.add(story.batch_of(event));
  story.recorder.stop_waiting();
  CHECK(story.recorder.take_ready({})->recorded == batch_recorded::no);
  CHECK_FALSE(story.recorder.take_ready({}));
}

TEST_CASE("A link gets ready batches of its own lanes only", "[batch recorder]") {
  recorder_story story;
  store::entry event;
  event.sequence = 1;
  story.recorder.add(story.batch_of(event));
  story.recorder.stop_waiting();
  const std::vector<std::uint8_t> leaders{7, 8};
  CHECK_FALSE(story.recorder.take_ready({leaders, 7}));
  CHECK(story.recorder.take_ready({leaders, 8}));
}

TEST_CASE("A job hangs when it is out for too long", "[job in flight]") {
  store::job_in_flight job;
  CHECK_FALSE(job.hangs(start_of_time + 9s, 1s));
  journal::journal_job open;
  open.open = true;
  job.begins(open, false, start_of_time);
  CHECK(job.is_out());
  CHECK_FALSE(job.hangs(start_of_time + 999ms, 1s));
  CHECK(job.hangs(start_of_time + 1s, 1s));
  job.ends();
  CHECK_FALSE(job.hangs(start_of_time + 1s, 1s));
}

TEST_CASE("That a job was an attempt to open the journal is told once", "[job in flight]") {
  store::job_in_flight job;
  journal::journal_job open;
  open.open = true;
  job.begins(open, false, start_of_time);
  job.ends();
  CHECK(job.take_attempt());
  CHECK_FALSE(job.take_attempt());
  job.begins({}, true, start_of_time);
  CHECK_FALSE(job.take_attempt());
  CHECK(job.is_closing());
}

}  // namespace vibes::test
