#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "protocol/error.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/seed.hpp"
#include "tests/unit/protocol/reply_support.hpp"

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
  const std::unique_ptr<codec> wire = codec_of(of.gen);
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

void set_length(const known_reply& of, frame_bytes& frame) {
  set_number(frame, length_at(of.gen), length_of(of.gen, frame.size()));
}

bool is_refusal(const known_reply& of) {
  return number_at<std::uint32_t>(of.frame, status_at(of.gen)) != 0;
}

/// What a reply with an empty payload means, where that is a success: from 0.9 on a send that was
/// had before; and a login that failed for good.
bool may_be_empty(const known_reply& of) {
  const bool login =
      of.asked == command::login_with_password || of.asked == command::login_with_token;
  return asks_for_object(of.asked) ||
         (is_vsr(of.gen) && (login || of.asked == command::send_messages));
}

/// Records of 0.10's development may be what a cut leaves of those of its end.
bool has_two_layouts(const known_reply& of) {
  return of.gen == generation::iggy_0_10 &&
         (of.asked == command::get_topic || of.asked == command::create_topic);
}

void check_empty(const known_reply& of, const result<reply>& got) {
  REQUIRE(got.has_value());
  if (asks_for_object(of.asked)) {
    CHECK(std::holds_alternative<not_found>(got->body));
  } else if (of.asked == command::send_messages) {
    CHECK_FALSE(std::get<sent>(got->body).confirmed.has_value());
  } else {
    CHECK(iggy_status(got->status) == iggy_errc::unauthenticated);
  }
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
    const std::size_t header = header_size_of(each.gen);
    for (std::size_t size = header; size < each.frame.size(); ++size) {
      CAPTURE(size);
      frame_bytes cut(each.frame.begin(), each.frame.begin() + std::ptrdiff_t(size));
      set_length(each, cut);
      const result<reply> got = decode_soundly(each, cut);
      if (size == header && may_be_empty(each)) {
        check_empty(each, got);
      } else if (got && has_two_layouts(each)) {
        CHECK(std::get<topic_details>(got->body).partitions.size() == 2);
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
      set_length(each, longer);
      const result<reply> counted = decode_soundly(each, longer);
      if (each.asked == command::get_stats) {
        CHECK(counted.has_value());  // later releases append to it
      } else if (asks_for_object(each.asked) && each.frame.size() == header_size_of(each.gen)) {
        CHECK_FALSE(counted.has_value());  // no longer empty, so it has to be the object
      } else if (is_vsr(each.gen) && each.asked == command::poll_messages) {
        CHECK((!counted && counted.error() == wire_errc::truncated));  // it would be a batch
      } else {
        const bool refusal = is_refusal(each);
        const bool rejected = number_at<std::uint32_t>(each.frame, each.frame.size() - 4) == 2013;
        const bool topic =
            !rejected && (each.asked == command::get_topic || each.asked == command::create_topic);
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
        const std::size_t status = status_at(each.gen);
        if (at < status || at >= status + 4) continue;
        // The status: a refusal that carries a payload is nothing, one without is itself.
        const bool empty = each.frame.size() == header_size_of(each.gen);
        if (got.has_value() != empty) FAIL(each.what << " with byte " << at << " changed");
        if (empty) CHECK(got->status == number_at<std::uint32_t>(flipped, status));
      }
    }
  }
  SUCCEED("every change was taken or refused soundly");
}

TEST_CASE("A reply with a changed length is refused", "[damaged]") {
  for (const known_reply& each : known_replies()) {
    CAPTURE(each.what);
    const std::uint32_t length = length_of(each.gen, each.frame.size());
    for (const std::uint32_t wrong : {length + 1, length + 40, 0x7fff'ffffU, 0xffff'ffffU}) {
      frame_bytes frame = each.frame;
      set_number(frame, length_at(each.gen), wrong);
      const result<reply> got = decode_soundly(each, frame);
      CHECK((!got && got.error() == wire_errc::truncated));
    }
    if (each.frame.size() == header_size_of(each.gen)) continue;
    frame_bytes frame = each.frame;
    set_number(frame, length_at(each.gen), length - 1);
    const result<reply> got = decode_soundly(each, frame);
    CHECK((!got && got.error() == wire_errc::trailing_bytes));
  }
}

/// The recorded topics, and those of the kit: all of a topic's records have one size.
std::size_t partition_record_size(const known_reply& of) {
  if (of.gen != generation::iggy_0_10) return 40;
  return of.what.starts_with("an old topic") ? 64 : 70;
}

TEST_CASE("A topic that lists a partition twice is malformed", "[damaged]") {
  std::set<generation> seen;
  for (const known_reply& each : known_replies()) {
    const result<reply> whole = decode_soundly(each, each.frame);
    if (!whole || !std::holds_alternative<topic_details>(whole->body)) continue;
    CAPTURE(each.what);
    frame_bytes twice = each.frame;
    const std::size_t last = twice.size() - partition_record_size(each);
    const std::size_t before = last - partition_record_size(each);
    set_number(twice, last, number_at<std::uint32_t>(twice, before));
    const result<reply> got = decode_soundly(each, twice);
    CHECK((!got && got.error() == wire_errc::malformed));
    seen.insert(each.gen);
  }
  CHECK(seen.size() == 6);
}

TEST_CASE("Replies damaged at random and to other requests hold together", "[damaged][random]") {
  std::mt19937_64 random(random_seed());
  const std::vector<known_reply> known = known_replies();
  const auto below = [&](std::size_t bound) { return random() % bound; };
  std::size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    known_reply each = known[below(known.size())];
    each.asked = known[below(known.size())].asked;
    const std::size_t header = header_size_of(each.gen);
    for (std::size_t changes = below(4); changes > 0 && each.frame.size() > header; --changes) {
      // Small numbers, limits and noise: what lengths and counts are likely to trip over.
      const std::byte values[] = {std::byte{0}, std::byte{1}, std::byte{0xff},
                                  static_cast<std::byte>(below(256))};
      each.frame[header + below(each.frame.size() - header)] = values[below(std::size(values))];
    }
    if (below(4) == 0) {
      each.frame.resize(header + below(each.frame.size()));
      set_length(each, each.frame);
    }
    if (decode_soundly(each, each.frame)) ++taken;
  }
  // Neither everything nor nothing passed: the damage was of both kinds.
  CHECK(taken > 500);
  CHECK(taken < 19'500);
}

}  // namespace
}  // namespace vibes::test
