#include "daemon/io/journal/journal_lock.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "daemon/io/journal/posix_file_system.hpp"
#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

using io::flock_holder;

TEST_CASE("The holder of a lock is found in the system's list", "[journal_lock]") {
  const std::string list =
      "1: POSIX  ADVISORY  WRITE 11 08:01:131 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 12 08:01:132 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 13 fe:1f:131 0 EOF\n"
      "3: -> FLOCK  ADVISORY  WRITE 14 08:01:131 0 EOF\n"
      "4: FLOCK  ADVISORY  WRITE 0 08:01:131 0 EOF\n"
      "5: FLOCK  ADVISORY  WRITE 4194304 08:01:131 0 EOF";
  CHECK(flock_holder(list, 8, 1, 132) == 12);
  CHECK(flock_holder(list, 0xfe, 0x1f, 131) == 13);
  CHECK(flock_holder(list, 8, 1, 131) == 4'194'304);
  CHECK(flock_holder(list, 8, 1, 133) == 0);
  CHECK(flock_holder(list, 8, 2, 132) == 0);
  CHECK(flock_holder("", 8, 1, 131) == 0);
  CHECK(flock_holder("1: FLOCK", 8, 1, 131) == 0);
}

TEST_CASE("A journal's lock is seen while somebody holds it, and left alone", "[journal_lock]") {
  const temp_dir dir;
  CHECK(!io::inspect_journal_lock(dir.file("none")).is_held);
  CHECK(!io::inspect_journal_lock(dir.path()).is_held);
  CHECK(!std::filesystem::exists(dir.file("lock")));
  {
    auto files = io::posix_file_system::open(dir.path());
    REQUIRE(!files->lock("lock"));
    const admin::lock_state seen = io::inspect_journal_lock(dir.path());
    CHECK(seen.is_held);
    // A container's system may not say who.
    CHECK((seen.holder_pid == ::getpid() || seen.holder_pid == 0));
    CHECK(io::explain_lock(dir.path(), {true, 42}) == dir.file("lock is held by pid 42"));
    CHECK(io::explain_lock(dir.path(), {true, 0}) == dir.file("lock is held by another process"));
  }
  CHECK(!io::inspect_journal_lock(dir.path()).is_held);
  auto files = io::posix_file_system::open(dir.path());
  CHECK(!files->lock("lock"));
}

}  // namespace
}  // namespace vibes::test
