#include "tests/fuzz/mutation.hpp"

#include <algorithm>

namespace vibes::test {
namespace {

constexpr std::size_t size_max = 4096;

}  // namespace

frame_bytes mutator::damaged(frame_bytes input, const frame_bytes& other) {
  for (std::size_t changes = 1 + below(8); changes > 0; --changes) change(input, other);
  if (input.size() > size_max) input.resize(size_max);
  return input;
}

void mutator::change(frame_bytes& input, const frame_bytes& other) {
  if (input.empty()) {
    input.push_back(static_cast<std::byte>(below(256)));
    return;
  }
  const std::size_t at = below(input.size());
  switch (below(6)) {
    case 0: input[at] = static_cast<std::byte>(below(256)); break;
    case 1: input[at] ^= static_cast<std::byte>(1U << below(8)); break;
    case 2: set_number_somewhere(input); break;
    case 3:
      input.erase(input.begin() + std::ptrdiff_t(at),
                  input.begin() + std::ptrdiff_t(std::min(input.size(), at + 1 + below(16))));
      break;
    case 4: copy_piece(input, input); break;
    default: copy_piece(input, other); break;
  }
}

/// Numbers that lengths and counts trip over, of one to eight bytes.
void mutator::set_number_somewhere(frame_bytes& input) {
  constexpr std::uint64_t interesting[] = {0,      1,           2,           255,
                                           0xffff, 0x7fff'ffff, 0x8000'0000, ~std::uint64_t{0}};
  const std::uint64_t value = interesting[below(std::size(interesting))];
  const std::size_t size = std::min(std::size_t{1} << below(4), input.size());
  const std::size_t at = below(input.size() - size + 1);
  for (std::size_t i = 0; i < size; ++i) {
    input[at + i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
  }
}

void mutator::copy_piece(frame_bytes& input, const frame_bytes& from) {
  if (from.empty()) return;
  const std::size_t begin = below(from.size());
  const std::size_t size = std::min(from.size() - begin, 1 + below(64));
  const frame_bytes piece(from.begin() + std::ptrdiff_t(begin),
                          from.begin() + std::ptrdiff_t(begin + size));
  const auto at = input.begin() + std::ptrdiff_t(below(input.size() + 1));
  input.insert(at, piece.begin(), piece.end());
}

}  // namespace vibes::test
