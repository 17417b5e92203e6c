#pragma once

#include <random>

#include "tests/support/recording.hpp"

namespace vibes::test {

/// Damages inputs as a fuzzer would, without its feedback: the same seed, the same damage.
class mutator {
 public:
  explicit mutator(std::uint64_t seed) : random_(seed) {}

  /// Some changes, one to eight; `other` is what a piece may be taken from.
  frame_bytes damaged(frame_bytes input, const frame_bytes& other);
  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  void change(frame_bytes& input, const frame_bytes& other);
  void set_number_somewhere(frame_bytes& input);
  void copy_piece(frame_bytes& input, const frame_bytes& from);

  std::mt19937_64 random_;
};

}  // namespace vibes::test
