#include "daemon/cli/guarded.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace vibes::test {
namespace {

TEST_CASE("A command's code passes, and no exception does", "[guarded]") {
  CHECK(cli::guarded([] { return 65; }) == 65);
  CHECK(cli::guarded([]() -> int { throw std::runtime_error("odd"); }) == 1);
  CHECK(cli::guarded([]() -> int { throw std::bad_alloc(); }) == 1);
  CHECK(cli::guarded([]() -> int { throw 5; }) == 1);
}

}  // namespace
}  // namespace vibes::test
