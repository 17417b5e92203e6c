#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "protocol/partitioning.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

struct vector_row {
  std::string key;
  session_hash hash;
  std::size_t of_3;
  std::size_t of_8;
};

// Computed with two other implementations of XXH32; docs/wire.md, "Partitioning".
const std::vector<vector_row> vectors = {
    {"unknown", 0xED1682C1, 0, 1},   {"sess-abc-123", 0x6373FCC0, 1, 0},
    {"test-sess", 0x9782FD22, 1, 2}, {"sess-0", 0xB31A751A, 0, 2},
    {"sess-1", 0xA1D2A95A, 0, 2},    {"sess-2", 0x065EE173, 2, 3},
    {"sess-3", 0x632DB42A, 0, 2},    {"0192d3c4-5e6f-7a8b-9c0d-1e2f3a4b5c6d", 0xB326CB90, 0, 0},
    {"a", 0x550D7456, 0, 6},         {"abc", 0x32D153FF, 0, 7},
    {"user-2", 0xEF207309, 2, 1},    {std::string(255, 'x'), 0x9D0AB366, 1, 6},
    {"zażółć", 0xF88E7E2D, 0, 5},    {"Nobody inspects the spammish repetition", 0xE2293B2F, 1, 7},
};

TEST_CASE("A session's hash is XXH32 of its key's bytes", "[partitioning]") {
  for (const vector_row& each : vectors) {
    CAPTURE(each.key);
    CHECK(hash_session(each.key) == each.hash);
  }
  CHECK(hash_session("") == 0x02CC5D05);
}

TEST_CASE("From 0.6 on the remainder is the partition", "[partitioning]") {
  for (const generation gen :
       {generation::iggy_0_6, generation::iggy_0_7, generation::iggy_0_9, generation::iggy_0_10}) {
    for (const vector_row& each : vectors) {
      CAPTURE(each.key);
      CHECK(partition_index(each.hash, 1, gen) == 0);
      CHECK(partition_index(each.hash, 3, gen) == each.of_3);
      CHECK(partition_index(each.hash, 8, gen) == each.of_8);
      CHECK(partition_index(each.hash, 100, gen) == each.hash % 100);
    }
  }
}

TEST_CASE("Before 0.6 remainder 0 is the last partition", "[partitioning]") {
  for (const vector_row& each : vectors) {
    CAPTURE(each.key);
    const auto before = [](std::size_t index, std::size_t count) {
      return (index + count - 1) % count;
    };
    for (const generation gen : {generation::iggy_0_4, generation::iggy_0_5}) {
      CHECK(partition_index(each.hash, 1, gen) == 0);
      CHECK(partition_index(each.hash, 3, gen) == before(each.of_3, 3));
      CHECK(partition_index(each.hash, 8, gen) == before(each.of_8, 8));
      CHECK(partition_index(each.hash, 100, gen) == before(each.hash % 100, 100));
    }
  }
}

/// "partition 2 ..." lines, each followed by its messages: where a real server put which key.
std::map<std::string, std::size_t> recorded_places(const std::string& version) {
  std::ifstream file(VIBES_SOURCE_DIR "/tests/golden/server-" + version + ".txt");
  const std::string before = "\"session_id\":\"";
  std::map<std::string, std::size_t> places;
  std::size_t partition = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("partition ")) partition = std::stoul(line.substr(10));
    const std::size_t at = line.find(before);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + before.size();
    places[line.substr(begin, line.find('"', begin) - begin)] = partition;
  }
  return places;
}

TEST_CASE("A key lands where real servers put it", "[partitioning][golden]") {
  for (const std::string version : {"0.6.0", "0.7.0", "0.8.0", "0.9.0-edge.5"}) {
    CAPTURE(version);
    const auto places = recorded_places(version);
    REQUIRE(places.size() == 8);
    for (const auto& [key, partition] : places) {
      CAPTURE(key);
      CHECK(partition_index(hash_session(key), 8, generation::iggy_0_7) == partition);
    }
  }
}

}  // namespace
}  // namespace vibes::test
