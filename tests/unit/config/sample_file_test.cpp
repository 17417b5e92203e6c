#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

std::string sample() {
  return text_of(VIBES_SOURCE_DIR "/config/vibes-ingestd.toml");
}

/// Whether a comment holds a key, set to its default: "# name = value".
bool is_key_in_comment(const std::string& line) {
  const std::size_t equals = line.find(" = ");
  return line.starts_with("# ") && equals != std::string::npos &&
         line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2) == equals;
}

/// "[section] name = value" for every line that sets a key, or would but for its being a comment;
/// digit separators are left out.
lines assignments_in(const std::string& text) {
  std::istringstream from(text);
  lines found;
  std::string section;
  for (std::string line; std::getline(from, line);) {
    if (line.starts_with('[')) section = line;
    if (is_key_in_comment(line)) line.erase(0, 2);
    const std::size_t equals = line.find(" = ");
    if (line.empty() || line.starts_with('#') || equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    std::string value = line.substr(equals + 3);
    if (!value.starts_with('"') && !value.starts_with('[')) std::erase(value, '_');
    found.push_back(section + " " + name + " = " + value);
  }
  return found;
}

TEST_CASE("The sample shows every key once, in order, with its default", "[config]") {
  CHECK(assignments_in(sample()) == values_of({}));
}

TEST_CASE("The sample as it is shipped means the default settings", "[config]") {
  const config::load_result loaded = load_text(sample());
  CHECK(texts_of(loaded.mistakes) == lines{});
  CHECK(changes_in(loaded.settings) == lines{});
}

TEST_CASE("Each line of the sample is read: a change in it changes its key", "[config]") {
  struct {
    const char* from;
    const char* to;
    const char* becomes;
  } const cases[] = {
      {"max_event_bytes = 1_048_576", "max_event_bytes = 1_000", "[socket] max_event_bytes = 1000"},
      {"generation = \"auto\"", "generation = \"0.6\"", "[iggy] generation = \"0.6\""},
      {"linger_ms = 5", "linger_ms = 0", "[batch] linger_ms = 0"},
      {"overflow = \"drop_oldest\"", "overflow = \"block\"", "[queue] overflow = \"block\""},
      {"# socket = \"/run/vibes-ingestd/admin.sock\"", "socket = \"/a.sock\"",
       "[admin] socket = \"/a.sock\""},
      {"# password = \"iggy\"", "password = \"secret\"", "[iggy] password = \"secret\""},
      {"format = \"auto\"", "format = \"json\"", "[log] format = \"json\""},
      {"drain_ms = 10_000", "drain_ms = 1", "[stop] drain_ms = 1"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.to);
    std::string text = sample();
    const std::size_t at = text.find(each.from);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string(each.from).size(), each.to);
    CHECK(changes_in(load_text(text).settings) == lines{each.becomes});
  }
}

TEST_CASE("No file and an empty file mean the default settings", "[config]") {
  CHECK(changes_in(load_text("").settings) == lines{});
  CHECK(mistakes_of("") == lines{});
  CHECK(mistakes_of("# nothing\n[log]\n") == lines{});
  const config::load_result without = config::load(config::load_sources{});
  CHECK(without.ok());
  CHECK(changes_in(without.settings) == lines{});
}

}  // namespace
}  // namespace vibes::test
