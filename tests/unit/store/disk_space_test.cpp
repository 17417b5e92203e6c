#include "daemon/store/disk_space.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using store::disk_space;

/// 1,000 bytes of which 200 are not for events, in segments of 100, and jobs of at most 60.
disk_space space_with(std::uint64_t bytes, std::uint64_t live_bytes,
                      std::uint64_t live_events = 0) {
  disk_space made({{1'000, 100, 200}, 60, 1s});
  journal::journal_usage usage;
  usage.bytes = bytes;
  usage.bytes_cap = 1'000;
  usage.live_bytes = live_bytes;
  usage.live_events = live_events;
  made.update(usage);
  return made;
}

}  // namespace

TEST_CASE("Free is what the reserve leaves, or what moving live events would make",
          "[disk space]") {
  CHECK(space_with(300, 300).free_bytes() == 500);
  CHECK(space_with(790, 100).free_bytes() == 500);  // three quarters of 800, less what is live
  CHECK(space_with(790, 700).free_bytes() == 10);
  CHECK(space_with(900, 700).free_bytes() == 0);
  CHECK_FALSE(space_with(900, 700).is_over_its_limit());
}

TEST_CASE("Near the cap a job is small", "[disk space]") {
  CHECK(space_with(740, 700).job_bytes_max() == 60);
  CHECK(space_with(741, 700).job_bytes_max() == 25);
}

TEST_CASE("A segment holds as many events as their size now says", "[disk space]") {
  CHECK(space_with(0, 0).events_in_a_segment() == 1);
  CHECK(space_with(400, 400, 40).events_in_a_segment() == 10);
}

TEST_CASE("A new event takes the place of dropped ones only when there is no room",
          "[disk space]") {
  disk_space space = space_with(0, 0);
  CHECK_FALSE(space.has_place_of_dropped(10));
  space.note_dropped(10);
  space.note_dropped(10);
  CHECK_FALSE(space.has_place_of_dropped(10));  // releases take room, too
  space.note_dropped(10);
  CHECK(space.has_place_of_dropped(10));
  const std::uint64_t before = space.dropped_bytes();
  SECTION("beyond the room") {
    space.note_taken(10, true);
    CHECK(space.dropped_bytes() == before - store::disk_place_of(10));
    space.note_taken(1'000, true);
    CHECK(space.dropped_bytes() == 0);
  }
  SECTION("with room") {
    space.note_taken(10, false);
    CHECK(space.dropped_bytes() == 0);
  }
}

TEST_CASE("Room is made by the end of the next job, not of one that was out", "[disk space]") {
  disk_space space = space_with(0, 0);
  space.job_begins(false);
  space.make_room();
  CHECK(space.wants_releases());
  space.job_ends();
  CHECK(space.makes_room());
  space.job_begins(true);
  CHECK_FALSE(space.wants_releases());
  CHECK(space.makes_room());
  space.job_ends();
  CHECK_FALSE(space.makes_room());
}

TEST_CASE("Releases are wanted until a job has some", "[disk space]") {
  disk_space space = space_with(0, 0);
  space.make_room();
  space.job_begins(false);
  CHECK(space.wants_releases());
}

TEST_CASE("A full journal is tried again after a while", "[disk space]") {
  disk_space space = space_with(800, 800);
  CHECK(space.may_write(start_of_time, false));
  CHECK_FALSE(space.refused(false, start_of_time));
  CHECK(space.is_full());
  CHECK(space.try_at() == start_of_time + 1s);
  CHECK_FALSE(space.may_write(start_of_time + 999ms, false));
  CHECK(space.may_write(start_of_time + 1s, false));
  CHECK_FALSE(space.is_full());
}

TEST_CASE("A stop tries a full journal once", "[disk space]") {
  disk_space space = space_with(800, 800);
  space.refused(false, start_of_time);
  CHECK(space.may_write(start_of_time, true));
  CHECK_FALSE(space.is_full_for_good());
  CHECK(space.refused(true, start_of_time));
  CHECK(space.is_full_for_good());
  CHECK_FALSE(space.may_write(start_of_time, true));
  CHECK_FALSE(space.refused(true, start_of_time));
}

TEST_CASE("A full journal is not full any more when enough has gone", "[disk space]") {
  disk_space space = space_with(800, 800);
  space.refused(false, start_of_time);
  journal::journal_usage usage = space.usage();
  const auto is_full_with = [&](std::uint64_t bytes, std::uint64_t live_bytes) {
    usage.bytes = bytes;
    usage.live_bytes = live_bytes;
    space.update(usage);
    space.reconsider(start_of_time);
    return space.is_full();
  };
  CHECK(is_full_with(800, 751));
  SECTION("of its files") {
    CHECK_FALSE(is_full_with(799, 800));
  }
  SECTION("of what is live in them: half a segment") {
    CHECK_FALSE(is_full_with(800, 750));
  }
}

TEST_CASE("After what was refused is tried again, nothing is dropped for it", "[disk space]") {
  disk_space space = space_with(800, 800);
  space.refused(false, start_of_time);
  space.note_dropped(10);
  space.try_again();
  CHECK_FALSE(space.is_full());
  CHECK(space.wants_releases());
  CHECK(space.dropped_bytes() == 0);
}

}  // namespace vibes::test
