#include <catch2/catch.hpp>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

struct mistake {
  const char* text;
  const char* expected;  // behind "f.toml:"
};

void each_is_told(const std::vector<mistake>& cases) {
  for (const mistake& each : cases) {
    CAPTURE(each.text);
    CHECK(mistakes_of(each.text) == lines{"f.toml:" + std::string(each.expected)});
  }
}

TEST_CASE("An unknown name is refused with the nearest known one", "[config]") {
  each_is_told({
      {"[batch]\nlinger = 5\n",
       "2:1: error: [batch] has no key \"linger\" (did you mean \"linger_ms\"?)"},
      {"[iggy]\n\n  adresses = []\n",
       "3:3: error: [iggy] has no key \"adresses\" (did you mean \"addresses\"?)"},
      {"[queue]\ncompletely_other = 1\n", "2:1: error: [queue] has no key \"completely_other\""},
      // Known, but in another section.
      {"[batch]\nblock_ms = 1\n", "2:1: error: [batch] has no key \"block_ms\""},
      {"[queu]\nevents_max = 5\n", "1:2: error: unknown section [queu] (did you mean \"queue\"?)"},
      {"[tls]\n", "1:2: error: unknown section [tls]"},
      {"stream = \"vibes\"\n", "1:1: error: unknown key \"stream\" outside a section"},
      {"iggy = 1\n", "1:1: error: [iggy] must be a section"},
      {"[[iggy]]\nstream = \"a\"\n", "1:3: error: [iggy] must be a section"},
  });
}

TEST_CASE("A value of the wrong type is refused", "[config]") {
  const char* const list = ": must be a list of texts such as [\"127.0.0.1:8090\"]";
  each_is_told({
      {"[queue]\nevents_max = \"many\"", "2:1: error: [queue] events_max: must be a whole number"},
      {"[queue]\nevents_max = 1.5", "2:1: error: [queue] events_max: must be a whole number"},
      {"[queue]\nevents_max = true", "2:1: error: [queue] events_max: must be a whole number"},
      {"[queue]\noverflow = 1", "2:1: error: [queue] overflow: must be a text in quotes"},
      {"[iggy]\nstream = 7", "2:1: error: [iggy] stream: must be a text in quotes"},
      {"[iggy]\nstream = [\"a\"]", "2:1: error: [iggy] stream: must be a text in quotes"},
      {"[iggy]\ncreate = \"yes\"", "2:1: error: [iggy] create: must be true or false"},
      {"[iggy]\ncreate = 1", "2:1: error: [iggy] create: must be true or false"},
      {"[iggy.stream]\nname = \"a\"", "1:7: error: [iggy] stream: must be a text in quotes"},
  });
  for (const char* const text : {"\"127.0.0.1:8090\"", "[1]", "[\"127.0.0.1:8090\", 1]"}) {
    CAPTURE(text);
    CHECK(mistakes_of("[iggy]\naddresses = " + std::string(text)) ==
          lines{"f.toml:2:1: error: [iggy] addresses" + std::string(list)});
  }
}

TEST_CASE("Sizes and times are numbers: a unit is not understood", "[config]") {
  each_is_told({
      {"[queue]\nbytes_max = \"64MiB\"", "2:1: error: [queue] bytes_max: must be a whole number"},
      {"[batch]\nlinger_ms = \"5ms\"", "2:1: error: [batch] linger_ms: must be a whole number"},
      {"[stop]\ndrain_ms = \"10s\"", "2:1: error: [stop] drain_ms: must be a whole number"},
  });
  CHECK(mistakes_of("[stop]\ndrain_ms = 10s\n").size() == 1);
  CHECK(load_text("[queue]\nbytes_max = 0x8000000").settings.queue.bytes_max == 134'217'728);
}

TEST_CASE("Every mistake is told in one run, in the order of the file", "[config]") {
  const lines told = mistakes_of(R"([queue]
overflow = "drop"
events_max = 1

[dead_letter]
bytes_max = 1

[iggy]
addresses = ["127.0.0.1"]
token = "x"
create = 0

[sockets]
mode = "0660"
[socket]
mode = "0668"
)");
  CHECK(told == lines{
                    "f.toml:2:1: error: [queue] overflow: must be one of \"drop_oldest\", "
                    "\"drop_newest\", \"block\", not \"drop\" (did you mean \"drop_oldest\"?)",
                    "f.toml:3:1: error: [queue] events_max: must be between 2 and 1000000000, "
                    "not 1",
                    "f.toml:6:1: error: [dead_letter] bytes_max: must be between 65536 and "
                    "1099511627776, not 1",
                    "f.toml:9:1: error: [iggy] addresses: \"127.0.0.1\" must be host:port or "
                    "[v6]:port, such as \"127.0.0.1:8090\"",
                    "f.toml:10:1: error: [iggy] has no key \"token\" (did you mean "
                    "\"token_file\"?)",
                    "f.toml:11:1: error: [iggy] create: must be true or false",
                    "f.toml:13:2: error: unknown section [sockets] (did you mean \"socket\"?)",
                    "f.toml:16:1: error: [socket] mode: must be four octal digits such as \"0660\"",
                });
}

TEST_CASE("A file that is no TOML is one mistake at its place", "[config]") {
  struct {
    const char* text;
    const char* place;
  } const cases[] = {
      {"[socket\n", "f.toml:1:8: error: not valid TOML: "},
      {"[log]\nlevel = \n", "f.toml:2:9: error: not valid TOML: "},
      {"[log]\nlevel = \"info\"\nlevel = \"debug\"\n", "f.toml:3:9: error: not valid TOML: "},
      {"[log]\nlevel = \"info\n", "f.toml:2:14: error: not valid TOML: "},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text);
    const lines told = mistakes_of(each.text);
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0], Catch::StartsWith(each.place));
  }
}

TEST_CASE("A mistake that has no line is told without one", "[config]") {
  CHECK(config::diagnostic{"environment X", 0, 0, "wrong"}.text() == "environment X: error: wrong");
  CHECK(config::diagnostic{"f.toml", 3, 7, "wrong"}.text() == "f.toml:3:7: error: wrong");
}

}  // namespace
}  // namespace vibes::test
