#include "tests/unit/ingest/odd_inputs.hpp"
#include "tests/unit/ingest/scanner_support.hpp"

namespace vibes::test {
namespace {

using namespace std::string_literals;

std::vector<odd_input> odd_objects() {
  return {
      // Not quite JSON
      {"an empty object", R"({})", {"missing_type"}},
      {"an opened object", R"({)", {"invalid_json"}},
      {"a cut event", R"({"type":"x","a":[1,2)", {"invalid_json"}},
      {"a closed object only", R"(})", {"invalid_json"}},
      {"one brace too many", R"({"type":"x"}})", {"trailing_bytes"}},
      {"two events on a line", R"({"type":"x"}{"type":"y"})", {"trailing_bytes"}},
      {"two events and a comma", R"({"type":"x"},{"type":"y"})", {"trailing_bytes"}},
      {"a batch of events", R"([{"type":"x"},{"type":"y"}])", {"not_an_object"}},
      {"an event inside a string", R"("{\"type\":\"x\"}")", {"not_an_object"}},
      {"a number", R"(42)", {"not_an_object"}},
      {"null", R"(null)", {"not_an_object"}},
      {"a trailing comma", R"({"type":"x",})", {"invalid_json"}},
      {"single quotes", R"({'type':'x'})", {"invalid_json"}},
      {"typographic quotes", R"({“type”:“x”})", {"invalid_json"}},
      {"bare keys", R"({type:"x"})", {"invalid_json"}},
      {"a comment before", R"(/* e */ {"type":"x"})", {"invalid_json"}},
      {"a comment behind", R"({"type":"x"} // e)", {"trailing_bytes"}},
      {"a comment inside", R"({"type":"x" /* e */})", {"invalid_json"}},
      {"Python's words", R"({"type":"x","a":True,"b":None})", {"invalid_json"}},
      {"JavaScript's undefined", R"({"type":"x","a":undefined})", {"invalid_json"}},
      {"an equals sign", R"({"type"="x"})", {"invalid_json"}},
      {"a missing comma", R"({"type":"x" "a":1})", {"invalid_json"}},
      {"a raw tab in a string", "{\"type\":\"x\",\"a\":\"\t\"}", {"invalid_json"}},
      {"a raw NUL in a string", "{\"type\":\"x\",\"a\":\"\0\"}"s, {"invalid_json"}},
      {"an unknown escape", R"({"type":"x","a":"\d"})", {"invalid_json"}},
      {"a Windows path, not escaped", R"({"type":"x","a":"C:\users"})", {"invalid_json"}},
      // Numbers
      {"NaN", R"({"type":"x","a":NaN})", {"invalid_json"}},
      {"minus infinity", R"({"type":"x","a":-Infinity})", {"invalid_json"}},
      {"a leading zero", R"({"type":"x","a":01})", {"invalid_json"}},
      {"a leading plus", R"({"type":"x","a":+1})", {"invalid_json"}},
      {"no digit before the point", R"({"type":"x","a":.5})", {"invalid_json"}},
      {"no digit after the point", R"({"type":"x","a":1.})", {"invalid_json"}},
      {"a hexadecimal number", R"({"type":"x","a":0xff})", {"invalid_json"}},
      {"minus zero", R"({"type":"x","a":-0})", {"x of unknown"}},
      {"a number above any double", R"({"type":"x","a":1e999})", {"x of unknown"}},
      {"an exponent above any integer",
       R"({"type":"x","a":1e9999999999})",
       {"number_out_of_range"}},
      {"a number of 3000 digits", with_payload(repeat("9", 3'000)), {"x of unknown"}},
      // Depth
      {"64 levels", with_payload(repeat("[", 63) + repeat("]", 63)), {"x of unknown"}},
      {"65 levels", with_payload(repeat("[", 64) + repeat("]", 64)), {"nesting_too_deep"}},
      {"3000 opened arrays", with_payload(repeat("[", 3'000)), {"nesting_too_deep"}},
      {"objects in objects, 500 deep", repeat(R"({"type":)", 500), {"nesting_too_deep"}},
      {"a line of opened arrays", repeat("[", 3'000), {"not_an_object"}},
      {"seven hundred equal keys",
       "{" + repeat(R"("":0,)", 700) + R"("type":"x"})",
       {"x of unknown"}},
  };
}

std::vector<odd_input> odd_fields() {
  return {
      // type
      {"no type", R"({"session_id":"s"})", {"missing_type"}},
      {"a type of null", R"({"type":null})", {"missing_type"}},
      {"a type of a number", R"({"type":7})", {"missing_type"}},
      {"a type in an array", R"({"type":["x"]})", {"missing_type"}},
      {"a nested type only", R"({"event":{"type":"x"}})", {"missing_type"}},
      {"an empty type", R"({"type":""})", {" of unknown"}},
      {"a type with a Cyrillic letter in its key", R"({"tуpe":"x"})", {"missing_type"}},
      {"a type whose key ends in NUL", R"({"type\u0000":"x"})", {"missing_type"}},
      {"a type in escapes", R"({"\u0074ype":"\u0078"})", {"x of unknown"}},
      {"a type given twice", R"({"type":"x","type":"y"})", {"duplicate_key"}},
      {"a type given twice, once escaped", R"({"type":"x","typ\u0065":"x"})", {"duplicate_key"}},
      {"a hook's payload as it comes",
       R"({"session_id":"s","hook_event_name":"Stop"})",
       {"missing_type"}},
      // session_id
      {"a session of a number", R"({"type":"x","session_id":7})", {"session_id_type"}},
      {"a session of an object", R"({"type":"x","session_id":{"id":"s"}})", {"session_id_type"}},
      {"a session of false", R"({"type":"x","session_id":false})", {"session_id_type"}},
      {"a session of null", R"({"type":"x","session_id":null})", {"x of unknown"}},
      {"an empty session", R"({"type":"x","session_id":""})", {"x of unknown"}},
      {"the session of the nameless", R"({"type":"x","session_id":"unknown"})", {"x of unknown"}},
      {"a session of 255 bytes",
       with_session(in_quotes(repeat("k", 255))),
       {"x of " + repeat("k", 255)}},
      {"a session of 256 bytes",
       with_session(in_quotes(repeat("k", 256))),
       {"session_id_too_long"}},
      {"a session of 128 characters in 256 bytes",
       with_session(in_quotes(repeat("é", 128))),
       {"session_id_too_long"}},
      {"a session of 255 escapes",
       with_session(in_quotes(repeat(R"(\u006b)", 255))),
       {"x of " + repeat("k", 255)}},
      {"a session of NUL", R"({"type":"x","session_id":"\u0000"})", {"x of \0"s}},
      {"a session with line ends", R"({"type":"x","session_id":"a\r\nb"})", {"x of a\r\nb"}},
      {"a session like a path", R"({"type":"x","session_id":"../../etc"})", {"x of ../../etc"}},
      {"a session like a format", R"({"type":"x","session_id":"%s%n{}"})", {"x of %s%n{}"}},
      {"a session of an emoji", R"({"type":"x","session_id":"\ud83d\ude00"})", {"x of 😀"}},
      {"a session of half an emoji", R"({"type":"x","session_id":"\ud83d"})", {"invalid_json"}},
      {"a session of the other half", R"({"type":"x","session_id":"\ude00"})", {"invalid_json"}},
      {"a session given twice",
       R"({"type":"x","session_id":"a","session_id":"a"})",
       {"duplicate_key"}},
      {"a session given twice, once null",
       R"({"type":"x","session_id":null,"session_id":"a"})",
       {"duplicate_key"}},
      {"another session inside",
       R"({"type":"x","session_id":"s","e":{"session_id":"t"}})",
       {"x of s"}},
      // event_id and the hello
      {"an event_id given twice",
       R"({"type":"x","event_id":"a","event_id":"a"})",
       {"duplicate_key"}},
      {"an event_id that is none", R"({"type":"x","event_id":{"a":[]}})", {"x of unknown"}},
      {"a hello too late", R"({"vibes_ingest":{"ack":"received"}})", {"late_hello"}},
      {"a bad hello too late", R"({"vibes_ingest":7})", {"late_hello"}},
      {"a broken hello too late", R"({"vibes_ingest":{"ack":)", {"invalid_json"}},
      {"an event that has a hello's key", R"({"type":"x","vibes_ingest":{}})", {"x of unknown"}},
      {"an answer of ours, sent back", R"({"ack":12})", {"missing_type"}},
      // Keys with a meaning elsewhere
      {"__proto__", R"({"type":"x","__proto__":{"session_id":"s"}})", {"x of unknown"}},
  };
}

}  // namespace

std::vector<odd_input> odd_events() {
  std::vector<odd_input> all = odd_objects();
  for (odd_input& each : odd_fields()) all.push_back(std::move(each));
  return all;
}

}  // namespace vibes::test
