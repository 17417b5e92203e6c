#include "config/nearest.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

TEST_CASE("The nearest known name is offered when it can have been meant", "[config]") {
  const std::vector<std::string> known = {"linger_ms", "events_max", "bytes_max", "level"};
  struct {
    const char* typed;
    const char* meant;  // empty: none
  } const cases[] = {
      {"lingr_ms", "linger_ms"},                                // one missing
      {"lingger_ms", "linger_ms"},                              // one too many
      {"linger-ms", "linger_ms"},                               // one other
      {"event_max", "events_max"}, {"byte_maks", "bytes_max"},  // three, a third of nine
      {"linger", "linger_ms"},                                  // a beginning
      {"lin", "linger_ms"},        {"li", ""},                  // too short to be a beginning
      {"evel", "level"},           {"lvl", "level"},            // two, always allowed
      {"eve", "events_max"},  // as a beginning it is nearer than "level"
      {"zzzzzzzzzz", ""},          {"", ""},
  };
  for (const auto& each : cases) {
    CAPTURE(each.typed);
    const std::string meant = each.meant;
    CHECK(config::did_you_mean(each.typed, known) ==
          (meant.empty() ? "" : " (did you mean \"" + meant + "\"?)"));
  }
}

TEST_CASE("Neighbours that were swapped are one slip", "[config]") {
  const std::vector<std::string> known = {"abcdef", "adbcxx"};
  // By letters alone both are two away from what was typed.
  CHECK(config::did_you_mean("abdcef", known) == " (did you mean \"abcdef\"?)");
  CHECK(config::did_you_mean("ba", {"xy", "ab"}) == " (did you mean \"ab\"?)");
  CHECK(config::did_you_mean("xab", {"yzc", "xba"}) == " (did you mean \"xba\"?)");
}

TEST_CASE("A beginning may have slips of its own", "[config]") {
  CHECK(config::did_you_mean("adress", {"username", "addresses"}) ==
        " (did you mean \"addresses\"?)");
  CHECK(config::did_you_mean("reqests_in_flight", {"requests_in_flight_max"}) ==
        " (did you mean \"requests_in_flight_max\"?)");
  CHECK(config::did_you_mean("xy", {"x_long_name"}).empty());
}

TEST_CASE("Of names that are equally near the first is offered", "[config]") {
  CHECK(config::did_you_mean("abcx", {"abcy", "abcz"}) == " (did you mean \"abcy\"?)");
  CHECK(config::did_you_mean("abc", {}).empty());
}

}  // namespace
}  // namespace vibes::test
