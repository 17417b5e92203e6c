#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/io/journal/posix_file_system.hpp"
#include "daemon/journal/run_note.hpp"
#include "tests/support/temp_dir.hpp"

// Nothing that a process can read tells whether the disk was asked to keep what was written. So the
// two calls are this program's own: they write down what they were given, and then ask the kernel.

namespace {

std::vector<std::string> synced;

std::string name_of(int descriptor) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  return std::filesystem::read_symlink(link).filename().string();
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  synced.push_back("data of " + name_of(descriptor));
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

extern "C" int fsync(int descriptor) {
  synced.push_back("all of " + name_of(descriptor));
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace vibes::test {
namespace {

using io::posix_file_system;
using names = std::vector<std::string>;

/// A directory with the file "a", and what was synced since.
class watched_directory {
 public:
  watched_directory() : files(*posix_file_system::open(dir.file("journal"))) {
    const auto made = files.create("a");
    const std::array<std::byte, 8> bytes{};
    if (!made || !files.write(*made, bytes)) throw std::runtime_error("no file");
    file = *made;
    synced.clear();
  }
  ~watched_directory() { files.close(file); }

  temp_dir dir;
  posix_file_system files;
  journal::file_handle file{};
};

TEST_CASE("A file that is synced is", "[posix_file_system]") {
  watched_directory of;
  REQUIRE(!of.files.sync(of.file));
  CHECK(synced == names{"data of a"});
}

TEST_CASE("A directory that is synced is, with its entries", "[posix_file_system]") {
  watched_directory of;
  REQUIRE(!of.files.sync_directory());
  CHECK(synced == names{"all of journal"});
}

TEST_CASE("A file that is cut is synced, and no other call syncs", "[posix_file_system]") {
  watched_directory of;
  REQUIRE(!of.files.truncate("a", 3));
  CHECK(synced == names{"data of a"});
  synced.clear();
  REQUIRE(!of.files.rename("a", "b"));
  REQUIRE(!of.files.remove("b"));
  CHECK(synced.empty());
}

TEST_CASE("A sync of what is no file is the kernel's error", "[posix_file_system]") {
  const temp_dir dir;
  posix_file_system files = *posix_file_system::open(dir.path());
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  CHECK(files.sync(static_cast<journal::file_handle>(ends[1])).value() == EINVAL);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("A note is on the disk before it has its name, and its name is too",
          "[posix_file_system]") {
  watched_directory of;
  REQUIRE(!journal::write_run_note(of.files, "clean"));
  CHECK(synced == names{"data of last-run.new", "all of journal"});
  CHECK(text_of(of.dir.file("journal/last-run")) == "clean");
  CHECK(*journal::read_run_note(of.files) == "clean");
}

TEST_CASE("Names of files that are renamed stay inside the directory", "[posix_file_system]") {
  watched_directory of;
  CHECK(of.files.rename("a", "../b").value() == EINVAL);
  CHECK(of.files.rename("../a", "b").value() == EINVAL);
  CHECK(of.files.rename("c", "b").value() == ENOENT);
}

}  // namespace
}  // namespace vibes::test
