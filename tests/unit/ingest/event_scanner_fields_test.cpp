#include <catch2/catch.hpp>
#include <span>

#include "tests/unit/ingest/scanner_support.hpp"

// type, duplicates, nesting of the same names, the strict schema and the hello's key.

namespace vibes::test {
namespace {

using ingest::event_scanner;
using ingest::schema_mode;

struct scan_case {
  std::string line;
  std::string verdict;
};

void check(std::span<const scan_case> cases) {
  for (const scan_case& each : cases) {
    CAPTURE(each.line);
    CHECK(lenient_verdict_of(each.line) == each.verdict);
  }
}

TEST_CASE("An event needs a type that is a string", "[event_scanner][type]") {
  const scan_case cases[] = {
      {R"({"type":"hook"})", "hook of unknown"},
      {R"({"type":""})", " of unknown"},
      {R"({"type":"Hook"})", "Hook of unknown"},
      {R"({"type":"\u0068ook"})", "hook of unknown"},
      {R"({"t\u0079pe":"hook"})", "hook of unknown"},
      {R"({"\u0074\u0079\u0070\u0065":"hook","s\u0065ssion_id":"s"})", "hook of s"},
      {R"({"type":"\ud83d\ude00"})", "\xf0\x9f\x98\x80 of unknown"},
      {R"({"session_id":"s","a":1,"type":"hook"})", "hook of s"},
      {R"({"type":null})", "missing_type"},
      {R"({"type":1})", "missing_type"},
      {R"({"type":true})", "missing_type"},
      {R"({"type":["hook"]})", "missing_type"},
      {R"({"type":{"type":"hook"}})", "missing_type"},
      {R"({"Type":"hook"})", "missing_type"},
      {R"({"type ":"hook"})", "missing_type"},
      {R"({"typ":"hook"})", "missing_type"},
      {R"({"type\u0000":"hook"})", "missing_type"},
      {R"({"":"hook"})", "missing_type"},
      {R"({"event":{"type":"hook"}})", "missing_type"},
      {R"({"session_id":"s"})", "missing_type"},
      {R"({"session_id":1})", "missing_type"},
  };
  check(cases);
}

TEST_CASE("A type of any length passes, its first 256 bytes are kept", "[event_scanner][type]") {
  for (const std::size_t size : {255u, 256u, 257u, 5'000u}) {
    CAPTURE(size);
    const std::string line = R"({"type":")" + repeat("t", size) + R"("})";
    CHECK(lenient_verdict_of(line) ==
          repeat("t", std::min<std::size_t>(size, 256)) + " of unknown");
  }
}

TEST_CASE("A field that decides may stand once only", "[event_scanner][duplicates]") {
  const scan_case cases[] = {
      {R"({"type":"x","type":"y"})", "duplicate_key"},
      {R"({"type":"x","type":"x"})", "duplicate_key"},
      {R"({"type":"x","typ\u0065":"y"})", "duplicate_key"},
      {R"({"typ\u0065":"x","\u0074ype":"y"})", "duplicate_key"},
      {R"({"type":null,"type":"y"})", "duplicate_key"},
      {R"({"type":{},"type":"y"})", "duplicate_key"},
      {R"({"type":"x","session_id":"a","session_id":"a"})", "duplicate_key"},
      {R"({"type":"x","session_id":"a","session_id":"b"})", "duplicate_key"},
      {R"({"type":"x","session_id":null,"session_id":"b"})", "duplicate_key"},
      {R"({"type":"x","session_id":"","session_id":"b"})", "duplicate_key"},
      {R"({"type":"x","session_id":[],"session_id":"b"})", "duplicate_key"},
      {R"({"type":"x","session_id":"a","session\u005fid":null})", "duplicate_key"},
      {R"({"type":"x","event_id":1,"event_id":2})", "duplicate_key"},
      {R"({"type":"x","event_id":null,"\u0065vent_id":""})", "duplicate_key"},
      // Found at the second key, before what is behind it.
      {R"({"type":"x","type":)", "duplicate_key"},
      {"{\"type\":\"x\",\"type\":\"\xff\"}", "duplicate_key"},
      // What decides nothing may stand twice: what it means is its reader's business.
      {R"({"type":"x","a":1,"a":2})", "x of unknown"},
      {R"({"type":"x","a":{"type":"y","type":"z"}})", "x of unknown"},
      {R"({"type":"x","a":[{"session_id":"a","session_id":"b"}]})", "x of unknown"},
      {R"({"type":"x","vibes_ingest":1,"vibes_ingest":2})", "x of unknown"},
  };
  check(cases);
}

TEST_CASE("Nested fields of the same names are payload", "[event_scanner]") {
  const scan_case cases[] = {
      {R"({"type":"x","event":{"type":"y","session_id":"n"},"session_id":"s"})", "x of s"},
      {R"({"session_id":"s","event":{"session_id":"n"},"type":"x"})", "x of s"},
      {R"({"event":{"session_id":7,"type":7},"type":"x"})", "x of unknown"},
      {R"({"event":[{"type":"y"},"type","session_id"],"type":"x"})", "x of unknown"},
      {R"({"event":{"e":{"type":"y"},"f":"g"},"type":"x","session_id":"s"})", "x of s"},
      {R"({"event":{"t\u0079pe":"y","session\u005fid":"n"},"type":"x"})", "x of unknown"},
      {R"({"a":"type","b":"session_id","type":"x"})", "x of unknown"},
      {R"({"event":{"a":"\n"},"t\u0079pe":"\u0078"})", "x of unknown"},
      {R"({"event_id":["a\nb",{"c":"d\n"}],"type":"x\u0079z","session_id":"s\u0031"})",
       "xyz of s1"},
      {R"({")" + repeat("k", 300) + R"(\n":1,"type":"x"})", "x of unknown"},
  };
  check(cases);
}

TEST_CASE("The strict schema takes listed types, with their session", "[event_scanner][strict]") {
  const scan_case cases[] = {
      {R"({"type":"hook"})", "hook of unknown"},
      {R"({"type":"hook","session_id":"s"})", "hook of s"},
      {R"({"type":"server_started"})", "server_started of unknown"},
      {R"({"type":"claude","session_id":"s"})", "claude of s"},
      {R"({"type":"cl\u0061ude","session_id":"s"})", "claude of s"},
      {R"({"type":"claude"})", "missing_session_id"},
      {R"({"type":"claude","session_id":null})", "missing_session_id"},
      {R"({"type":"claude","session_id":""})", "missing_session_id"},
      {R"({"type":"claude","event":{"session_id":"s"}})", "missing_session_id"},
      {R"({"type":"claude","session_id":1})", "session_id_type"},
      {R"({"type":"x","session_id":"s"})", "unknown_type"},
      {R"({"type":"x"})", "unknown_type"},
      {R"({"type":"","session_id":"s"})", "unknown_type"},
      {R"({"type":"Claude","session_id":"s"})", "unknown_type"},
      {R"({"type":"claude ","session_id":"s"})", "unknown_type"},
      {R"({"type":")" + repeat("t", 300) + R"("})", "unknown_type"},
      {R"({"type":1})", "missing_type"},
      {R"({})", "missing_type"},
  };
  event_scanner scanner(schema_mode::strict);
  for (const scan_case& each : cases) {
    CAPTURE(each.line);
    CHECK(verdict_of(scanner, each.line) == each.verdict);
  }
}

TEST_CASE("A known type is told from an unknown one", "[event_scanner][type]") {
  event_scanner scanner(schema_mode::lenient);
  CHECK(scanner.scan(R"({"type":"hook"})")->known_type);
  CHECK(scanner.scan(R"({"type":"claude"})")->known_type);
  CHECK_FALSE(scanner.scan(R"({"type":"hooks"})")->known_type);
  CHECK_FALSE(scanner.scan(R"({"type":""})")->known_type);
}

TEST_CASE("The hello's key is seen at the top level only, valid line or not", "[event_scanner]") {
  const struct {
    const char* line;
    bool seen;
  } cases[] = {
      {R"({"vibes_ingest":{"ack":"received"}})", true},
      {R"({"vibes_ing\u0065st":1})", true},
      {R"({"type":"x","vibes_ingest":1})", true},
      {R"({"vibes_ingest":)", true},
      {R"({"type":1,"vibes_ingest":1}x)", true},
      {R"({"vibes_ingest")", true},
      {R"({"vibes_ingest)", false},
      {R"({"type":"x","a":{"vibes_ingest":1}})", false},
      {R"({"type":"vibes_ingest"})", false},
      {R"(["vibes_ingest"])", false},
      {R"({"Vibes_ingest":1})", false},
      {R"({"type":"x"})", false},
  };
  event_scanner scanner(schema_mode::lenient);
  for (const auto& each : cases) {
    CAPTURE(each.line);
    verdict_of(scanner, each.line);
    CHECK(scanner.saw_hello_key() == each.seen);
  }
}

}  // namespace
}  // namespace vibes::test
