#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

TEST_CASE("The variable of a key is the prefix, its section and its name", "[config]") {
  config::settings settings;
  lines names;
  for (const config::key_binding& each : config::bind_keys(settings)) {
    std::string name = "VIBES_INGESTD_" + std::string(each.section) + "_" + std::string(each.name);
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    CHECK(each.environment_variable() == name);
    names.push_back(name);
  }
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
}

TEST_CASE("A variable wins over the file, and a key of each kind can be set", "[config]") {
  struct {
    const char* variable;
    const char* value;
    const char* becomes;
  } const cases[] = {
      {"VIBES_INGESTD_QUEUE_EVENTS_MAX", "50000", "[queue] events_max = 50000"},
      {"VIBES_INGESTD_QUEUE_OVERFLOW", "block", "[queue] overflow = \"block\""},
      {"VIBES_INGESTD_IGGY_CREATE", "false", "[iggy] create = false"},
      {"VIBES_INGESTD_IGGY_STREAM", "other, stream", "[iggy] stream = \"other, stream\""},
      {"VIBES_INGESTD_IGGY_ADDRESSES", "a:1", "[iggy] addresses = [\"a:1\"]"},
      {"VIBES_INGESTD_IGGY_ADDRESSES", "a:1,b:2", "[iggy] addresses = [\"a:1\", \"b:2\"]"},
      {"VIBES_INGESTD_SOCKET_GROUP", "vibes", "[socket] group = \"vibes\""},
  };
  for (const auto& each : cases) {
    CAPTURE(each.variable, each.value);
    const config::load_result loaded = load_text("", {{each.variable, each.value}});
    CHECK(texts_of(loaded.mistakes) == lines{});
    CHECK(changes_in(loaded.settings) == lines{each.becomes});
  }
  const config::load_result both = load_text("[queue]\nevents_max = 10\n[log]\nlevel = \"debug\"\n",
                                             {{"VIBES_INGESTD_QUEUE_EVENTS_MAX", "20"}});
  CHECK(changes_in(both.settings) == lines{"[queue] events_max = 20", "[log] level = \"debug\""});
}

TEST_CASE("A bad value of a variable names the variable", "[config]") {
  struct {
    const char* variable;
    const char* value;
    const char* wrong;
  } const cases[] = {
      {"VIBES_INGESTD_QUEUE_EVENTS_MAX", "1", "must be between 2 and 1000000000, not 1"},
      {"VIBES_INGESTD_QUEUE_EVENTS_MAX", "10k", "must be a whole number, not \"10k\""},
      {"VIBES_INGESTD_QUEUE_EVENTS_MAX", "", "must be a whole number, not \"\""},
      {"VIBES_INGESTD_QUEUE_EVENTS_MAX", " 5", "must be a whole number, not \" 5\""},
      {"VIBES_INGESTD_QUEUE_EVENTS_MAX", "9223372036854775808",
       "must be a whole number, not \"9223372036854775808\""},
      {"VIBES_INGESTD_IGGY_CREATE", "yes", "must be true or false, not \"yes\""},
      {"VIBES_INGESTD_IGGY_USERNAME", "ab", "must have 3 to 50 bytes, not 2"},
      {"VIBES_INGESTD_IGGY_ADDRESSES", "a:1,,b:2",
       "\"\" must be host:port or [v6]:port, such as \"127.0.0.1:8090\""},
      {"VIBES_INGESTD_IGGY_ADDRESSES", "a:1,",
       "\"\" must be host:port or [v6]:port, such as \"127.0.0.1:8090\""},
      {"VIBES_INGESTD_LOG_LEVEL", "INFO",
       "must be one of \"critical\", \"error\", \"warning\", \"notice\", \"info\", \"debug\", "
       "not \"INFO\""},
  };
  config::settings settings;
  const std::vector<config::key_binding> keys = config::bind_keys(settings);
  for (const auto& each : cases) {
    CAPTURE(each.variable, each.value);
    const auto key = std::ranges::find(keys, each.variable, [](const config::key_binding& of) {
      return of.environment_variable();
    });
    REQUIRE(key != keys.end());
    CHECK(mistakes_of("", {{each.variable, each.value}}) ==
          lines{"environment " + std::string(each.variable) + ": error: " + key->path() + ": " +
                each.wrong});
  }
}

TEST_CASE("An unknown variable under the prefix is a mistake like an unknown key", "[config]") {
  CHECK(mistakes_of("", {{"VIBES_INGESTD_QUEUE_EVENT_MAX", "1"}}) ==
        lines{"environment VIBES_INGESTD_QUEUE_EVENT_MAX: error: no such setting (did you mean "
              "\"VIBES_INGESTD_QUEUE_EVENTS_MAX\"?)"});
  CHECK(mistakes_of("", {{"VIBES_INGESTD_DEAD_ZZZZZZZZZZZZZZZZ", "1"}}) ==
        lines{"environment VIBES_INGESTD_DEAD_ZZZZZZZZZZZZZZZZ: error: no such setting"});
}

TEST_CASE("A variable whose first word is no section is a warning", "[config]") {
  // Kubernetes sets these beside a service of this name.
  const config::load_result loaded =
      load_text("", {{"VIBES_INGESTD_SERVICE_HOST", "10.0.0.1"},
                     {"VIBES_INGESTD_PORT_8090_TCP_ADDR", "10.0.0.1"},
                     {"VIBES_INGESTD_QUEUE_EVENTS_MAX", "20"}});
  CHECK(texts_of(loaded.mistakes) == lines{});
  CHECK(loaded.settings.warnings ==
        lines{"environment VIBES_INGESTD_PORT_8090_TCP_ADDR: warning: no such setting",
              "environment VIBES_INGESTD_SERVICE_HOST: warning: no such setting"});
  CHECK(changes_in(loaded.settings) == lines{"[queue] events_max = 20"});
  // A section that was spelled wrong is still helped.
  CHECK(load_text("", {{"VIBES_INGESTD_QUEU_EVENTS_MAX", "20"}}).settings.warnings ==
        lines{"environment VIBES_INGESTD_QUEU_EVENTS_MAX: warning: no such setting (did you mean "
              "\"VIBES_INGESTD_QUEUE_EVENTS_MAX\"?)"});
}

TEST_CASE("Other variables are nobody's business here", "[config]") {
  const config::load_result loaded = load_text("", {{"VIBES_INGESTD_CONFIG", "/etc/other.toml"},
                                                    {"VIBES_INGESTDQUEUE_EVENTS_MAX", "1"},
                                                    {"XVIBES_INGESTD_QUEUE_EVENTS_MAX", "1"},
                                                    {"vibes_ingestd_queue_events_max", "1"},
                                                    {"PATH", "/bin"}});
  CHECK(loaded.ok());
  CHECK(changes_in(loaded.settings) == lines{});
}

TEST_CASE("Mistakes of the file come first, then those of the environment", "[config]") {
  CHECK(mistakes_of("[log]\nlevel = \"loud\"\n", {{"VIBES_INGESTD_LOG_FORMAT", "xml"}}) ==
        lines{"f.toml:2:1: error: [log] level: must be one of \"critical\", \"error\", "
              "\"warning\", \"notice\", \"info\", \"debug\", not \"loud\"",
              "environment VIBES_INGESTD_LOG_FORMAT: error: [log] format: must be one of "
              "\"auto\", \"journal\", \"text\", \"json\", not \"xml\""});
}

}  // namespace
}  // namespace vibes::test
