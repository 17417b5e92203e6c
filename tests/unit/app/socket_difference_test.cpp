#include "daemon/app/socket_difference.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using app::explain_difference;
using io::handed_socket;

const std::string beginning =
    "the service manager's socket differs from the settings, which do not count for it: ";

TEST_CASE("What differs between settings and socket is said, key by key", "[socket_difference]") {
  config::socket_settings wanted;
  wanted.path = "/run/e";
  wanted.mode = "0660";
  CHECK(explain_difference(wanted, {{"/run/e", 0660, "g"}}).empty());
  CHECK(explain_difference(wanted, {{"/run/f", 0660, "g"}}) ==
        beginning + "[socket] path is /run/f and not /run/e");
  CHECK(explain_difference(wanted, {{"/run/e", 0666, "g"}}) ==
        beginning + "mode is 0666 and not 0660");
  wanted.group = "h";
  CHECK(explain_difference(wanted, {{"/run/e", 0660, "h"}}).empty());
  CHECK(explain_difference(wanted, {{"/run/f", 0666, "g"}}) ==
        beginning +
            "[socket] path is /run/f and not /run/e, mode is 0666 and not 0660, group is g and "
            "not h");
  CHECK(explain_difference(wanted, {}).empty());
}

TEST_CASE("Of several sockets the one at the settings' path is compared", "[socket_difference]") {
  config::socket_settings wanted;
  wanted.path = "/run/e";
  wanted.mode = "0660";
  const handed_socket other{"/run/other", 0666, "g"};
  CHECK(explain_difference(wanted, {other, {"/run/e", 0660, "g"}}).empty());
  CHECK(explain_difference(wanted, {other, {"/run/e", 0600, "g"}}) ==
        beginning + "mode is 0600 and not 0660");
}

}  // namespace
}  // namespace vibes::test
