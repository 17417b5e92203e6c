#include <xxhash.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/journal/journal_errc.hpp"
#include "tests/unit/journal/damage_support.hpp"

namespace vibes::test {
namespace {

using journal::journal_errc;
using protocol::byte_vector;

TEST_CASE("The sample is whole", "[journal][damage]") {
  const recovery whole = recover(sample_directory());
  CHECK(whole.events.size() == 93 - 19);
  CHECK(whole.batches == 1);
  CHECK(whole.report.segments > 4);
  CHECK(whole.report.lost.empty());
  CHECK(whole.report.damaged_bytes == 0);
  CHECK(only_true_events(whole));
}

TEST_CASE("A last segment that is cut anywhere ends the log quietly", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  const std::string last = segments_of(sample).back();
  const std::size_t size = sample.at(last).size();
  for (std::size_t cut = 0; cut < size; ++cut) {
    directory_contents files = sample;
    files[last].resize(cut);
    const recovery of = recover(files);
    CAPTURE(cut);
    REQUIRE_FALSE(of.error);
    REQUIRE(of.report.damaged_bytes == 0);
    REQUIRE(of.report.damaged_headers == 0);
    REQUIRE(of.report.lost.empty());
    REQUIRE(only_true_events(of));
    REQUIRE(of.report.tail_bytes <= cut);
    // A second start finds nothing left to repair.
    REQUIRE(recover(of.after).report.tail_bytes == 0);
  }
}

TEST_CASE("Another segment that is cut anywhere costs its own end, counted", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  const std::size_t all = recover(sample).events.size();
  const std::vector<std::string> names = segments_of(sample);
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    for (std::size_t cut = 0; cut < sample.at(names[i]).size(); ++cut) {
      directory_contents files = sample;
      files[names[i]].resize(cut);
      const recovery of = recover(files);
      CAPTURE(names[i], cut);
      REQUIRE_FALSE(of.error);
      REQUIRE(only_true_events(of));
      // What is gone is counted, one by one: nothing is taken for settled.
      REQUIRE(of.events.size() + of.report.lost.count() == all);
    }
  }
}

TEST_CASE("Each flipped byte costs at most what it stands in, counted", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  const std::size_t all = recover(sample).events.size();
  const std::vector<std::string> names = segments_of(sample);
  for (const std::string& name : names) {
    for (std::size_t at = 0; at < sample.at(name).size(); ++at) {
      directory_contents files = sample;
      files[name][at] ^= std::byte{0x41};
      const recovery of = recover(files);
      CAPTURE(name, at);
      REQUIRE_FALSE(of.error);
      REQUIRE(only_true_events(of));
      const journal::recovery_report& report = of.report;
      REQUIRE(report.damaged_bytes + report.damaged_headers + report.tail_bytes > 0);
      REQUIRE(of.events.size() + report.lost.count() + 1 >= all);
      REQUIRE(report.lost.count() <= 1);
    }
  }
}

TEST_CASE("Zeros at the end are the end", "[journal][damage]") {
  directory_contents files = sample_directory();
  files[segments_of(files).back()].resize(files[segments_of(files).back()].size() + 5'000);
  const recovery of = recover(files);
  CHECK(of.report.tail_bytes == 5'000);
  CHECK(of.report.damaged_bytes == 0);
  CHECK(of.events.size() == 74);
}

TEST_CASE("Zeros in the middle are stepped over", "[journal][damage]") {
  directory_contents files = sample_directory();
  auto& bytes = files[segments_of(files)[1]];
  std::fill(bytes.begin() + 300, bytes.begin() + 700, std::byte{0});
  const recovery of = recover(files);
  CHECK(of.report.damaged_stretches == 1);
  CHECK(of.report.damaged_bytes >= 400);
  CHECK(of.events.size() + of.report.lost.count() == 74);
  CHECK(of.report.lost.count() < 8);
}

TEST_CASE("A missing segment is missed, event by event", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  const std::vector<std::string> names = segments_of(sample);
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    directory_contents files = sample;
    files.erase(names[i]);
    const recovery of = recover(files);
    CHECK(of.report.lost.count() > 5);
    CHECK(of.events.size() + of.report.lost.count() == 74);
    CHECK(only_true_events(of));
  }
}

TEST_CASE("A copy of a segment is ignored and left alone", "[journal][damage]") {
  directory_contents files = sample_directory();
  const std::string name = segments_of(files)[1];
  const std::string copy = "00000000000000ff.segment";
  files[copy] = files[name];
  const recovery of = recover(files);
  CHECK(of.events.size() == 74);
  CHECK(of.report.duplicate_segments == 1);
  CHECK(of.report.ignored_names == std::vector<std::string>{copy});
  CHECK(of.after.at(copy) == files[copy]);
}

TEST_CASE("Segments that changed their names are read in their order", "[journal][damage]") {
  directory_contents files = sample_directory();
  const std::vector<std::string> names = segments_of(files);
  std::swap(files[names[0]], files[names.back()]);
  std::swap(files[names[1]], files[names[3]]);
  const recovery of = recover(files);
  CHECK(of.events.size() == 74);
  CHECK(of.report.renamed_segments == 4);
  CHECK(of.report.damaged_bytes == 0);
  CHECK(only_true_events(of));
}

TEST_CASE("Files that are not the journal's are left alone", "[journal][damage]") {
  directory_contents files = sample_directory();
  files["notes.txt"] = protocol::byte_vector(100);
  files["0000000000000001.segment.bak"] = files[segments_of(files)[0]];
  const recovery of = recover(files);
  CHECK(of.events.size() == 74);
  CHECK(of.report.foreign_files == 2);
  CHECK(of.after.at("notes.txt").size() == 100);
  CHECK(of.after.contains("0000000000000001.segment.bak"));
}

TEST_CASE("Segments of another journal are not replayed", "[journal][damage]") {
  directory_contents files = sample_directory();
  fake_file_system elsewhere;
  {
    journal::journal other(elsewhere, small_limits(), writer + 1);
    REQUIRE(other.open().has_value());
    journal::record_group group;
    group.add(event_of(500, "{\"type\":\"not ours\"}"));
    REQUIRE(!other.append(std::move(group), wall_clock_us + 1));
    REQUIRE(!other.sync(wall_clock_us));
  }
  const std::string name = "0000000000000077.segment";
  files[name] = elsewhere.contents().at("0000000000000001.segment");
  const recovery of = recover(files);
  CHECK(of.events.size() == 74);
  CHECK(of.report.foreign_segments == 1);
  CHECK(of.after.at(name) == files[name]);
  CHECK(of.report.lost.empty());
}

/// The segment with the version field changed and the header's checksum made right again.
protocol::byte_vector with_version(protocol::byte_vector segment, std::uint32_t version) {
  segment[8] = static_cast<std::byte>(version);
  const std::uint64_t checksum = XXH3_64bits(segment.data(), 56);
  for (std::size_t i = 0; i < 8; ++i) segment[56 + i] = static_cast<std::byte>(checksum >> (8 * i));
  return segment;
}

TEST_CASE("Another format version is refused and nothing is touched", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  for (const std::uint32_t version : {0U, 2U, 200U}) {
    for (const std::string& name : segments_of(sample)) {
      directory_contents files = sample;
      files[name] = with_version(files[name], version);
      files[segments_of(files).back()].push_back(std::byte{1});  // would be cut off
      const recovery of = recover(files);
      CHECK(of.error == (version == 0 ? journal_errc::older_format : journal_errc::newer_format));
      CHECK(of.after == files);
    }
  }
}

TEST_CASE("A damaged version field is damage, not another version", "[journal][damage]") {
  directory_contents files = sample_directory();
  files[segments_of(files)[1]][8] = std::byte{2};
  const recovery of = recover(files);
  CHECK_FALSE(of.error);
  CHECK(of.report.damaged_headers == 1);
  CHECK(of.events.size() == 74);
}

TEST_CASE("An empty segment, and one with a header only, are harmless", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  const std::string next = "0000000000000100.segment";
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, journal::segment_header_bytes}) {
    directory_contents files = sample;
    journal::encode(journal::segment_header{0x100, 94, wall_clock_us, writer}, files[next]);
    files[next].resize(size);
    const recovery of = recover(files);
    CHECK(of.events.size() == 74);
    CHECK(of.report.damaged_headers == 0);
    CHECK(of.report.damaged_bytes == 0);
    CHECK_FALSE(of.after.contains(next));
  }
}

TEST_CASE("A huge length is not believed", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  for (const int high : {0x00, 0x01, 0x7f, 0xff}) {
    directory_contents files = sample;
    auto& bytes = files[segments_of(files)[2]];
    // The first record behind the header.
    for (std::size_t i = 0; i < 3; ++i) bytes[64 + i] = std::byte{0xff};
    bytes[67] = static_cast<std::byte>(high);
    const recovery of = recover(files);
    CHECK_FALSE(of.error);
    CHECK(of.report.damaged_stretches == 1);
    CHECK(only_true_events(of));
  }
}

TEST_CASE("A directory with a lock only is an empty journal", "[journal][damage]") {
  const recovery of = recover({{"lock", {}}});
  CHECK_FALSE(of.error);
  CHECK(of.events.empty());
  CHECK(of.report.segments == 0);
}

TEST_CASE("A segment whose header is damaged is read all the same", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  for (const std::string& name : segments_of(sample)) {
    for (const std::byte with : {std::byte{0}, std::byte{0xff}}) {
      directory_contents files = sample;
      std::fill_n(files[name].begin(), journal::segment_header_bytes, with);
      const recovery of = recover(files);
      CAPTURE(name);
      CHECK(of.report.damaged_headers == 1);
      CHECK(of.report.lost.empty());
      CHECK(of.events.size() == 74);
      CHECK(of.batches == 1);
    }
  }
}

TEST_CASE("A missing newest segment costs what only it said", "[journal][damage]") {
  directory_contents files = sample_directory();
  files.erase(segments_of(files).back());
  const recovery of = recover(files);
  CHECK_FALSE(of.error);
  CHECK(only_true_events(of));
  CHECK(of.report.damaged_bytes == 0);
  CHECK(recover(of.after).events == of.events);
}

/// A segment of one record, of which so many bytes are missing at the end, with a right checksum.
directory_contents segment_of(byte_vector record, std::size_t missing) {
  record.resize(record.size() - missing);
  record[0] = static_cast<std::byte>(record.size());
  journal::seal_record(record, 1);
  byte_vector bytes;
  journal::encode(journal::segment_header{1, 1, wall_clock_us, writer}, bytes);
  bytes.insert(bytes.end(), record.begin(), record.end());
  return {{journal::segment_name(1), bytes}};
}

TEST_CASE("A record that is too short for its kind is counted, whatever its checksum",
          "[journal][damage]") {
  byte_vector identity;
  journal::encode_identity(identity);
  byte_vector event;
  journal::encode(event_of(1, ""), 0, event);
  byte_vector batch;
  journal::encode(batch_of({{1, 1}}), 0, batch);
  byte_vector release;
  journal::encode_release(set_of({{1, 1}}), 0, release);
  for (const byte_vector& record : {identity, event, batch, release}) {
    CAPTURE(static_cast<int>(record[4]));
    CHECK(recover(segment_of(record, 0)).report.malformed_records == 0);
    CHECK(recover(segment_of(record, 1)).report.malformed_records == 1);
  }
}

}  // namespace
}  // namespace vibes::test
