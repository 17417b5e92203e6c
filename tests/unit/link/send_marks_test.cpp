#include "daemon/link/send_marks.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "daemon/link/link_shared.hpp"

namespace vibes::test {
namespace {

using link::send_marks;

std::uint64_t number_of(const send_marks& marks, protocol::partition_id partition) {
  const auto found = marks.find(partition);
  return found ? found->number : 0;
}

TEST_CASE("A partition's mark is the last that was set, until its batch is resolved", "[marks]") {
  send_marks marks;
  CHECK_FALSE(marks.find(3));
  marks.set(3, {11, {100, 200}});
  marks.set(4, {12, {}});
  REQUIRE(marks.find(3));
  CHECK(marks.find(3)->number == 11);
  CHECK(marks.find(3)->context == protocol::partition_context{100, 200});
  marks.set(3, {13, {}});
  CHECK(number_of(marks, 3) == 13);
  marks.erase(3);
  marks.erase(3);
  CHECK_FALSE(marks.find(3));
  CHECK(number_of(marks, 4) == 12);
  marks.clear();
  CHECK_FALSE(marks.find(4));
}

TEST_CASE("Marks of partitions that are gone go with them", "[marks]") {
  send_marks marks;
  for (const protocol::partition_id each : {0U, 2U, 5U}) marks.set(each, {each + 1, {}});
  marks.keep_only(std::array{protocol::partition_id{2}, protocol::partition_id{9}});
  CHECK(number_of(marks, 2) == 3);
  CHECK_FALSE(marks.find(0));
  CHECK_FALSE(marks.find(5));
  CHECK_FALSE(marks.find(9));
  marks.keep_only({});
  CHECK_FALSE(marks.find(2));
}

TEST_CASE("Marks live as long as their session", "[marks]") {
  link::link_shared shared(1);
  const auto first = std::make_shared<protocol::session>();
  shared.begin_session(first);
  shared.marks.set(0, {5, {}});
  shared.begin_session(first);  // taken up again on another connection
  CHECK(number_of(shared.marks, 0) == 5);
  shared.begin_session(std::make_shared<protocol::session>());
  CHECK_FALSE(shared.marks.find(0));
  shared.marks.set(0, {6, {}});
  shared.begin_session(nullptr);
  CHECK_FALSE(shared.marks.find(0));
}

}  // namespace
}  // namespace vibes::test
