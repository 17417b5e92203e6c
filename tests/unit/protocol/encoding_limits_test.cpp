#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/protocol/recorded.hpp"

// What the wire cannot carry is refused, and then the caller's buffer is as it was.

namespace vibes::test {
namespace {

using namespace protocol;

constexpr generation all[] = {generation::iggy_0_6, generation::iggy_0_7, generation::iggy_0_9,
                              generation::iggy_0_10};

/// A buffer in use: other frames stand in it already.
byte_vector used_buffer() {
  byte_vector bytes(37);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i + 1);
  return bytes;
}

/// Encodes behind what stands in the buffer, and looks after that.
template <class Encode>
void check_encoding(error_code expected, Encode encode) {
  const byte_vector before = used_buffer();
  byte_vector bytes = before;
  CHECK(encode(bytes) == expected);
  if (expected) {
    CHECK(bytes == before);
    return;
  }
  REQUIRE(bytes.size() > before.size());
  CHECK(std::equal(before.begin(), before.end(), bytes.begin()));
}

struct named_request {
  const char* what;
  control_request request;
};

std::vector<named_request> requests_with(const std::string& name) {
  return {
      {"login's user", login_with_password{name, "secret", "", ""}},
      {"login's password", login_with_password{"iggy", name, "", ""}},
      {"token", login_with_token{name}},
      {"get_stream", get_stream{name}},
      {"create_stream", create_stream{name}},
      {"get_topic's stream", get_topic{name, "t"}},
      {"get_topic's topic", get_topic{"s", name}},
      {"create_topic's stream", create_topic{name, "t", 1, 0}},
      {"create_topic's name", create_topic{"s", name, 1, 0}},
      {"poll's consumer", poll_messages{{false, name}, "s", "t"}},
      {"poll's stream", poll_messages{{true, "c"}, name, "t"}},
      {"poll's topic", poll_messages{{false, "c"}, "s", name}},
      {"store's consumer", store_consumer_offset{{true, name}, "s", "t"}},
      {"store's stream", store_consumer_offset{{false, "c"}, name, "t"}},
      {"store's topic", store_consumer_offset{{false, "c"}, "s", name}},
      {"offset's consumer", get_consumer_offset{{true, name}, "s", "t"}},
      {"offset's stream", get_consumer_offset{{false, "c"}, name, "t"}},
      {"offset's topic", get_consumer_offset{{false, "c"}, "s", name}},
  };
}

TEST_CASE("Names have 1 to 255 bytes in every request", "[limits]") {
  for (const generation gen : all) {
    const std::unique_ptr<codec> wire = codec_of(gen);
    for (const std::size_t length : {0U, 1U, 254U, 255U, 256U, 257U, 512U, 70'000U}) {
      const bool fits = length >= 1 && length <= 255;
      for (const auto& [what, request] : requests_with(std::string(length, 'n'))) {
        CAPTURE(what, length);
        check_encoding(fits ? error_code() : make_error_code(wire_errc::name_length),
                       [&](byte_vector& to) { return wire->encode(request, to); });
      }
    }
  }
}

TEST_CASE("A client's name and version have up to 255 bytes from 0.9 on", "[limits]") {
  for (const generation gen : {generation::iggy_0_9, generation::iggy_0_10}) {
    const std::unique_ptr<codec> wire = codec_of(gen);
    for (const std::size_t length : {0U, 1U, 255U, 256U}) {
      CAPTURE(length);
      const std::string text(length, 'n');
      const auto expected = [&](bool fits) {
        return fits ? error_code() : make_error_code(wire_errc::name_length);
      };
      const auto encode = [&](const control_request& request) {
        return [&wire, request](byte_vector& to) { return wire->encode(request, to); };
      };
      const bool named = length >= 1 && length <= 255;
      check_encoding(expected(named), encode(login_with_password{"iggy", "iggy", "1", "", text}));
      check_encoding(expected(named), encode(login_with_token{"token", "1", "", text}));
      // Without a version it says that it is unknown.
      const bool versioned = length <= 255;
      check_encoding(expected(versioned), encode(login_with_password{"iggy", "iggy", text, ""}));
      check_encoding(expected(versioned), encode(login_with_token{"token", text}));
      if (gen != generation::iggy_0_10) continue;
      check_encoding(expected(versioned), encode(bind_session{text}));
      check_encoding(expected(named), encode(get_partition_route{text, "t", 1}));
      check_encoding(expected(named), encode(get_partition_route{"s", text, 1}));
    }
  }
}

TEST_CASE("A request's length counts everything behind it", "[limits]") {
  const std::unique_ptr<codec> wire = make_codec(generation::iggy_0_7);
  const auto shortest = requests_with("x");
  const auto longest = requests_with(std::string(255, 'x'));
  for (std::size_t i = 0; i < shortest.size(); ++i) {
    CAPTURE(shortest[i].what);
    byte_vector one = used_buffer();
    const std::size_t begin = one.size();
    REQUIRE_FALSE(wire->encode(shortest[i].request, one));
    CHECK(number_at<std::uint32_t>(one, begin) == one.size() - begin - 4);
    byte_vector most = used_buffer();
    REQUIRE_FALSE(wire->encode(longest[i].request, most));
    CHECK(number_at<std::uint32_t>(most, begin) == most.size() - begin - 4);
    CHECK(most.size() == one.size() + 254);
  }
}

TEST_CASE("Numbers are written whole", "[limits]") {
  const std::unique_ptr<codec> wire = make_codec(generation::iggy_0_6);
  const std::uint32_t big = 0xfedcba98;
  byte_vector poll;
  REQUIRE_FALSE(wire->encode(poll_messages{{true, big},
                                           big,
                                           std::uint32_t{0},
                                           0xffffffff,
                                           polling_strategy::next,
                                           0x0123456789abcdef,
                                           0x00c0ffee,
                                           true},
                             poll));
  CHECK(to_hex(poll) ==
        "2a00000064000000"
        "02"
        "010498badcfe"
        "010498badcfe"
        "010400000000"
        "01ffffffff"
        "05"
        "efcdab8967452301"
        "eeffc000"
        "01");
  byte_vector created;
  REQUIRE_FALSE(
      wire->encode(create_topic{std::uint32_t{7}, "t", 1000, unlimited_topic_size}, created));
  CHECK(to_hex(created) ==
        "220000002e010000"
        "010407000000"
        "e8030000"
        "01"
        "ffffffffffffffff"
        "ffffffffffffffff"
        "00"
        "0174");
}

}  // namespace
}  // namespace vibes::test
