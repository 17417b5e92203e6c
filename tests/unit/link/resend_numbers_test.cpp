#include "daemon/link/resend_numbers.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "daemon/link/link_shared.hpp"

namespace vibes::test {
namespace {

using link::resend_numbers;

std::uint64_t number_of(const resend_numbers& resends, protocol::partition_id partition) {
  const auto found = resends.find(partition);
  return found ? found->number : 0;
}

TEST_CASE("A partition's mark is the last that was set, until its batch is resolved", "[marks]") {
  resend_numbers resends;
  CHECK_FALSE(resends.find(3));
  resends.set(3, {11, {100, 200}});
  resends.set(4, {12, {}});
  REQUIRE(resends.find(3));
  CHECK(resends.find(3)->number == 11);
  CHECK(resends.find(3)->context == protocol::partition_context{100, 200});
  resends.set(3, {13, {}});
  CHECK(number_of(resends, 3) == 13);
  resends.erase(3);
  resends.erase(3);
  CHECK_FALSE(resends.find(3));
  CHECK(number_of(resends, 4) == 12);
  resends.clear();
  CHECK_FALSE(resends.find(4));
}

TEST_CASE("Marks of partitions that are gone go with them", "[marks]") {
  resend_numbers resends;
  for (const protocol::partition_id each : {0U, 2U, 5U}) resends.set(each, {each + 1, {}});
  resends.keep_only(std::array{protocol::partition_id{2}, protocol::partition_id{9}});
  CHECK(number_of(resends, 2) == 3);
  CHECK_FALSE(resends.find(0));
  CHECK_FALSE(resends.find(5));
  CHECK_FALSE(resends.find(9));
  resends.keep_only({});
  CHECK_FALSE(resends.find(2));
}

TEST_CASE("Marks live as long as their session", "[marks]") {
  link::link_shared shared(1);
  const auto first = std::make_shared<protocol::session>();
  shared.begin_session(first);
  shared.resends.set(0, {5, {}});
  shared.begin_session(first);  // taken up again on another connection
  CHECK(number_of(shared.resends, 0) == 5);
  shared.begin_session(std::make_shared<protocol::session>());
  CHECK_FALSE(shared.resends.find(0));
  shared.resends.set(0, {6, {}});
  shared.begin_session(nullptr);
  CHECK_FALSE(shared.resends.find(0));
}

}  // namespace
}  // namespace vibes::test
