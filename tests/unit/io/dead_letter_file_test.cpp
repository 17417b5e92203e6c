#include "daemon/io/admin/dead_letter_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;

using io::dead_letter_appender;
using io::dead_letter_file;
using io::try_dead_letter_file;
using lines = std::deque<std::string>;

std::string of_size(std::size_t bytes) {
  return std::string(bytes - 1, 'x') + "\n";
}

TEST_CASE("The file is made for its owner alone, in a directory that is there", "[dead_letter]") {
  const temp_dir dir;
  CHECK(!try_dead_letter_file(dir.file("d")));
  struct stat made {};
  REQUIRE(::stat(dir.file("d").c_str(), &made) == 0);
  CHECK((made.st_mode & 07777) == 0600);
  CHECK(try_dead_letter_file(dir.file("none/d")) == boost::system::errc::no_such_file_or_directory);
  CHECK(try_dead_letter_file(dir.path()) == boost::system::errc::is_a_directory);
  REQUIRE(::mkfifo(dir.file("pipe").c_str(), 0600) == 0);
  CHECK(try_dead_letter_file(dir.file("pipe")) == boost::system::errc::invalid_argument);
}

TEST_CASE("Lines are appended to what is there", "[dead_letter]") {
  const temp_dir dir;
  const std::string path = dir.write("d", "old\n");
  const auto done = dead_letter_appender(path, 1'000).append({"a\n", "b\n"});
  CHECK(!done.error);
  CHECK(done.lines == 2);
  CHECK(done.bytes == 4);
  CHECK(done.files_bytes == 8);
  CHECK(text_of(path) == "old\na\nb\n");
}

TEST_CASE("A line that broke off before does not spoil the next one", "[dead_letter]") {
  const temp_dir dir;
  const std::string path = dir.write("d", "whole\nbrok");
  CHECK(dead_letter_appender(path, 1'000).append({"a\n"}).lines == 1);
  CHECK(text_of(path) == "whole\nbrok\na\n");
}

TEST_CASE("At half of the bytes the file becomes PATH.1, and an older one is counted as lost",
          "[dead_letter]") {
  const temp_dir dir;
  const std::string path = dir.file("d");
  const dead_letter_appender appender(path, 100);
  CHECK(appender.append({of_size(25), of_size(25)}).rotated_entries == 0);
  CHECK(appender.append({of_size(10)}).rotated_entries == 0);
  CHECK(text_of(path + ".1").size() == 50);
  CHECK(text_of(path).size() == 10);
  const auto third = appender.append({of_size(45), of_size(20)});
  CHECK(third.lines == 2);
  CHECK(third.rotated_entries == 2 + 1);
  CHECK(text_of(path + ".1") == of_size(45));
  CHECK(text_of(path) == of_size(20));
  CHECK(third.files_bytes == 65);
}

TEST_CASE("Files from a larger limit give way to a smaller one", "[dead_letter]") {
  const temp_dir dir;
  const std::string path = dir.write("d", of_size(500));
  dir.write("d.1", of_size(500) + of_size(500));
  const auto done = dead_letter_appender(path, 100).append({of_size(10)});
  CHECK(!done.error);
  CHECK(done.rotated_entries == 3);
  CHECK(text_of(path) == of_size(10));
  CHECK_THROWS(text_of(path + ".1"));
}

admin::dead_letter letter(std::string_view payload) {
  admin::dead_letter made;
  made.code = "invalid_json";
  made.payload = payload;
  made.whole_bytes = payload.size();
  return made;
}

std::size_t entries_in(const std::string& path) {
  const std::string text = text_of(path);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE("Every letter is in the file when it has finished", "[dead_letter]") {
  const temp_dir dir;
  const std::string path = dir.file("d");
  dead_letter_file file(path, 1 << 20);
  for (int i = 0; i < 1'000; ++i) file.add(letter("{"));
  CHECK(file.finish(10s) == 0);
  CHECK(file.finish(10s) == 0);
  CHECK(entries_in(path) == 1'000);
  const admin::dead_letter_report report = file.report();
  CHECK(report.path == path);
  CHECK(report.entries == 1'000);
  CHECK(report.bytes == text_of(path).size());
  CHECK(report.dropped_entries == 0);
  CHECK(!report.failing);
}

TEST_CASE("While the disk refuses letters wait, then are dropped, and it goes on by itself",
          "[dead_letter]") {
  const temp_dir dir;
  const std::string folder = dir.file("folder");
  const std::string path = folder + "/d";
  dead_letter_file file(path, 64 << 20);
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 10; ++i) file.add(letter(large));
  while (!file.report().failing) std::this_thread::yield();
  CHECK(file.report().last_error == boost::system::errc::no_such_file_or_directory);
  CHECK(file.report().entries == 0);
  const std::uint64_t dropped = file.report().dropped_entries;
  CHECK(dropped == 7);  // three of a little more than 1 MiB fit into the buffer
  std::filesystem::create_directory(folder);
  while (file.report().failing) std::this_thread::yield();
  CHECK(file.report().entries == 3);
  file.add(letter("{"));
  CHECK(file.finish(10s) == 0);
  CHECK(entries_in(path) == 4);
  CHECK(file.report().dropped_entries == 7);
  CHECK(file.report().last_error_at);
}

TEST_CASE("A file that is moved away meanwhile is made anew", "[dead_letter]") {
  const temp_dir dir;
  const std::string path = dir.file("d");
  dead_letter_file file(path, 1 << 20);
  file.add(letter("{"));
  while (file.report().entries == 0) std::this_thread::yield();
  std::filesystem::rename(path, path + ".mine");
  file.add(letter("{"));
  CHECK(file.finish(10s) == 0);
  CHECK(entries_in(path) == 1);
  CHECK(entries_in(path + ".mine") == 1);
}

TEST_CASE("What the disk does not take at the end is told", "[dead_letter]") {
  const temp_dir dir;
  dead_letter_file file(dir.file("none/d"), 1 << 20);
  file.add(letter("{"));
  CHECK(file.finish(10s) == 1);
}

}  // namespace
}  // namespace vibes::test
