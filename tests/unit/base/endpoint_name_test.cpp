#include "daemon/base/endpoint_name.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

TEST_CASE("Addresses are taken apart, and written as they were", "[endpoint]") {
  struct {
    const char* address;
    const char* host;
    const char* port;
  } const cases[] = {
      {"127.0.0.1:8090", "127.0.0.1", "8090"},
      {"iggy.example:1", "iggy.example", "1"},
      {"[::1]:65535", "::1", "65535"},
      {"[fe80::1%eth0]:8090", "fe80::1%eth0", "8090"},
      {"a:00080", "a", "00080"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.address);
    const endpoint_name parts = endpoint_of(each.address);
    CHECK(parts.host == each.host);
    CHECK(parts.port == each.port);
    CHECK(parts.text() == each.address);
  }
}

}  // namespace
}  // namespace vibes::test
