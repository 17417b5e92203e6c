#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/protocol/recorded.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

const identifier stream = "vibes";
const identifier topic = "events";
constexpr partition_id third = 3;

constexpr generation every_layout[] = {generation::iggy_0_6, generation::iggy_0_7,
                                       generation::iggy_0_9, generation::iggy_0_10};

/// Encodes the batch behind other bytes, which have to stay as they are.
error_code encode(generation gen, const batch_view& batch) {
  const std::unique_ptr<codec> wire = codec_of(gen);
  const byte_vector before(21, std::byte{0xa5});
  byte_vector bytes = before;
  const error_code error = wire->encode_send_body(batch, bytes);
  if (error) {
    CHECK(bytes == before);
  } else {
    CHECK(bytes.size() > before.size());
    CHECK(std::equal(before.begin(), before.end(), bytes.begin()));
  }
  return error;
}

struct place_row {
  const char* what;
  identifier in;
  identifier of;
};

TEST_CASE("A send's names have 1 to 255 bytes", "[limits]") {
  const frame_bytes payload(3, std::byte{'p'});
  const outgoing_message message{{0, 1}, 5, payload, {}};
  for (const generation gen : every_layout) {
    for (const std::size_t length : {0U, 1U, 255U, 256U, 100'000U}) {
      const std::string name(length, 'n');
      for (const place_row& row :
           {place_row{"stream", name, topic}, place_row{"topic", stream, name}}) {
        CAPTURE(row.what, length);
        const bool fits = length >= 1 && length <= 255;
        CHECK(encode(gen, {row.in, row.of, third, {&message, 1}}) ==
              (fits ? error_code() : make_error_code(wire_errc::name_length)));
      }
    }
  }
}

TEST_CASE("A send of nothing is refused", "[limits]") {
  for (const generation gen : every_layout) {
    CHECK(encode(gen, {stream, topic, third, {}}) == wire_errc::empty_batch);
  }
}

TEST_CASE("A payload has at most ten million bytes, wherever it stands", "[limits]") {
  const frame_bytes payload(payload_size_max + 1, std::byte{'p'});
  const const_bytes all = payload;
  const outgoing_message most{{0, 1}, 0, all.first(payload_size_max), {}};
  const outgoing_message over{{0, 2}, 0, all, {}};
  const outgoing_message empty{{0, 3}, 0, {}, {}};
  for (const generation gen : every_layout) {
    CHECK_FALSE(encode(gen, {stream, topic, third, std::vector{most}}));
    CHECK_FALSE(encode(gen, {stream, topic, third, std::vector{empty, empty}}));
    for (const auto& batch : {std::vector{over}, std::vector{over, empty}, std::vector{empty, over},
                              std::vector{empty, over, most}}) {
      CHECK(encode(gen, {stream, topic, third, batch}) == wire_errc::payload_too_large);
    }
  }
}

/// The size of a send's body of so many messages without a payload.
std::size_t size_of_empty(generation gen, std::size_t count) {
  const std::vector<outgoing_message> batch(count, {{0, 1}, 0, {}, {}});
  byte_vector body;
  REQUIRE_FALSE(make_codec(gen)->encode_send_body({stream, topic, third, batch}, body));
  return body.size();
}

TEST_CASE("A body over 32 bits is refused before it is formed", "[limits]") {
  const frame_bytes payload(payload_size_max, std::byte{'p'});
  for (const generation gen : {generation::iggy_0_6, generation::iggy_0_7}) {
    // All messages share one payload; the last is as long as makes the frame's length 2^32.
    std::vector<outgoing_message> batch(429, {{0, 1}, 0, payload, {}});
    batch.push_back({{0, 1}, 0, {}, {}});
    const std::size_t one = size_of_empty(gen, 1);
    const std::size_t size =
        one + 429 * (size_of_empty(gen, 2) - one) + 429 * std::size_t{payload_size_max};
    const std::size_t first_over = (std::size_t{1} << 32) - 4;
    REQUIRE(size < first_over);
    batch.back().payload = const_bytes(payload).first(first_over - size);
    CHECK(encode(gen, {stream, topic, third, batch}) == wire_errc::value_out_of_range);
    batch.resize(450, batch.front());
    CHECK(encode(gen, {stream, topic, third, batch}) == wire_errc::value_out_of_range);
  }
}

TEST_CASE("User headers stand behind their message's payload", "[sends]") {
  const frame_bytes payload = from_hex("a1a2a3");
  const frame_bytes headers = from_hex("b1b2");
  const outgoing_message messages[] = {
      {{0x0102030405060708, 0x1112131415161718}, 0x2122232425262728, payload, headers},
      {{0, 0}, 0, {}, headers}};
  const std::string head =
      "13000000"
      "010401000000"
      "020174"
      "020403000000"
      "02000000";  // numbered stream, partition 3
  const auto body = [&](generation gen) {
    byte_vector bytes;
    const identifier first = std::uint32_t{1};
    const identifier t = "t";
    CHECK_FALSE(make_codec(gen)->encode_send_body({first, t, third, messages}, bytes));
    return to_hex(bytes);
  };
  const std::string zeros = "0000000000000000";
  const std::string one = zeros +
                          "1817161514131211"
                          "0807060504030201" +
                          zeros + zeros +
                          "2827262524232221"
                          "02000000"
                          "03000000";
  const std::string two = zeros + zeros + zeros + zeros + zeros + zeros +
                          "02000000"
                          "00000000";
  CHECK(body(generation::iggy_0_6) == head +
                                          "00000000"
                                          "3d000000" +
                                          zeros +
                                          "00000000"
                                          "77000000" +
                                          zeros + one + "a1a2a3b1b2" + two + "b1b2");
  CHECK(body(generation::iggy_0_7) == head +
                                          "00000000"
                                          "45000000" +
                                          zeros +
                                          "00000000"
                                          "87000000" +
                                          zeros + one + zeros + "a1a2a3b1b2" + two + zeros +
                                          "b1b2");
}

TEST_CASE("A send's header says the size of its body", "[sends]") {
  for (const generation gen : {generation::iggy_0_6, generation::iggy_0_7}) {
    const std::unique_ptr<codec> wire = make_codec(gen);
    byte_vector header(3, std::byte{0xee});
    wire->encode_send_header(0x01020304, {}, 1, header);
    CHECK(to_hex(header) ==
          "eeeeee"
          "0803020165000000");
  }
}

TEST_CASE("Every generation has a codec", "[limits]") {
  for (const generation gen : {generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6,
                               generation::iggy_0_7, generation::iggy_0_9, generation::iggy_0_10}) {
    CHECK(make_codec(gen, std::make_shared<session>())->gen() == gen);
  }
}

}  // namespace
}  // namespace vibes::test
