#include <catch2/catch.hpp>
#include <cctype>

#include "tests/unit/ingest/scanner_support.hpp"

namespace vibes::test {
namespace {

using ingest::event_scanner;
using ingest::parse_event_id;
using ingest::schema_mode;
using protocol::message_id;

const std::string uuid = "0191f5a0-1234-7abc-8def-0123456789ab";
constexpr message_id uuid_number{0x0191f5a012347abc, 0x8def0123456789ab};

std::string in_capitals(std::string text) {
  for (char& each : text) each = static_cast<char>(std::toupper(each));
  return text;
}

TEST_CASE("An event id is its UUID as a big-endian number, in any case", "[event_id]") {
  CHECK(parse_event_id(uuid) == uuid_number);
  CHECK(parse_event_id(in_capitals(uuid)) == uuid_number);
  CHECK(parse_event_id("0191F5a0-1234-7AbC-8deF-0123456789aB") == uuid_number);
  CHECK(parse_event_id("00000000-0000-0000-0000-000000000001") == message_id{0, 1});
  CHECK(parse_event_id("00000000-0000-0001-0000-000000000000") == message_id{1, 0});
  CHECK(parse_event_id("ffffffff-ffff-ffff-ffff-ffffffffffff") ==
        message_id{~std::uint64_t{0}, ~std::uint64_t{0}});
}

TEST_CASE("Each digit of a UUID has its own place", "[event_id]") {
  const std::string nil = "00000000-0000-0000-0000-000000000000";
  unsigned bit = 128;
  for (std::size_t at = 0; at < nil.size(); ++at) {
    if (nil[at] == '-') continue;
    bit -= 4;
    std::string text = nil;
    text[at] = '1';
    const message_id expected = bit >= 64 ? message_id{std::uint64_t{1} << (bit - 64), 0}
                                          : message_id{0, std::uint64_t{1} << bit};
    CAPTURE(text);
    CHECK(parse_event_id(text) == expected);
  }
  CHECK(bit == 0);
}

TEST_CASE("Other text is no event id", "[event_id]") {
  const std::string cases[] = {
      "",
      "00000000-0000-0000-0000-000000000000",
      "0191f5a012347abc8def0123456789ab",
      "{0191f5a0-1234-7abc-8def-0123456789ab}",
      "urn:uuid:0191f5a0-1234-7abc-8def-0123456789ab",
      "0191f5a0-1234-7abc-8def-0123456789a",
      "0191f5a0-1234-7abc-8def-0123456789abc",
      " 0191f5a0-1234-7abc-8def-0123456789ab",
      "0191f5a0-1234-7abc-8def-0123456789a ",
      "0191f5a-01234-7abc-8def-0123456789ab",
      "0191f5a0_1234_7abc_8def_0123456789ab",
      "------------------------------------",
  };
  for (const std::string& each : cases) {
    CAPTURE(each);
    CHECK_FALSE(parse_event_id(each));
  }
}

TEST_CASE("One wrong byte anywhere makes it no event id", "[event_id]") {
  const std::string wrong = std::string("\0/:@G`gxX- \xb0\xff", 13);
  for (std::size_t at = 0; at < uuid.size(); ++at) {
    for (const char each : wrong) {
      if (each == uuid[at]) continue;
      std::string text = uuid;
      text[at] = each;
      CAPTURE(text);
      CHECK_FALSE(parse_event_id(text));
    }
  }
}

TEST_CASE("The scanner takes a top-level event_id and lets all else pass as payload",
          "[event_id][event_scanner]") {
  const std::optional<message_id> none;
  const struct {
    std::string line;
    std::optional<message_id> expected;
  } cases[] = {
      {R"({"type":"x","event_id":")" + uuid + R"("})", uuid_number},
      {R"({"event_id":")" + in_capitals(uuid) + R"(","type":"x"})", uuid_number},
      {R"({"type":"x","event\u005fid":"\u0030)" + uuid.substr(1) + R"("})", uuid_number},
      {R"({"type":"x"})", none},
      {R"({"type":"x","event_id":null})", none},
      {R"({"type":"x","event_id":""})", none},
      {R"({"type":"x","event_id":1})", none},
      {R"({"type":"x","event_id":[")" + uuid + R"("]})", none},
      {R"({"type":"x","event_id":{"event_id":")" + uuid + R"("}})", none},
      {R"({"type":"x","event_id":"00000000-0000-0000-0000-000000000000"})", none},
      {R"({"type":"x","event_id":")" + repeat(uuid, 10) + R"("})", none},
      {R"({"type":"x","event":{"event_id":")" + uuid + R"("}})", none},
  };
  event_scanner scanner(schema_mode::lenient);
  for (const auto& each : cases) {
    CAPTURE(each.line);
    const auto scanned = scanner.scan(each.line);
    REQUIRE(scanned.has_value());
    CHECK(scanned->event_id == each.expected);
  }
}

}  // namespace
}  // namespace vibes::test
