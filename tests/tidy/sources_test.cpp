#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <regex>

#include "tests/tidy/source_tree.hpp"

// What the code promises about itself, where a machine can tell.

namespace vibes::test {
namespace {

constexpr std::size_t file_lines_max = 320;
constexpr std::size_t production_file_lines_max = 300;
constexpr std::size_t driver_lines_max = 150;
constexpr std::size_t room_share_max = 18;  // in hundredths
constexpr std::size_t function_lines_max = 70;

/// Lines of the longest block that begins at the left margin and is no namespace or type.
std::size_t longest_function(const source_file& file) {
  std::size_t longest = 0;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    const bool at_margin = !line.empty() && line[0] != ' ' && line[0] != '}' && line[0] != '/';
    if (!inside && at_margin && line.ends_with(") {")) {
      inside = true;
      begin = i;
    }
    if (inside && line == "}") {
      longest = std::max(longest, i - begin + 1);
      inside = false;
    }
  }
  return longest;
}

struct ban {
  const char* what;
  std::regex pattern;
  std::vector<std::string> allowed_in;
};

const std::vector<ban> bans = {
    {"the wall clock has one place",
     std::regex("system_clock::now"),
     {"daemon/io/process/wall_clock.hpp"}},
    {"only the blocking commands may sleep",
     std::regex("sleep_for|usleep\\(|[^_]sleep\\("),
     {"daemon/consumer/consumer.cpp"}},
    {"the environment is the settings' business",
     std::regex("[^_]getenv\\("),
     {"config/command_line.cpp", "config/sources.cpp", "daemon/io/process/log_sink.cpp",
      "daemon/io/process/service_manager.cpp"}},
    {"std::endl flushes", std::regex("std::endl"), {}},
    // A lookup's, which a name server may keep for half a minute: it owns all that it touches.
    {"an orphaned thread or coroutine",
     std::regex("\\.detach\\(\\)"),
     {"daemon/base/name_lookup.cpp"}},
    {"unfinished business belongs in an issue", std::regex("TODO|FIXME|XXX"), {}},
};

TEST_CASE("Files are of a length that one reads, and so are functions", "[tidy]") {
  for (const source_file& file : all_sources()) {
    CAPTURE(file.path);
    CHECK(file.lines.size() <= file_lines_max);
    CHECK(longest_function(file) <= function_lines_max);
    for (const std::string& line : file.lines) CHECK(line.find('\t') == std::string::npos);
  }
}

TEST_CASE("No room of the program is two", "[tidy]") {
  std::map<std::string, std::size_t> lines;
  std::size_t all = 0;
  for (const source_file& file : files_below({"protocol", "config", "daemon"}, {".cpp", ".hpp"})) {
    CAPTURE(file.path);
    CHECK(file.lines.size() < production_file_lines_max);
    lines[room_of(file.path)] += file.lines.size();
    all += file.lines.size();
  }
  for (const auto& [room, count] : lines) {
    CAPTURE(room, count, all);
    CHECK(count * 100 <= all * room_share_max);
  }
}

TEST_CASE("A driver is short, or its room's page says why not", "[tidy]") {
  std::size_t checked = 0;
  for (const source_file& file : files_below({"daemon/io"}, {".cpp", ".hpp"})) {
    ++checked;
    if (file.lines.size() < driver_lines_max) continue;
    const source_file page = read_file(room_of(file.path) + "/README.md");
    const std::string name = std::filesystem::path(file.path).filename().string();
    CAPTURE(file.path, file.lines.size());
    CHECK(std::ranges::any_of(page.lines, [&](const std::string& line) {
      return line.find("`" + name + "` is long") != std::string::npos;
    }));
  }
  CHECK(checked > 40);
}

TEST_CASE("Calls that do not belong are not made", "[tidy]") {
  for (const source_file& file : files_below({"protocol", "config", "daemon"}, {".cpp", ".hpp"})) {
    for (const ban& each : bans) {
      if (std::ranges::count(each.allowed_in, file.path) > 0) continue;
      for (const std::string& line : file.lines) {
        CAPTURE(file.path, line, each.what);
        CHECK_FALSE(std::regex_search(line, each.pattern));
      }
    }
  }
}

TEST_CASE("Tests wait for what they can observe and do not sleep", "[tidy]") {
  const std::regex sleeping("sleep_for\\(|[^_]sleep\\(|usleep\\(");
  for (const source_file& file : files_below({"tests"}, {".cpp", ".hpp"})) {
    if (file.path.starts_with("tests/tidy/")) continue;
    for (const std::string& line : file.lines) {
      CAPTURE(file.path, line);
      CHECK_FALSE(std::regex_search(line, sleeping));
    }
  }
}

TEST_CASE("No test's name has a semicolon, at which CTest would cut it and run nothing", "[tidy]") {
  const std::regex cut("TEST_CASE\\(\"[^\"]*;");
  for (const source_file& file : files_below({"tests"}, {".cpp"})) {
    for (const std::string& line : file.lines) {
      CAPTURE(file.path, line);
      CHECK_FALSE(std::regex_search(line, cut));
    }
  }
}

TEST_CASE("Every source is built", "[tidy]") {
  const std::vector<source_file> lists =
      files_below({"protocol", "config", "daemon", "tests"}, {".txt"});
  for (const source_file& file : all_sources()) {
    if (!file.path.ends_with(".cpp")) continue;
    const bool listed = std::ranges::any_of(lists, [&](const source_file& list) {
      const std::string room = room_of(list.path);
      if (!list.path.ends_with("CMakeLists.txt") || !file.path.starts_with(room + "/"))
        return false;
      const std::string name = file.path.substr(room.size() + 1);
      return std::ranges::any_of(list.lines, [&](const std::string& line) {
        const std::size_t at = line.find(name);
        return at != std::string::npos && (at == 0 || line[at - 1] == ' ' || line[at - 1] == '(');
      });
    });
    CAPTURE(file.path);
    CHECK(listed);
  }
}

}  // namespace
}  // namespace vibes::test
