#include <catch2/catch.hpp>

#include "tests/unit/ingest/scanner_support.hpp"

namespace vibes::test {
namespace {

using namespace std::string_literals;
using ingest::event_scanner;
using ingest::schema_mode;

struct session_case {
  std::string value;    // of session_id, as it stands in the line
  std::string verdict;  // the key it gives, or the code
};

TEST_CASE("The session's key is the string's bytes, after escapes", "[event_scanner][session]") {
  const session_case cases[] = {
      {R"("s1")", "s1"},
      {R"("0")", "0"},
      {R"("null")", "null"},
      {R"("unknown")", "unknown"},
      {R"(" ")", " "},
      {R"(" s1 ")", " s1 "},
      {R"("S1")", "S1"},
      {R"("\u0041")", "A"},
      {R"("s\u0031")", "s1"},
      {R"("\u0073\u0031")", "s1"},
      {R"("a\/b")", "a/b"},
      {R"("\"\\\b\f\n\r\t")", "\"\\\b\f\n\r\t"},
      {R"("\u0000")", "\0"s},
      {R"("a\u0000b")", "a\0b"s},
      {R"("\u001f\u007f\u0080")", "\x1f\x7f\xc2\x80"},
      {R"("\u00e9")", "\xc3\xa9"},
      {"\"\xc3\xa9\"", "\xc3\xa9"},
      {R"("e\u0301")", "e\xcc\x81"},
      {R"("\u20ac")", "\xe2\x82\xac"},
      {R"("\uffff")", "\xef\xbf\xbf"},
      {R"("\ufeff")", "\xef\xbb\xbf"},
      {R"("\ud800\udc00")", "\xf0\x90\x80\x80"},
      {R"("\uD83D\uDE00")", "\xf0\x9f\x98\x80"},
      {"\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80"},
      {R"("\udbff\udfff")", "\xf4\x8f\xbf\xbf"},
  };
  for (const session_case& each : cases) {
    CAPTURE(each.value);
    CHECK(lenient_verdict_of(with_session(each.value)) == "x of " + each.verdict);
  }
}

TEST_CASE("A session_id that cannot be a key is refused", "[event_scanner][session]") {
  const session_case cases[] = {
      {"1", "session_id_type"},
      {"0", "session_id_type"},
      {"-1.5", "session_id_type"},
      {"1e400", "session_id_type"},
      {"18446744073709551615", "session_id_type"},
      {"true", "session_id_type"},
      {"false", "session_id_type"},
      {"[]", "session_id_type"},
      {R"(["s1"])", "session_id_type"},
      {"{}", "session_id_type"},
      {R"({"session_id":"s1"})", "session_id_type"},
      {R"("\ud800")", "invalid_json"},
      {R"("\udc00")", "invalid_json"},
      {R"("\ud800\ud800")", "invalid_json"},
      {R"("\ud800\u0041")", "invalid_json"},
      {R"("\udc00\ud800")", "invalid_json"},
      {"\"\xed\xa0\x80\"", "invalid_utf8"},
      {"\"\xff\"", "invalid_utf8"},
      {"s1", "invalid_json"},
      {"'s1'", "invalid_json"},
  };
  for (const session_case& each : cases) {
    CAPTURE(each.value);
    CHECK(lenient_verdict_of(with_session(each.value)) == each.verdict);
  }
}

TEST_CASE("A key has at most 255 bytes, counted after escapes", "[event_scanner][session]") {
  const std::string e_acute = "\xc3\xa9";
  const session_case cases[] = {
      {repeat("a", 254), repeat("a", 254)},
      {repeat("a", 255), repeat("a", 255)},
      {repeat("a", 256), ""},
      {repeat("a", 257), ""},
      {repeat("a", 100'000), ""},
      {repeat(R"(\u0041)", 255), repeat("A", 255)},
      {repeat(R"(\u0041)", 256), ""},
      {repeat("a", 254) + R"(\n)", repeat("a", 254) + "\n"},
      {repeat("a", 255) + R"(\n)", ""},
      {R"(\n)" + repeat("a", 254), "\n" + repeat("a", 254)},
      {R"(\n)" + repeat("a", 255), ""},
      {repeat(e_acute, 127) + "a", repeat(e_acute, 127) + "a"},
      {repeat(e_acute, 128), ""},
      {repeat(R"(\ud83d\ude00)", 63) + "abc", repeat("\xf0\x9f\x98\x80", 63) + "abc"},
      {repeat(R"(\ud83d\ude00)", 64), ""},
  };
  for (const session_case& each : cases) {
    CAPTURE(each.value);
    const std::string expected =
        each.verdict.empty() ? "session_id_too_long" : "x of " + each.verdict;
    CHECK(lenient_verdict_of(with_session(in_quotes(each.value))) == expected);
  }
}

TEST_CASE("Absent, null and empty mean the same: no session", "[event_scanner][session]") {
  event_scanner scanner(schema_mode::lenient);
  for (const char* line :
       {R"({"type":"x"})", R"({"type":"x","session_id":null})", R"({"type":"x","session_id":""})",
        R"({"type":"x","Session_id":"s"})", R"({"type":"x","session_id ":"s"})",
        R"({"type":"x","sessionId":"s"})", R"({"type":"x","event":{"session_id":"s"}})"}) {
    CAPTURE(line);
    const auto scanned = scanner.scan(line);
    REQUIRE(scanned.has_value());
    CHECK(scanned->session_key == "unknown");
    CHECK_FALSE(scanned->has_session);
  }
  const auto named = scanner.scan(R"({"type":"x","session_id":"unknown"})");
  REQUIRE(named.has_value());
  CHECK(named->session_key == "unknown");
  CHECK(named->has_session);
}

}  // namespace
}  // namespace vibes::test
