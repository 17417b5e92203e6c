#include <catch2/catch.hpp>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

TEST_CASE("Keys that must fit together are checked where one of them was set", "[config]") {
  struct {
    const char* text;
    const char* expected;
  } const cases[] = {
      {"[iggy]\nbackoff_min_ms = 20_000\n",
       "2:1: error: [iggy] backoff_max_ms: must not be less than backoff_min_ms"},
      {"[iggy]\nbackoff_max_ms = 49\n",
       "2:1: error: [iggy] backoff_max_ms: must not be less than backoff_min_ms"},
      {"[queue]\nbytes_max = 2_097_663\n",
       "2:1: error: [queue] bytes_max: must hold at least two events of [socket] "
       "max_event_bytes (2097664)"},
      {"[socket]\nmax_event_bytes = 5_000_000\n[queue]\n\nbytes_max = 10_000_000\n",
       "2:1: error: [queue] bytes_max: must hold at least two events of [socket] "
       "max_event_bytes (10000512)"},
      {"[socket]\npartial_lines_bytes_max = 1_048_575\n",
       "2:1: error: [socket] partial_lines_bytes_max: must not be less than max_event_bytes"},
      {"[dead_letter]\npath = \"/d\"\nbytes_max = 4_198_399\n",
       "3:1: error: [dead_letter] bytes_max: must hold an event of [socket] max_event_bytes in "
       "half of it (4198400)"},
      {"[dead_letter]\npath = \"d\"\n", "2:1: error: [dead_letter] path: must be an absolute path"},
      {"[journal]\nbytes_max = 4_210_687\n",
       "2:1: error: [journal] bytes_max: must hold at least four events of [socket] "
       "max_event_bytes (4210688)"},
      {"[admin]\nsocket = \"/run/vibes-ingestd/events.sock\"\n",
       "2:1: error: [admin] socket: must not be the events' own socket"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text);
    CHECK(mistakes_of(each.text) == lines{"f.toml:" + std::string(each.expected)});
  }
}

TEST_CASE("Keys that just fit together are no mistake", "[config]") {
  const char* const texts[] = {
      "[iggy]\nbackoff_min_ms = 10_000\n",
      "[iggy]\nbackoff_max_ms = 50\n",
      "[queue]\nbytes_max = 2_097_664\n",
      "[socket]\npartial_lines_bytes_max = 1_048_576\n",
      "[dead_letter]\npath = \"/d\"\nbytes_max = 4_198_400\n",
      "[dead_letter]\nbytes_max = 65_536\n",
  };
  for (const char* const each : texts) {
    CAPTURE(each);
    CHECK(mistakes_of(each) == lines{});
  }
}

TEST_CASE("Settings that do not fit name the variable that set them", "[config]") {
  CHECK(mistakes_of("", {{"VIBES_INGESTD_IGGY_BACKOFF_MAX_MS", "10"}}) ==
        lines{"environment VIBES_INGESTD_IGGY_BACKOFF_MAX_MS: error: [iggy] backoff_max_ms: must "
              "not be less than backoff_min_ms"});
}

TEST_CASE("The journal is where the settings say, or in the service's own directory", "[config]") {
  struct {
    const char* text;
    const char* state_directory;
    const char* is_in;
  } const cases[] = {
      {"", "", ""},
      {"", "/var/lib/vibes-ingestd", "/var/lib/vibes-ingestd/journal"},
      {"", "/var/lib/a:/var/lib/b", "/var/lib/a/journal"},
      {"", "relative", ""},
      {"[journal]\ndirectory = \"\"\n", "/var/lib/vibes-ingestd", ""},
      {"[journal]\ndirectory = \"/j\"\n", "/var/lib/vibes-ingestd", "/j"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text, each.state_directory);
    const config::load_result loaded =
        load_text(each.text, {{"STATE_DIRECTORY", each.state_directory}});
    CHECK(loaded.ok());
    CHECK(loaded.settings.journal.resolved_directory == each.is_in);
  }
  CHECK(mistakes_of("[journal]\ndirectory = \"j\"\n") ==
        lines{"f.toml:2:1: error: [journal] directory: must be \"auto\", empty, or an absolute "
              "path"});
}

}  // namespace
}  // namespace vibes::test
