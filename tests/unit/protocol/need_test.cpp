#include <catch2/catch.hpp>

#include "tests/unit/protocol/recorded.hpp"

namespace vibes::test {
namespace {

using namespace protocol;
using kind = frame_need::kind;

constexpr std::size_t mebibyte = 1024 * 1024;

frame_bytes header_of(std::uint32_t status, std::uint32_t length) {
  frame_bytes header(8);
  set_number(header, 0, status);
  set_number(header, 4, length);
  return header;
}

TEST_CASE("Every beginning of a reply says how much it needs", "[framing]") {
  for (const recorded_server& server : recorded_servers) {
    CAPTURE(server.version);
    const std::unique_ptr<codec> wire = codec_of(server.gen);
    for (const exchange& each : recorded_session(server.version)) {
      const const_bytes whole = each.reply;
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const frame_need got = wire->need(whole.first(size), mebibyte);
        const bool known = size >= length_at(server.gen) + 4;
        const std::size_t needed = known ? whole.size() : header_size_of(server.gen);
        const bool right = got.what == kind::more && got.size == needed;
        if (!right) FAIL("at " << size << " of " << whole.size() << " bytes: " << got.size);
      }
      const frame_need got = wire->need(whole, mebibyte);
      CHECK(got.what == kind::complete);
      CHECK(got.size == whole.size());
    }
  }
}

TEST_CASE("Replies that stand one behind the other are told apart", "[framing]") {
  for (const recorded_server& server : recorded_servers) {
    CAPTURE(server.version);
    const std::unique_ptr<codec> wire = codec_of(server.gen);
    const auto recorded = recorded_session(server.version);
    frame_bytes all;
    for (const exchange& each : recorded) {
      all.insert(all.end(), each.reply.begin(), each.reply.end());
    }
    const_bytes left = all;
    for (const exchange& each : recorded) {
      const frame_need got = wire->need(left, mebibyte);
      REQUIRE(got.what == kind::complete);
      REQUIRE(got.size == each.reply.size());
      left = left.subspan(got.size);
    }
    CHECK(left.empty());
  }
}

struct bound_row {
  const char* what;
  std::uint32_t status;
  std::uint32_t length;
  std::size_t frame_size_max;
  kind expected;
  std::size_t size;
};

TEST_CASE("A length is bounded before it is believed", "[framing]") {
  const bound_row rows[] = {
      {"an empty success", 0, 0, 8, kind::complete, 8},
      {"an empty success over the limit", 0, 0, 7, kind::malformed, 0},
      {"exactly the limit", 0, 92, 100, kind::more, 100},
      {"one byte over the limit", 0, 93, 100, kind::malformed, 0},
      {"the greatest length", 0, 0xffff'ffff, mebibyte, kind::malformed, 0},
      {"a length whose sum with the header is small in 32 bits", 0, 0xffff'fff8, mebibyte,
       kind::malformed, 0},
      {"a refusal", 1012, 0, mebibyte, kind::complete, 8},
      {"a refusal of an unknown number", 0xffff'ffff, 0, mebibyte, kind::complete, 8},
      {"a refusal with a payload", 1012, 1, mebibyte, kind::malformed, 0},
      {"text: HTTP", 0x50545448, 0x312e312f, mebibyte, kind::malformed, 0},
      {"a TLS alert", 0x02000315, 0x00000228, mebibyte, kind::malformed, 0},
  };
  for (const generation gen : {generation::iggy_0_6, generation::iggy_0_7}) {
    const std::unique_ptr<codec> wire = make_codec(gen);
    for (const bound_row& row : rows) {
      CAPTURE(row.what);
      const frame_need got = wire->need(header_of(row.status, row.length), row.frame_size_max);
      CHECK(got.what == row.expected);
      CHECK(got.size == row.size);
    }
  }
}

frame_bytes vsr_header(std::uint32_t size, int speaker) {
  frame_bytes header(256);
  set_number(header, 48, size);
  header[60] = static_cast<std::byte>(speaker);
  return header;
}

struct vsr_row {
  const char* what;
  std::uint32_t size;
  int speaker;
  std::size_t frame_size_max;
  kind expected;
  std::size_t needed;
};

const vsr_row vsr_rows[] = {
    {"an empty reply", 256, 8, 256, kind::complete, 256},
    {"an empty reply over the limit", 256, 8, 255, kind::malformed, 0},
    {"an eviction", 256, 13, mebibyte, kind::complete, 256},
    {"an eviction with a body", 257, 13, mebibyte, kind::malformed, 0},
    {"a size below the header's", 255, 8, mebibyte, kind::malformed, 0},
    {"no size", 0, 8, mebibyte, kind::malformed, 0},
    {"exactly the limit", 1000, 8, 1000, kind::more, 1000},
    {"one byte over the limit", 1001, 8, 1000, kind::malformed, 0},
    {"the greatest size", 0xffff'ffff, 8, mebibyte, kind::malformed, 0},
    {"a request", 256, 5, mebibyte, kind::malformed, 0},
    {"nobody", 256, 0, mebibyte, kind::malformed, 0},
    {"a replica", 256, 7, mebibyte, kind::malformed, 0},
};

TEST_CASE("From 0.9 on a size and a speaker are bounded before they are believed", "[framing]") {
  for (const generation gen : {generation::iggy_0_9, generation::iggy_0_10}) {
    const std::unique_ptr<codec> wire = codec_of(gen);
    for (const vsr_row& row : vsr_rows) {
      CAPTURE(row.what);
      const frame_need got = wire->need(vsr_header(row.size, row.speaker), row.frame_size_max);
      CHECK(got.what == row.expected);
      CHECK(got.size == row.needed);
    }
  }
}

TEST_CASE("A frame of no reply is known as soon as it can be", "[framing]") {
  const std::unique_ptr<codec> wire = codec_of(generation::iggy_0_9);
  const auto first = [&](const frame_bytes& of, std::size_t size) {
    return wire->need(const_bytes(of).first(size), mebibyte).what;
  };
  const frame_bytes from_replica = vsr_header(256, 7);
  CHECK(first(from_replica, 60) == kind::more);
  CHECK(first(from_replica, 61) == kind::malformed);
  const frame_bytes endless = vsr_header(0xffff'ffff, 8);
  CHECK(first(endless, 51) == kind::more);
  CHECK(first(endless, 52) == kind::malformed);
  CHECK(first(endless, 0) == kind::more);
  // A server of 0.8 answers the zeros of a header with refusals of eight bytes.
  frame_bytes older(64);
  for (std::size_t at = 0; at < older.size(); at += 8) older[at] = std::byte{3};
  CHECK(first(older, 52) == kind::malformed);
}

}  // namespace
}  // namespace vibes::test
