#include "daemon/base/accept_pause.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

TEST_CASE("Each failure in a row doubles the pause, up to the longest", "[accept]") {
  accept_pause pause;
  duration expected = accept_pause::shortest;
  for (int i = 0; i < 20; ++i) {
    CHECK((pause.failed() == expected));
    expected = std::min(2 * expected, accept_pause::longest);
  }
  CHECK((pause.failed() == accept_pause::longest));
  pause.succeeded();
  CHECK((pause.failed() == accept_pause::shortest));
}

TEST_CASE("What there is none left of is named, with what helps", "[accept]") {
  const auto text = [](int number) {
    return accept_failure_text(error_code(number, boost::system::system_category()));
  };
  CHECK(text(EMFILE).starts_with("this process has no file descriptors left"));
  CHECK(text(ENFILE) == "the system has no file descriptors left");
  CHECK(text(ENOBUFS) == "the system has no memory left");
  CHECK(text(ENOMEM) == "the system has no memory left");
  CHECK(text(EPERM) == "Operation not permitted");
}

}  // namespace
}  // namespace vibes::test
