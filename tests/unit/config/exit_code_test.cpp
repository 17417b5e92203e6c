#include "config/exit_code.hpp"

#include <sysexits.h>

#include <catch2/catch.hpp>
#include <set>

namespace vibes::test {
namespace {

using config::exit_code;
using config::exit_codes;

TEST_CASE("The exit codes are those of sysexits and do not change", "[exit_code]") {
  struct {
    exit_code code;
    int number;
    const char* name;
  } const expected[] = {
      {exit_code::ok, EX_OK, "ok"},
      {exit_code::failed, 1, "failed"},
      {exit_code::usage, EX_USAGE, "usage"},
      {exit_code::event_refused, EX_DATAERR, "event_refused"},
      {exit_code::unavailable, EX_UNAVAILABLE, "unavailable"},
      {exit_code::cannot_create, EX_CANTCREAT, "cannot_create"},
      {exit_code::input_output, EX_IOERR, "input_output"},
      {exit_code::timed_out, EX_TEMPFAIL, "timed_out"},
      {exit_code::not_permitted, EX_NOPERM, "not_permitted"},
      {exit_code::bad_configuration, EX_CONFIG, "bad_configuration"},
  };
  REQUIRE(exit_codes.size() == std::size(expected));
  for (std::size_t i = 0; i < exit_codes.size(); ++i) {
    CAPTURE(expected[i].name);
    CHECK(exit_codes[i].code == expected[i].code);
    CHECK(to_int(exit_codes[i].code) == expected[i].number);
    CHECK(exit_codes[i].name == expected[i].name);
  }
}

TEST_CASE("No two exit codes share a number, a name or a meaning", "[exit_code]") {
  std::set<int> numbers;
  std::set<std::string_view> names;
  std::set<std::string_view> meanings;
  for (const config::exit_code_description& each : exit_codes) {
    numbers.insert(to_int(each.code));
    names.insert(each.name);
    meanings.insert(each.meaning);
  }
  CHECK(numbers.size() == exit_codes.size());
  CHECK(names.size() == exit_codes.size());
  CHECK(meanings.size() == exit_codes.size());
  CHECK(meanings.count("") == 0);
}

}  // namespace
}  // namespace vibes::test
