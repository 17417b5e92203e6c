#include <catch2/catch.hpp>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

const std::string form = "must be host:port or [v6]:port, such as \"127.0.0.1:8090\"";
const std::string port = "has a port outside 1 to 65535";

TEST_CASE("An address is a host and a port", "[config]") {
  for (const char* const each :
       {"127.0.0.1:8090", "iggy.example:1", "[::1]:65535", "[fe80::1%eth0]:8090", "a:00080"}) {
    CAPTURE(each);
    CHECK(config::check_address(each).empty());
  }
}

TEST_CASE("What is no address is refused with the form it must have", "[config]") {
  struct {
    const char* address;
    std::string wrong;
  } const cases[] = {
      {"", form},         {"localhost", form},    {":8090", form},      {"localhost:", form},
      {"::1:8090", form}, {"[]:8090", form},      {"[::1]", form},      {"[::1]8090", form},
      {"a b:8090", form}, {"host:80a", form},     {"host:-1", form},    {"host:100000", form},
      {"host: 80", form}, {"tcp://host:1", form}, {"[::1:8090", form},  {"::1]:8090", form},
      {"host:0", port},   {"host:65536", port},   {"host:99999", port},
  };
  for (const auto& each : cases) {
    CAPTURE(each.address);
    CHECK(config::check_address(each.address) == each.wrong);
  }
}

TEST_CASE("A list of addresses is taken in its order, and needs one at least", "[config]") {
  const config::load_result loaded =
      load_text("[iggy]\naddresses = [\"b:2\", \"a:1\", \"[::1]:3\"]");
  CHECK(loaded.ok());
  CHECK(loaded.settings.iggy.addresses == lines{"b:2", "a:1", "[::1]:3"});
  CHECK(mistakes_of("[iggy]\naddresses = []") ==
        lines{"f.toml:2:1: error: [iggy] addresses: must name at least one"});
  CHECK(mistakes_of("[iggy]\naddresses = [\"a:1\", \"b\"]") ==
        lines{"f.toml:2:1: error: [iggy] addresses: \"b\" " + form});
}

}  // namespace
}  // namespace vibes::test
