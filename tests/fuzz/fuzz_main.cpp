#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/target.hpp"

// Built once for each target, whose name is VIBES_FUZZ_TARGET. main() is libFuzzer's.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vibes::test;
  static const fuzz_target& target = [] {
    const auto all = fuzz_targets();
    const auto found = std::ranges::find(all, VIBES_FUZZ_TARGET, &fuzz_target::name);
    if (found == all.end()) std::abort();
    return *found;
  }();
  try {
    target.run(std::as_bytes(std::span(data, size)));
  } catch (const finding& what) {
    std::fprintf(stderr, "NOT SO: %s\n", what.what());
    std::abort();
  }
  return 0;
}
