#include "tests/unit/ingest/odd_inputs.hpp"
#include "tests/unit/ingest/scanner_support.hpp"

namespace vibes::test {
namespace {

using namespace std::string_literals;

std::string every_byte_but_line_ends() {
  std::string all;
  for (int each = 0; each < 256; ++each) {
    if (each != '\n' && each != '\r') all += static_cast<char>(each);
  }
  return all;
}

/// An event of this size to the byte.
std::string event_of_size(std::size_t size) {
  const std::size_t rest = with_payload("\"\"").size();
  return with_payload(in_quotes(repeat("p", size - rest)));
}

std::vector<odd_input> odd_encodings() {
  return {
      {"a byte order mark", "\xef\xbb\xbf{\"type\":\"x\"}", {"invalid_json"}},
      {"UTF-16, little endian", "\xff\xfe{\0\"\0t\0\"\0"s, {"invalid_utf8"}},
      {"UTF-16 without its mark", "\0{\0\"\0t\0\"\0:\0\"\0x\0\"\0}"s, {"invalid_json"}},
      {"Latin-1", "{\"type\":\"caf\xe9\"}", {"invalid_utf8"}},
      {"an overlong slash", "{\"type\":\"\xc0\xaf\"}", {"invalid_utf8"}},
      {"an overlong NUL", "{\"type\":\"\xc0\x80\"}", {"invalid_utf8"}},
      {"a surrogate pair in UTF-8", "{\"type\":\"\xed\xa0\xbd\xed\xb8\x80\"}", {"invalid_utf8"}},
      {"above U+10FFFF", "{\"type\":\"\xf4\x90\x80\x80\"}", {"invalid_utf8"}},
      {"a continuation byte alone", "{\"type\":\"\x80\"}", {"invalid_utf8"}},
      {"a character cut by the quote", "{\"type\":\"\xe2\x82\"}", {"invalid_utf8"}},
      {"a character cut by the line's end", "{\"type\":\"\xe2\x82", {"invalid_utf8"}},
      {"bad UTF-8 in a key", "{\"type\":\"x\",\"\xff\":1}", {"invalid_utf8"}},
      {"bad UTF-8 between tokens", "{\"type\":\"x\"\xff}", {"invalid_utf8"}},
      {"bad UTF-8 behind the event", "{\"type\":\"x\"}\xff", {"trailing_bytes"}},
      {"no-break spaces", "{\"type\":\xc2\xa0\"x\"}", {"invalid_json"}},
      {"a line separator that is text", "{\"type\":\"\xe2\x80\xa8\"}", {"\xe2\x80\xa8 of unknown"}},
      {"a right-to-left override", "{\"type\":\"\xe2\x80\xaex\"}", {"\xe2\x80\xaex of unknown"}},
      {"a noncharacter", "{\"type\":\"\xef\xbf\xbf\"}", {"\xef\xbf\xbf of unknown"}},
      {"DEL", "{\"type\":\"\x7f\"}", {"\x7f of unknown"}},
  };
}

std::vector<odd_input> odd_formats() {
  return {
      {"plain text", "hello?", {"invalid_json"}},
      {"a shell's error", "bash: jq: command not found", {"invalid_json"}},
      {"XML", "<event type=\"x\"/>", {"invalid_json"}},
      {"YAML", "---\ntype: x", {"invalid_json", "invalid_json"}},
      {"CSV", "\"type\",\"session_id\"\nx,s", {"not_an_object", "invalid_json"}},
      {"a form", "type=x&session_id=s", {"invalid_json"}},
      {"server-sent events", "data: {\"type\":\"x\"}\n", {"invalid_json", "ignored"}},
      {"RFC 7464's record separator", "\x1e{\"type\":\"x\"}", {"invalid_json"}},
      {"an HTTP request",
       "POST / HTTP/1.1\r\nHost: h\r\n\r\n{\"type\":\"x\"}",
       {"invalid_json", "invalid_json", "ignored", "x of unknown"}},
      {"a length before the event", "12:{\"type\":\"x\"}", {"not_an_object"}},
      {"a binary length before the event", "\0\0\0\x0c{\"type\":\"x\"}"s, {"invalid_json"}},
      {"gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03"s, {"invalid_utf8"}},
      {"a TLS hello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s, {"invalid_utf8"}},
      {"MessagePack", "\x81\xa4type\xa1x", {"invalid_utf8"}},
      {"BSON", "\x13\0\0\0\x02type\0\x02\0\0\0x\0\0"s, {"invalid_json"}},
      {"a colour of a terminal", "\x1b[32m{\"type\":\"x\"}\x1b[0m", {"invalid_json"}},
      {"telnet's interrupt", "\xff\xf4\xff\xfd\x06", {"invalid_utf8"}},
      {"every byte there is", every_byte_but_line_ends(), {"invalid_utf8"}},
      {"an event in many lines",
       "{\n  \"type\": \"x\"\n}",
       {"invalid_json", "not_an_object", "invalid_json"}},
  };
}

std::vector<odd_input> odd_lines() {
  return {
      {"an empty line", "", {"ignored"}},
      {"empty lines", "\n\r\n\n", {"ignored", "ignored", "ignored", "ignored"}},
      {"a line of blanks", " \t \r", {"ignored"}},
      {"a vertical tab is no blank", "\v", {"invalid_json"}},
      {"a form feed is no blank", "\f", {"invalid_json"}},
      {"NUL is no blank", "\0"s, {"invalid_json"}},
      {"CRLF", "{\"type\":\"x\"}\r", {"x of unknown"}},
      {"CR CR LF", "{\"type\":\"x\"}\r\r", {"x of unknown"}},
      {"LF CR", "{\"type\":\"x\"}\n\r{\"type\":\"y\"}", {"x of unknown", "y of unknown"}},
      {"only CR between events", "{\"type\":\"x\"}\r{\"type\":\"y\"}", {"trailing_bytes"}},
      {"NUL behind each event", "{\"type\":\"x\"}\0"s, {"trailing_bytes"}},
      {"NUL between events", "{\"type\":\"x\"}\0{\"type\":\"y\"}"s, {"trailing_bytes"}},
      {"an event cut by a line end", "{\"type\":\n\"x\"}", {"invalid_json", "not_an_object"}},
      {"a line end in a string", "{\"type\":\"x\ny\"}", {"invalid_json", "invalid_json"}},
      {"blanks around the event", " \t{ \"type\" : \"x\" }\t ", {"x of unknown"}},
      {"an event of the limit", event_of_size(odd_line_bytes_max), {"x of unknown"}},
      {"an event of the limit, CRLF", event_of_size(odd_line_bytes_max) + "\r", {"x of unknown"}},
      {"one byte over the limit", event_of_size(odd_line_bytes_max + 1), {"line_too_long"}},
      {"over the limit by a blank", event_of_size(odd_line_bytes_max) + " ", {"line_too_long"}},
      {"over the limit by a second CR",
       event_of_size(odd_line_bytes_max) + "\r\r",
       {"line_too_long"}},
      {"blanks over the limit", repeat(" ", odd_line_bytes_max + 1), {"line_too_long"}},
      {"a hundred times the limit", repeat("{", 100 * odd_line_bytes_max), {"line_too_long"}},
      {"two over-long lines",
       event_of_size(5'000) + "\n" + event_of_size(9'000),
       {"line_too_long", "line_too_long"}},
      {"bad bytes over the limit", repeat("\xff", 5'000), {"line_too_long"}},
  };
}

}  // namespace

std::vector<odd_input> odd_bytes() {
  std::vector<odd_input> all = odd_encodings();
  for (odd_input& each : odd_formats()) all.push_back(std::move(each));
  for (odd_input& each : odd_lines()) all.push_back(std::move(each));
  return all;
}

}  // namespace vibes::test
