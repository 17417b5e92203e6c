#include "daemon/link/frame_output.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using link::frame_output;
using protocol::byte_vector;

/// A piece of `size` bytes that count on from `first`, so that a lost or swapped byte shows.
byte_vector piece(std::size_t size, std::size_t first = 0) {
  byte_vector made;
  for (std::size_t i = 0; i < size; ++i) made.push_back(static_cast<std::byte>(first + i));
  return made;
}

byte_vector unwritten(const frame_output& output) {
  frame_output::spans spans;
  byte_vector joined;
  const std::size_t count = output.gather(spans);
  for (std::size_t i = 0; i < count; ++i) {
    joined.insert(joined.end(), spans[i].begin(), spans[i].end());
  }
  return joined;
}

frame_output three_pieces() {
  frame_output output;
  output.push(piece(3));
  output.push(piece(1, 3));
  output.push(piece(6, 4));
  return output;
}

TEST_CASE("A write may stop at any byte, twice", "[frame_output]") {
  const byte_vector all = piece(10);
  for (std::size_t first = 0; first <= all.size(); ++first) {
    for (std::size_t second = 0; first + second <= all.size(); ++second) {
      CAPTURE(first, second);
      frame_output output = three_pieces();
      output.wrote(first);
      REQUIRE(unwritten(output) == byte_vector(all.begin() + static_cast<int>(first), all.end()));
      output.wrote(second);
      REQUIRE(unwritten(output) ==
              byte_vector(all.begin() + static_cast<int>(first + second), all.end()));
      REQUIRE(output.empty() == (first + second == all.size()));
    }
  }
}

TEST_CASE("Pieces pushed behind a half-written one follow it", "[frame_output]") {
  frame_output output;
  output.push(piece(4));
  output.wrote(3);
  output.push(piece(2, 4));
  CHECK(unwritten(output) == piece(3, 3));
}

TEST_CASE("A write under way keeps its memory while more is pushed", "[frame_output]") {
  frame_output output;
  output.push(piece(4));
  frame_output::spans before;
  REQUIRE(output.gather(before) == 1);
  for (int i = 0; i < 100; ++i) output.push(piece(1));
  frame_output::spans after;
  output.gather(after);
  CHECK(before[0].data() == after[0].data());
}

TEST_CASE("More pieces than one write takes go in several", "[frame_output]") {
  frame_output output;
  for (std::size_t i = 0; i < 40; ++i) output.push(piece(2, 2 * i));
  byte_vector written;
  std::size_t writes = 0;
  while (!output.empty()) {
    frame_output::spans spans;
    REQUIRE(output.gather(spans) <= frame_output::gather_max);
    const byte_vector next = unwritten(output);
    written.insert(written.end(), next.begin(), next.end());
    output.wrote(next.size());
    ++writes;
  }
  CHECK(written == piece(80));
  CHECK(writes == 3);
}

TEST_CASE("An empty piece is no piece", "[frame_output]") {
  frame_output output;
  output.push({});
  CHECK(output.empty());
  output.wrote(0);
  CHECK(unwritten(output).empty());
}

TEST_CASE("A written piece lends its memory to the next", "[frame_output]") {
  frame_output output;
  byte_vector large = piece(5);
  large.reserve(10'000);
  const std::byte* memory = large.data();
  output.push(std::move(large));
  output.wrote(5);
  const byte_vector reused = output.take_buffer();
  CHECK(reused.empty());
  CHECK(reused.data() == memory);
  CHECK(output.take_buffer().capacity() == 0);
}

TEST_CASE("No more than a few buffers are kept, and none when the link ends", "[frame_output]") {
  const auto kept = [](frame_output& output) {
    int count = 0;
    while (output.take_buffer().capacity() > 0) ++count;
    return count;
  };
  frame_output output;
  for (int i = 0; i < 20; ++i) output.push(piece(1));
  output.wrote(20);
  CHECK(kept(output) == 4);

  output.push(piece(2));
  output.wrote(2);
  output.push(piece(2));
  output.wrote(1);
  output.clear();
  CHECK(output.empty());
  CHECK(kept(output) == 0);
  output.push(piece(3));
  CHECK(unwritten(output) == piece(3));  // nothing is remembered of the half-written piece
}

}  // namespace
}  // namespace vibes::test
