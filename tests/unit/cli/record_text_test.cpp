#include "daemon/cli/record_text.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

consumer::record with_payload(std::string payload) {
  consumer::record made;
  made.payload = std::move(payload);
  return made;
}

TEST_CASE("A record for people is one line, whatever its producer has written", "[record_text]") {
  const std::string line = cli::record_human(
      with_payload("{\"type\":\"\\u001b]0;owned\\u0007\",\"session_id\":\"\\n9\\u202e\"}"));
  CHECK_THAT(line, Catch::Contains("\\u001b]0;owned\\u0007") && Catch::Contains("\\n9\\u202e"));
  CHECK(line.find_first_of("\n\x1b\x07") == std::string::npos);
  CHECK(line.find("\xe2\x80\xae") == std::string::npos);
}

TEST_CASE("What is no event is shown on one line too", "[record_text]") {
  CHECK_THAT(cli::record_human(with_payload("a\nb\xc2\x9b")), Catch::EndsWith("a\\nb\\u009b"));
  CHECK_THAT(cli::record_human(with_payload("\xff\n")), Catch::EndsWith("ff0a"));
}

TEST_CASE("As JSON a payload has the bytes that it was written with", "[record_text]") {
  const std::string event = "{\"type\":\"t\",\"session_id\":\"\x7f\xc2\x9b\xe2\x80\xae\"}";
  CHECK_THAT(cli::record_json(with_payload(event)), Catch::EndsWith(",\"event\":" + event + "}"));
}

TEST_CASE("An event over several lines is shown as one", "[record_text]") {
  CHECK_THAT(cli::record_json(with_payload("{\"type\":\r\n\"t\"}")),
             Catch::EndsWith("{\"type\":  \"t\"}}"));
}

}  // namespace
}  // namespace vibes::test
