#define XXH_INLINE_ALL
#include <xxhash.h>

#include <catch2/catch.hpp>
#include <random>

#include "protocol/error.hpp"
#include "tests/support/seed.hpp"
#include "tests/unit/protocol/recorded.hpp"

// Batches of 0.9 and 0.10: vectors that another implementation computed, and every checksum made
// anew here in one piece (docs/wire.md, "Batches").

namespace vibes::test {
namespace {

using namespace protocol;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};
const identifier stream = "vibes";
const identifier topic = "events";
constexpr partition_id first = 1;

frame_bytes as_bytes(std::string_view text) {
  const const_bytes raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

frame_bytes body_of(generation gen, const batch_view& batch) {
  const auto wire = codec_of(gen);
  byte_vector body;
  REQUIRE_FALSE(wire->encode_send_body(batch, body));
  return body;
}

std::string part(const frame_bytes& of, std::size_t from, std::size_t size) {
  const auto begin = of.begin() + static_cast<std::ptrdiff_t>(from);
  return to_hex(frame_bytes(begin, begin + static_cast<std::ptrdiff_t>(size)));
}

TEST_CASE("XXH3 is what other implementations take it for, at every class of length", "[vsr]") {
  const auto hash = [](std::string_view text) { return XXH3_64bits(text.data(), text.size()); };
  const std::string x(1025, 'x');
  std::string counted;
  for (char each = 0; each < 16; ++each) counted += each;
  CHECK(hash("") == 0x2d06800538d394c2);
  CHECK(hash("a") == 0xe6c632b61e964e1f);
  CHECK(hash(counted) == 0x8355e3a6f61770db);
  CHECK(hash(x.substr(0, 240)) == 0x3e16ca8a0c6ccb68);
  CHECK(hash(x.substr(0, 241)) == 0x14da9e5c301a6a1d);
  CHECK(hash(x) == 0x9cd2e05a61b8a761);
}

class known_batch {
 public:
  batch_view view(std::optional<producer_stamp> producer = {}) const {
    return {stream, topic, first, messages_, producer};
  }

 private:
  static constexpr std::uint64_t time_us = 1'700'000'000'000'000;
  frame_bytes hello_ = as_bytes("hello");
  frame_bytes simulation_ = as_bytes("world!");
  frame_bytes headers_ = from_hex("02010000006b020100000076");
  std::vector<outgoing_message> messages_ = {{{0, 1}, time_us, hello_, {}},
                                             {{0, 2}, time_us + 7, simulation_, headers_}};
};

const std::string metadata_hex =
    "19000000"
    "02057669626573"
    "02066576656e7473"
    "020401000000"
    "02000000";
const std::string frames_hex =
    "8e5ca59edbbdbfb9"
    "01000000000000000000000000000000"
    "00000000"
    "00000000"
    "00000000"
    "05000000"
    "0000000000000000"
    "68656c6c6f"
    "b23d9a0b77a8ad5c"
    "02000000000000000000000000000000"
    "01000000"
    "07000000"
    "0c000000"
    "06000000"
    "0000000000000000"
    "776f726c6421"
    "02010000006b020100000076";
constexpr std::size_t metadata_size = 29;
constexpr std::size_t batch_header_size = 256;

TEST_CASE("A batch is written as another implementation wrote it", "[vsr]") {
  for (const generation gen : both) {
    const frame_bytes body = body_of(gen, known_batch().view());
    CHECK(part(body, 0, metadata_size) == metadata_hex);
    CHECK(part(body, metadata_size, 24) == std::string(48, '0'));
    CHECK(part(body, metadata_size + 24, 32) ==
          "00401e18240a0600"
          "7701000000000000"
          "a130195fd8117bfe"
          "02000000"
          "00000000");
    CHECK(part(body, metadata_size + 56, 200) == std::string(400, '0'));
    CHECK(part(body, metadata_size + batch_header_size, 119) == frames_hex);
    CHECK(body.size() == metadata_size + batch_header_size + 119);
  }
}

TEST_CASE("A producer stands in the header and in its checksum, and nowhere else", "[vsr]") {
  const producer_stamp producer{std::uint64_t{4711} << 20, 3, 10};
  const frame_bytes body = body_of(generation::iggy_0_10, known_batch().view(producer));
  CHECK(part(body, metadata_size + 40, 32) ==
        "728c326b9bc0fff7"
        "02000000"
        "01000000"
        "0000702601000000"
        "0300"
        "0000"
        "0a000000");
  CHECK(part(body, metadata_size + 72, 184) == std::string(368, '0'));
  CHECK(part(body, metadata_size + batch_header_size, 119) == frames_hex);
}

TEST_CASE("A producer is for 0.10, and within its bounds", "[vsr]") {
  const auto encode = [](generation gen, const producer_stamp& producer) {
    byte_vector bytes(5);
    const error_code error = codec_of(gen)->encode_send_body(known_batch().view(producer), bytes);
    CHECK((bytes.size() == 5) == error.failed());
    return error;
  };
  CHECK(encode(generation::iggy_0_9, {}) == wire_errc::unsupported_generation);
  CHECK_FALSE(encode(generation::iggy_0_10, {}));
  CHECK_FALSE(
      encode(generation::iggy_0_10, {producer_id_max, producer_epoch_max, producer_sequence_mask}));
  CHECK(encode(generation::iggy_0_10, {producer_id_max + 1, 0, 0}) ==
        wire_errc::value_out_of_range);
  CHECK(encode(generation::iggy_0_10, {0, producer_epoch_max + 1, 0}) ==
        wire_errc::value_out_of_range);
  CHECK(encode(generation::iggy_0_10, {0, 0, producer_sequence_mask + 1}) ==
        wire_errc::value_out_of_range);
}

/// What the batch's checksum covers, in one piece.
frame_bytes hashed(const frame_bytes& batch) {
  frame_bytes input(batch.begin(), batch.begin() + 40);
  const auto add = [&](std::size_t at, std::size_t size) {
    const auto begin = batch.begin() + static_cast<std::ptrdiff_t>(at);
    input.insert(input.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
  };
  add(48, 4);
  if (batch.at(52) != std::byte{0}) {
    add(52, 1);
    add(56, 8);
    add(64, 2);
    add(68, 4);
  }
  for (std::size_t at = batch_header_size; at < batch.size();) {
    add(at, 8);
    const std::size_t size =
        48 + number_at<std::uint32_t>(batch, at + 32) + number_at<std::uint32_t>(batch, at + 36);
    REQUIRE(at + size <= batch.size());
    REQUIRE(number_at<std::uint64_t>(batch, at) == XXH3_64bits(batch.data() + at + 8, size - 8));
    at += size;
  }
  return input;
}

TEST_CASE("Any batch's checksums are those of its bytes", "[vsr][random]") {
  std::mt19937_64 random(random_seed());
  const auto below = [&](std::size_t bound) { return random() % bound; };
  frame_bytes noise(3000);
  for (std::byte& each : noise) each = static_cast<std::byte>(random());
  for (int round = 0; round < 200; ++round) {
    std::vector<outgoing_message> messages(1 + below(200));
    for (outgoing_message& each : messages) {
      const const_bytes all = noise;
      each = {{random(), random()},
              1'000'000 + below(0xffff'ffff),
              all.first(below(below(10) == 0 ? 3000 : 300)),
              all.first(below(20))};
    }
    std::optional<producer_stamp> producer;
    if (below(2) == 0) producer = producer_stamp{below(1000), 3, 4};
    const frame_bytes body =
        body_of(generation::iggy_0_10, {stream, topic, first, messages, producer});
    const frame_bytes batch(body.begin() + metadata_size, body.end());
    REQUIRE(number_at<std::uint64_t>(batch, 32) == batch.size());
    CHECK(number_at<std::uint32_t>(batch, 48) == messages.size());
    const frame_bytes input = hashed(batch);
    CHECK(number_at<std::uint64_t>(batch, 40) == XXH3_64bits(input.data(), input.size()));
  }
}

TEST_CASE("Times count from the batch's first, wherever it stands", "[vsr]") {
  const frame_bytes payload(3, std::byte{'p'});
  constexpr std::uint64_t reach = 0xffff'ffff;
  const auto message = [&](std::uint64_t time_us) {
    return outgoing_message{{0, 1}, time_us, payload, {}};
  };
  for (const generation gen : both) {
    const std::vector widest = {message(70 + reach), message(70), message(71)};
    const frame_bytes body = body_of(gen, {stream, topic, first, widest});
    CHECK(number_at<std::uint64_t>(body, metadata_size + 24) == 70);
    const std::uint32_t deltas[] = {0xffff'ffff, 0, 1};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t at = metadata_size + batch_header_size + 51 * i;
      CHECK(number_at<std::uint32_t>(body, at + 24) == i);
      CHECK(number_at<std::uint32_t>(body, at + 28) == deltas[i]);
    }
    for (const auto& batch : {std::vector{message(0), message(reach + 1)},
                              std::vector{message(reach + 71), message(70)},
                              std::vector{message(~std::uint64_t{0}), message(0)}}) {
      byte_vector bytes(5);
      CHECK(codec_of(gen)->encode_send_body({stream, topic, first, batch}, bytes) ==
            wire_errc::time_span);
      CHECK(bytes.size() == 5);
    }
  }
}

TEST_CASE("A send's frame has at most 64 MiB, header included", "[vsr]") {
  const frame_bytes payload(payload_size_max, std::byte{'p'});
  for (const generation gen : both) {
    const auto wire = codec_of(gen);
    std::vector<outgoing_message> batch(6, {{0, 1}, 0, payload, {}});
    batch.push_back({{0, 1}, 0, {}, {}});
    const std::size_t size = body_of(gen, {stream, topic, first, batch}).size();
    const std::size_t most = std::size_t{64} * 1024 * 1024 - 256;
    REQUIRE(size < most);
    batch.back().payload = const_bytes(payload).first(most - size);
    CHECK(body_of(gen, {stream, topic, first, batch}).size() == most);
    batch.back().payload = const_bytes(payload).first(most - size + 1);
    byte_vector bytes(5);
    CHECK(wire->encode_send_body({stream, topic, first, batch}, bytes) ==
          wire_errc::value_out_of_range);
    CHECK(bytes.size() == 5);
  }
}

TEST_CASE("A send's header says its size, its number and where 0.10 sends it", "[vsr]") {
  for (const generation gen : both) {
    const auto with = std::make_shared<session>();
    with->client = {2, 1};
    with->id = 77;
    const auto wire = make_codec(gen, with);
    byte_vector header(3, std::byte{0xee});
    wire->encode_send_header(0x010203, {11, 12}, 9, header);
    REQUIRE(header.size() == 3 + 256);
    header.erase(header.begin(), header.begin() + 3);
    byte_vector expected(256);
    set_number<std::uint32_t>(expected, 48, 0x010203 + 256);
    expected[60] = std::byte{5};
    set_number<std::uint64_t>(expected, 128, 1);
    set_number<std::uint64_t>(expected, 136, 2);
    set_number<std::uint64_t>(expected, 168, 9);
    expected[176] = std::byte{160};
    set_number<std::uint64_t>(expected, 184, 77);
    if (gen == generation::iggy_0_10) {
      set_number<std::uint64_t>(expected, 200, 11);
      set_number<std::uint64_t>(expected, 216, 12);
    }
    CHECK(to_hex(header) == to_hex(expected));
  }
}

}  // namespace
}  // namespace vibes::test
