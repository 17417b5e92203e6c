#include <catch2/catch.hpp>
#include <span>

#include "tests/unit/ingest/scanner_support.hpp"

// What stands around and between the parts of the one object.

namespace vibes::test {
namespace {

using namespace std::string_view_literals;

struct scan_case {
  std::string_view line;
  const char* verdict;
};

void check(std::span<const scan_case> cases) {
  for (const scan_case& each : cases) {
    CAPTURE(each.line);
    CHECK(lenient_verdict_of(each.line) == each.verdict);
  }
}

TEST_CASE("A line whose value begins as something else is not an object", "[event_scanner]") {
  // The first token decides, whatever comes behind it.
  const scan_case cases[] = {
      {"null", "not_an_object"},
      {"true", "not_an_object"},
      {"false", "not_an_object"},
      {"0", "not_an_object"},
      {"-1.5e3", "not_an_object"},
      {R"("type")", "not_an_object"},
      {"[]", "not_an_object"},
      {R"([{"type":"x"}])", "not_an_object"},
      {"[1", "not_an_object"},
      {"1 2", "not_an_object"},
      {"nul", "invalid_json"},
      {R"("type)", "invalid_json"},
      {"-", "invalid_json"},
      {"hello", "invalid_json"},
      {"", "invalid_json"},
      {"   ", "invalid_json"},
      {"}", "invalid_json"},
      {":", "invalid_json"},
      {R"(type:"x")", "invalid_json"},
      {R"("type":"x")", "not_an_object"},
  };
  check(cases);
}

TEST_CASE("Nothing may follow the object but blanks", "[event_scanner]") {
  const scan_case cases[] = {
      {R"({"type":"x"} )", "x of unknown"},
      {"{\"type\":\"x\"}\t \r", "x of unknown"},
      {R"({"type":"x"}x)", "trailing_bytes"},
      {R"({"type":"x"},)", "trailing_bytes"},
      {R"({"type":"x"}})", "trailing_bytes"},
      {R"({"type":"x"} ])", "trailing_bytes"},
      {R"({"type":"x"}{"type":"y"})", "trailing_bytes"},
      {R"({"type":"x"} {"type":"y"})", "trailing_bytes"},
      {R"({"type":"x"}, {"type":"y"})", "trailing_bytes"},
      {R"({"type":"x"} // why)", "trailing_bytes"},
      {R"({"type":"x"};)", "trailing_bytes"},
      {"{\"type\":\"x\"}\0"sv, "trailing_bytes"},
      {"{\"type\":\"x\"}\v", "trailing_bytes"},
      {"{\"type\":\"x\"}\xc2\xa0", "trailing_bytes"},
      {"{\"type\":\"x\"}\xff", "trailing_bytes"},
      {"{}{}", "trailing_bytes"},
  };
  check(cases);
}

TEST_CASE("Nothing may precede the object but blanks", "[event_scanner]") {
  const scan_case cases[] = {
      {R"(  {"type":"x"})", "x of unknown"},
      {"\t\r{\"type\":\"x\"}", "x of unknown"},
      {"\xef\xbb\xbf{\"type\":\"x\"}", "invalid_json"},
      {"\xff\xfe{\"type\":\"x\"}", "invalid_utf8"},
      {"\0{\"type\":\"x\"}"sv, "invalid_json"},
      {"\xc2\xa0{\"type\":\"x\"}", "invalid_json"},
      {"\x1e{\"type\":\"x\"}", "invalid_json"},
      {R"(data: {"type":"x"})", "invalid_json"},
      {R"(,{"type":"x"})", "invalid_json"},
      {R"(/**/{"type":"x"})", "invalid_json"},
      {R"(#{"type":"x"})", "invalid_json"},
  };
  check(cases);
}

TEST_CASE("Blanks may stand between all tokens, and only JSON's blanks", "[event_scanner]") {
  const std::string_view tokens[] = {"{", "\"type\"", ":", "\"x\"", ",", "\"a\"", ":",
                                     "[", "1",        ",", "{",     "}", "]",     "}"};
  const struct {
    std::string_view blank;
    const char* verdict;
  } cases[] = {
      {" ", "x of unknown"},        {"\t", "x of unknown"},           {"\r", "x of unknown"},
      {" \t\r\n ", "x of unknown"}, {"\v", "invalid_json"},           {"\f", "invalid_json"},
      {"\0"sv, "invalid_json"},     {"\xc2\xa0", "invalid_json"},     {"/* c */", "invalid_json"},
      {"// c\n", "invalid_json"},   {"\xe2\x80\xa8", "invalid_json"}, {"\xa0", "invalid_utf8"},
  };
  for (const auto& each : cases) {
    for (std::size_t place = 1; place < std::size(tokens); ++place) {
      std::string line;
      for (std::size_t i = 0; i < std::size(tokens); ++i) {
        if (i == place) line += each.blank;
        line += tokens[i];
      }
      CAPTURE(line);
      CHECK(lenient_verdict_of(line) == each.verdict);
    }
  }
}

TEST_CASE("The object's own members are written as JSON has it", "[event_scanner]") {
  const scan_case cases[] = {
      {"{", "invalid_json"},
      {"{}", "missing_type"},
      {"{ }", "missing_type"},
      {R"({"type":"x",})", "invalid_json"},
      {R"({,"type":"x"})", "invalid_json"},
      {R"({"type":"x",,"a":1})", "invalid_json"},
      {R"({"type":"x" "a":1})", "invalid_json"},
      {R"({"type":"x";"a":1})", "invalid_json"},
      {R"({"type"="x"})", "invalid_json"},
      {R"({"type"})", "invalid_json"},
      {R"({"type":})", "invalid_json"},
      {R"({type:"x"})", "invalid_json"},
      {R"({'type':'x'})", "invalid_json"},
      {R"({"type":'x'})", "invalid_json"},
      {R"({"type":"x"])", "invalid_json"},
      {R"({"type":"x")", "invalid_json"},
      {R"({{"type":"x"}})", "invalid_json"},
      {R"(({"type":"x"}))", "invalid_json"},
      {R"({"a":1,"a":2,"type":"x"})", "x of unknown"},
  };
  check(cases);
}

}  // namespace
}  // namespace vibes::test
