#pragma once

#include <cstdint>

namespace vibes::test {

/// The seed of a random test: VIBES_TEST_SEED when it is set, else a fresh one.
/// It is printed once a program, so that a failure is a number one can paste.
std::uint64_t random_seed();

}  // namespace vibes::test
