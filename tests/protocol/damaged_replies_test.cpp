#include <catch2/catch.hpp>
#include <random>

#include "protocol/error.hpp"
#include "tests/kit/seed.hpp"
#include "tests/protocol/allocation_meter.hpp"
#include "tests/protocol/reply_kit.hpp"

// No reply, however broken, does more than give an error or a value that holds together. Frames
// stand in buffers of exactly their size, for the sanitizers.

namespace vibes::test {
namespace {

using namespace protocol;

bool asks_for_object(command asked) {
  return asked == command::get_stream || asked == command::get_topic ||
         asked == command::get_consumer_offset;
}

/// Decodes, and fails unless the outcome is an error of the wire or a sound value, and nothing
/// was allocated that the frame's size does not explain.
result<reply> decode_soundly(const known_reply& of, const frame_bytes& frame) {
  const std::unique_ptr<codec> wire = make_codec(of.gen);
  const exact_bytes bytes(frame);
  const allocation_meter meter;
  result<reply> got = wire->decode(of.asked, bytes.view());
  const std::size_t largest = meter.largest();
  // A cluster node is the greediest: 72 bytes for 18 on the wire, and a growing vector doubles.
  if (largest > 8 * frame.size() + 128) FAIL(of.what << ": " << largest << " bytes at once");
  const std::string flaw = got ? flaw_of(*got, bytes.view()) : std::string();
  if (!flaw.empty()) FAIL(of.what << ": " << flaw << " in " << to_hex(frame));
  if (!got && got.error().category() != wire_category()) FAIL(of.what << ": a strange error");
  return got;
}

void set_length(frame_bytes& frame) {
  set_number(frame, 4, static_cast<std::uint32_t>(frame.size() - 8));
}

TEST_CASE("A reply cut anywhere is truncated", "[damaged]") {
  for (const known_reply& each : known_replies()) {
    CAPTURE(each.what);
    for (std::size_t size = 0; size < each.frame.size(); ++size) {
      const frame_bytes cut(each.frame.begin(), each.frame.begin() + std::ptrdiff_t(size));
      const result<reply> got = decode_soundly(each, cut);
      if (got || got.error() != wire_errc::truncated) FAIL("cut to " << size << " bytes");
    }
  }
}

TEST_CASE("A payload cut anywhere under a right length is not taken for whole", "[damaged]") {
  for (const known_reply& each : known_replies()) {
    CAPTURE(each.what);
    for (std::size_t size = 8; size < each.frame.size(); ++size) {
      CAPTURE(size);
      frame_bytes cut(each.frame.begin(), each.frame.begin() + std::ptrdiff_t(size));
      set_length(cut);
      const result<reply> got = decode_soundly(each, cut);
      if (size == 8 && asks_for_object(each.asked)) {
        CHECK((got && std::holds_alternative<not_found>(got->body)));
      } else if (each.asked == command::get_stats && got) {
        // What follows the version is not read, and 0.4 ends before it.
        const auto& stats = std::get<server_stats>(got->body);
        const bool ends_before_version = size == each.frame.size() - 4 - 5 - 8;
        CHECK(stats.server_version.size() == (ends_before_version ? 0 : 5));
        CHECK((ends_before_version || size >= each.frame.size() - 8));
      } else {
        CHECK(
            (!got && (got.error() == wire_errc::truncated || got.error() == wire_errc::malformed)));
      }
    }
  }
}

TEST_CASE("Bytes after a reply are not read over", "[damaged]") {
  for (const known_reply& each : known_replies()) {
    CAPTURE(each.what);
    for (const std::size_t more : {1U, 2U, 7U, 8U, 40U, 64U}) {
      frame_bytes longer = each.frame;
      longer.resize(longer.size() + more, std::byte{0});
      const result<reply> behind = decode_soundly(each, longer);
      CHECK((!behind && behind.error() == wire_errc::trailing_bytes));
      set_length(longer);
      const result<reply> counted = decode_soundly(each, longer);
      if (each.asked == command::get_stats) {
        CHECK(counted.has_value());  // later releases append to it
      } else if (asks_for_object(each.asked) && each.frame.size() == 8) {
        CHECK_FALSE(counted.has_value());  // no longer empty, so it has to be the object
      } else {
        const bool refusal = number_at<std::uint32_t>(each.frame, 0) != 0;
        const bool topic = each.asked == command::get_topic || each.asked == command::create_topic;
        CHECK((!counted && counted.error() == (refusal || topic ? wire_errc::malformed
                                                                : wire_errc::trailing_bytes)));
      }
    }
  }
}

TEST_CASE("A reply with one byte changed is an error or holds together", "[damaged]") {
  for (const known_reply& each : known_replies()) {
    for (std::size_t at = 0; at < each.frame.size(); ++at) {
      for (const int mask : {0x01, 0x02, 0x10, 0x80, 0xff}) {
        frame_bytes flipped = each.frame;
        flipped[at] ^= static_cast<std::byte>(mask);
        const result<reply> got = decode_soundly(each, flipped);
        if (at >= 4) continue;
        // The status: a refusal that carries a payload is nothing, one without is itself.
        const bool empty = each.frame.size() == 8;
        if (got.has_value() != empty) FAIL(each.what << " with byte " << at << " changed");
        if (empty) CHECK(got->status == number_at<std::uint32_t>(flipped, 0));
      }
    }
  }
  SUCCEED("every change was taken or refused soundly");
}

TEST_CASE("A reply with a changed length is refused", "[damaged]") {
  for (const known_reply& each : known_replies()) {
    CAPTURE(each.what);
    const auto length = static_cast<std::uint32_t>(each.frame.size() - 8);
    for (const std::uint32_t wrong : {length + 1, length + 40, 0x7fff'ffffU, 0xffff'ffffU}) {
      frame_bytes frame = each.frame;
      set_number(frame, 4, wrong);
      const result<reply> got = decode_soundly(each, frame);
      CHECK((!got && got.error() == wire_errc::truncated));
    }
    if (length == 0) continue;
    frame_bytes frame = each.frame;
    set_number(frame, 4, length - 1);
    const result<reply> got = decode_soundly(each, frame);
    CHECK((!got && got.error() == wire_errc::trailing_bytes));
  }
}

TEST_CASE("Replies damaged at random and to other requests hold together", "[damaged][random]") {
  std::mt19937_64 random(random_seed());
  const std::vector<known_reply> known = known_replies();
  const auto below = [&](std::size_t bound) { return random() % bound; };
  std::size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    known_reply each = known[below(known.size())];
    each.asked = known[below(known.size())].asked;
    for (std::size_t changes = below(4); changes > 0 && each.frame.size() > 8; --changes) {
      // Small numbers, limits and noise: what lengths and counts are likely to trip over.
      const std::byte values[] = {std::byte{0}, std::byte{1}, std::byte{0xff},
                                  static_cast<std::byte>(below(256))};
      each.frame[8 + below(each.frame.size() - 8)] = values[below(std::size(values))];
    }
    if (below(4) == 0) {
      each.frame.resize(8 + below(each.frame.size()));
      set_length(each.frame);
    }
    if (decode_soundly(each, each.frame)) ++taken;
  }
  // Neither everything nor nothing passed: the damage was of both kinds.
  CHECK(taken > 500);
  CHECK(taken < 19'500);
}

}  // namespace
}  // namespace vibes::test
