#include <catch2/catch.hpp>

#include "daemon/store/admission.hpp"

namespace vibes::test {
namespace {

using store::memory_headroom;

std::size_t bytes_left = 0;
int asked = 0;

bool is_left(std::size_t bytes) noexcept {
  ++asked;
  return bytes <= bytes_left;
}

TEST_CASE("The system is asked once for each step that the queue grows by", "[headroom]") {
  bytes_left = 100 << 20;
  asked = 0;
  memory_headroom memory(is_left);
  for (std::size_t queued = 0; queued < 10 << 20; queued += 1'000) {
    REQUIRE(memory.allows(queued, 1'000));
  }
  CHECK(asked >= 10);
  CHECK(asked <= 12);
}

TEST_CASE("Events are refused while there is still memory for everything else", "[headroom]") {
  asked = 0;
  memory_headroom memory(is_left);
  const std::size_t enough = 1'000 + memory_headroom::step_bytes + memory_headroom::kept_bytes;
  bytes_left = enough - 1;
  CHECK_FALSE(memory.allows(0, 1'000));
  CHECK_FALSE(memory.allows(0, 1'000));
  CHECK(asked == 2);
  bytes_left = enough;
  CHECK(memory.allows(0, 1'000));
}

TEST_CASE("A queue that has become shorter and grows again asks again", "[headroom]") {
  bytes_left = 100 << 20;
  memory_headroom memory(is_left);
  REQUIRE(memory.allows(50 << 20, 1'000));
  REQUIRE(memory.allows(0, 1'000));
  bytes_left = 0;
  CHECK(memory.allows(1'000, 1'000));
  CHECK_FALSE(memory.allows(40 << 20, 1'000));
}

}  // namespace
}  // namespace vibes::test
