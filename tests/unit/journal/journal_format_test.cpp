#include <catch2/catch.hpp>

#include "daemon/journal/journal_errc.hpp"
#include "tests/support/recording.hpp"
#include "tests/unit/journal/journal_support.hpp"

// The expected bytes were put together by another program, from docs/journal-format.md alone.

namespace vibes::test {
namespace {

using namespace journal;

constexpr std::uint64_t golden_segment = 0x2a;

byte_vector sealed(byte_vector bytes) {
  for_each_record(std::span(bytes), [](const record_header&, std::span<std::byte> record) {
    seal_record(record, golden_segment);
  });
  return bytes;
}

template <class Record>
std::string hex_of(const Record& record, std::uint8_t flags) {
  byte_vector bytes;
  encode(record, flags, bytes);
  return to_hex(sealed(bytes));
}

const char* const golden_header =
    "56494245534a4e4c01000000000000002a00000000000000e80300000000000000401e18240a0600"
    "88776655443322110000000000000000bc08bdaba2728551";

TEST_CASE("A segment header has its documented bytes", "[journal_format]") {
  const segment_header header{golden_segment, 1'000, 1'700'000'000'000'000, writer};
  byte_vector bytes;
  encode(header, bytes);
  CHECK(to_hex(bytes) == golden_header);
  const decoded_header decoded = decode_segment_header(bytes);
  CHECK(decoded.verdict == header_verdict::good);
  CHECK(decoded.header == header);
}

TEST_CASE("A header of another version is told from a damaged one", "[journal_format]") {
  const byte_vector newer = from_hex(
      "56494245534a4e4c02000000000000002a00000000000000e80300000000000000401e18240a0600"
      "88776655443322110000000000000000a0e0fd24b807c768");
  const byte_vector older = from_hex(
      "56494245534a4e4c00000000000000002a00000000000000e80300000000000000401e18240a0600"
      "8877665544332211000000000000000051bbb9a3f85e5013");
  CHECK(decode_segment_header(newer).verdict == header_verdict::newer);
  CHECK(decode_segment_header(older).verdict == header_verdict::older);
  for (std::size_t at = 0; at < segment_header_bytes; ++at) {
    byte_vector damaged = from_hex(golden_header);
    CHECK(decode_segment_header(std::span(damaged).first(at)).verdict == header_verdict::damaged);
    damaged[at] ^= std::byte{1};
    CHECK(decode_segment_header(damaged).verdict == header_verdict::damaged);
  }
}

TEST_CASE("An event has its documented bytes", "[journal_format]") {
  const std::string payload = "{\"type\":\"x\"}";
  const event_record event = event_of(1'001, payload);
  CHECK(hex_of(event, 0) ==
        "4000000001000000e9030000000000003e89c5aadfa2c38b8d13000000000000bb0b000000000000"
        "5f1b0000e9431e18240a06007b2274797065223a2278227d");
  const std::string long_payload(300, 'x');
  CHECK(hex_of(event_of(1'001, long_payload), flag_moved).substr(32, 16) == "ab776dde688f93ed");
}

TEST_CASE("A batch has its documented bytes", "[journal_format]") {
  const recorded_batch batch = batch_of({{1'001, 1'001}, {1'004, 1'300}, {200'000, 200'001}});
  CHECK(hex_of(batch, 0) ==
        "3d00000002000000e9030000000000004d7e5db96bc577be0300000005000000bc9a785634120000"
        "020000004d00000000000000000001a802aa900c01");
}

TEST_CASE("A release has its documented bytes", "[journal_format]") {
  byte_vector bytes;
  encode_release(set_of({{1, 999}, {1'001, 1'001}}), flag_checkpoint, bytes);
  CHECK(to_hex(sealed(bytes)) == "1d0000000302000001000000000000004e66dd5db28fe5cb00e6070000");
}

TEST_CASE("An identity is its header and forty zeros", "[journal_format]") {
  byte_vector bytes;
  encode_identity(bytes);
  CHECK(to_hex(sealed(bytes)) ==
        "40000000040000000100000000000000e116b46f1039d89100000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000");
}

TEST_CASE("Records decode to what was encoded", "[journal_format]") {
  byte_vector bytes;
  recorded_batch batch = batch_of({{5, 5}, {7, 9}, {sequence_max - 1, sequence_max}});
  batch.dissolved = true;
  encode(batch, 0, bytes);
  CHECK(*decode_batch(bytes) == batch);
  bytes.clear();
  encode(event_of(3, "{}"), 0, bytes);
  const event_record event = *decode_event(bytes);
  CHECK(event.sequence == 3);
  CHECK(event.id == event_of(3, "").id);
  CHECK(event.payload.size() == 2);
}

TEST_CASE("A large release is several records, each within its limit", "[journal_format]") {
  sequence_set settled;
  for (std::uint64_t at = 1; at < 400'000; at += 3) settled.add(at);
  byte_vector bytes;
  encode_release(settled, 0, bytes);
  sequence_set decoded;
  std::size_t records = 0;
  for_each_record(const_bytes(bytes), [&](const record_header& header, const_bytes record) {
    CHECK(header.length <= record_header_bytes + release_body_bytes_max);
    decoded.unite(*decode_release(record));
    ++records;
  });
  CHECK(records == 5);
  CHECK(decoded == settled);
}

TEST_CASE("Bodies that make no sense are refused whatever their checksum", "[journal_format]") {
  byte_vector good;
  encode(batch_of({{5, 5}, {7, 400}}), 0, good);
  const auto cut = [](byte_vector bytes, std::size_t size) {
    bytes.resize(size);
    return bytes;
  };
  CHECK_FALSE(decode_event(cut(good, 24 + 27)).has_value());
  CHECK_FALSE(decode_batch(cut(good, 24 + 20)).has_value());
  CHECK_FALSE(decode_batch(cut(good, 24 + 28)).has_value());          // no range at all
  CHECK_FALSE(decode_batch(cut(good, good.size() - 1)).has_value());  // half a varint
  CHECK_FALSE(decode_release(cut(good, 24)).has_value());
  for (const char* ranges : {"ffffffffffffffffff0100", "00ffffffffffffffffff01", "0100",
                             "80808080808080808080808000", "00ffffffffffffffffff7f"}) {
    byte_vector release = cut(good, 24);
    const byte_vector body = from_hex(ranges);
    release.insert(release.end(), body.begin(), body.end());
    CAPTURE(ranges);
    CHECK(decode_release(release).error() == journal_errc::malformed_body);
  }
}

TEST_CASE("A segment's name is its id", "[journal_format]") {
  CHECK(segment_name(0x1f) == "000000000000001f.segment");
  CHECK(segment_id_of("000000000000001f.segment") == 0x1f);
  for (const char* name : {"1f.segment", "000000000000001F.segment", "000000000000001f.segmenu",
                           "0000000000000000.segment", "ffffffffffffffff.segment", "lock", ""}) {
    CAPTURE(name);
    CHECK(segment_id_of(name) == 0);
  }
}

}  // namespace
}  // namespace vibes::test
