#include <catch2/catch.hpp>

#include "tests/unit/ingest/scanner_support.hpp"

// What is JSON and what is not: RFC 8259, no more and no less.

namespace vibes::test {
namespace {

using namespace std::string_view_literals;

constexpr const char* accepted = "x of unknown";
constexpr const char* invalid = "invalid_json";
constexpr const char* out_of_range = "number_out_of_range";

struct scan_case {
  std::string_view text;
  const char* verdict;
};

TEST_CASE("Payload values are those of JSON", "[event_scanner][grammar]") {
  const scan_case cases[] = {
      {"null", accepted},       {"true", accepted},
      {"false", accepted},      {"NULL", invalid},
      {"True", invalid},        {"nul", invalid},
      {"nulll", invalid},       {"undefined", invalid},
      {"nan", invalid},         {"[]", accepted},
      {"[1,[2,{}]]", accepted}, {"[1,]", invalid},
      {"[,1]", invalid},        {"[1 2]", invalid},
      {"[1,,2]", invalid},      {"[1}", invalid},
      {"[", invalid},           {"]", invalid},
      {"{}", accepted},         {R"({"a":1})", accepted},
      {R"({"a":1,})", invalid}, {R"({,"a":1})", invalid},
      {R"({"a"})", invalid},    {R"({"a":})", invalid},
      {R"({"a" 1})", invalid},  {R"({"a":1 "b":2})", invalid},
      {R"({"a"::1})", invalid}, {"{1:2}", invalid},
      {"{null:2}", invalid},    {"{a:2}", invalid},
      {R"({"a":1])", invalid},  {"'a'", invalid},
      {"a", invalid},           {"", invalid},
      {R"({"":1})", accepted},  {R"({"a":1,"a":2})", accepted},
  };
  for (const scan_case& each : cases) {
    CAPTURE(each.text);
    CHECK(lenient_verdict_of(with_payload(each.text)) == each.verdict);
  }
}

TEST_CASE("Numbers are those of JSON, of any size the parser can hold",
          "[event_scanner][grammar]") {
  const scan_case cases[] = {
      {"0", accepted},
      {"-0", accepted},
      {"-0.0e-0", accepted},
      {"1.5", accepted},
      {"1E5", accepted},
      {"1e+05", accepted},
      {"1e-05", accepted},
      {"9223372036854775808", accepted},
      {"-9223372036854775809", accepted},
      {"18446744073709551616", accepted},
      {"1e308", accepted},
      {"1e999", accepted},
      {"-1e999", accepted},
      {"1e-999", accepted},
      {"1e2147483647", accepted},
      {"1e2147483648", out_of_range},
      {"1e-2147483648", out_of_range},
      {"1e99999999999", out_of_range},
      {"0e99999999999", out_of_range},
      {"-1.5e-99999999999", out_of_range},
      {"01", invalid},
      {"00", invalid},
      {"-01", invalid},
      {".5", invalid},
      {"-.5", invalid},
      {"1.", invalid},
      {"1.e5", invalid},
      {"+1", invalid},
      {"-", invalid},
      {"--1", invalid},
      {"- 1", invalid},
      {"1e", invalid},
      {"1e+", invalid},
      {"1e1.5", invalid},
      {"1e5e5", invalid},
      {"1.2.3", invalid},
      {"0x10", invalid},
      {"1_000", invalid},
      {"1,000", invalid},
      {"1f", invalid},
      {"NaN", invalid},
      {"Infinity", invalid},
      {"-Infinity", invalid},
  };
  for (const scan_case& each : cases) {
    CAPTURE(each.text);
    CHECK(lenient_verdict_of(with_payload(each.text)) == each.verdict);
  }
  CHECK(lenient_verdict_of(with_payload(repeat("1", 10'000))) == accepted);
  CHECK(lenient_verdict_of(with_payload("0." + repeat("0", 10'000) + "1")) == accepted);
}

TEST_CASE("Strings have JSON's escapes and no raw control characters", "[event_scanner][grammar]") {
  const scan_case cases[] = {
      {R"()", accepted},
      {R"(\"\\\/\b\f\n\r\t)", accepted},
      {R"(\u0000)", accepted},
      {R"(\uFFFF\uffff)", accepted},
      {R"(\ud83d\ude00)", accepted},
      {R"(\UD83D\UDE00)", invalid},
      {R"(\uD83D\uDE00)", accepted},
      {R"(\ud83d)", invalid},
      {R"(\ude00)", invalid},
      {R"(\ude00\ud83d)", invalid},
      {R"(\ud83d\ud83d)", invalid},
      {R"(\ud83d\u0041)", invalid},
      {R"(\ud83dA)", invalid},
      {R"(\ud83d\n)", invalid},
      {R"(\u004)", invalid},
      {R"(\u00g1)", invalid},
      {R"(\u{41})", invalid},
      {R"(\u)", invalid},
      {R"(\x41)", invalid},
      {R"(\a)", invalid},
      {R"(\')", invalid},
      {R"(\0)", invalid},
      {R"(\)", invalid},
      {"a\"b", invalid},
      {"\x7f", accepted},
      {"\t", invalid},
      {"\r", invalid},
      {"\0"sv, invalid},
      {"\x1f", invalid},
  };
  for (const scan_case& each : cases) {
    CAPTURE(each.text);
    CHECK(lenient_verdict_of(with_payload(in_quotes(each.text))) == each.verdict);
    const std::string as_key = "{" + in_quotes(each.text) + ":1}";
    CHECK(lenient_verdict_of(with_payload(as_key)) == each.verdict);
  }
}

TEST_CASE("Every raw control character in a string is refused", "[event_scanner][grammar]") {
  for (char control = 0; control < 0x20; ++control) {
    CAPTURE(static_cast<int>(control));
    const std::string text = {'a', control, 'b'};
    CHECK(lenient_verdict_of(with_payload(in_quotes(text))) == invalid);
    CHECK(lenient_verdict_of(with_session(in_quotes(text))) == invalid);
    CHECK(lenient_verdict_of("{" + in_quotes(text) + R"(:1,"type":"x"})") == invalid);
  }
}

}  // namespace
}  // namespace vibes::test
