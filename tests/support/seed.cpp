#include "tests/support/seed.hpp"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace vibes::test {

std::uint64_t random_seed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("VIBES_TEST_SEED");
    const std::uint64_t value =
        given != nullptr ? std::stoull(given) : (std::uint64_t{std::random_device{}()} << 20);
    std::cerr << "random tests run with VIBES_TEST_SEED=" << value << "\n";
    return value;
  }();
  return seed;
}

}  // namespace vibes::test
