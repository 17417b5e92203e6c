#include "daemon/store/spill.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

std::vector<std::uint64_t> numbers_of(const journal::record_group& page) {
  std::vector<std::uint64_t> found;
  journal::for_each_record(page.bytes(),
                           [&](const journal::record_header& header, protocol::const_bytes) {
                             found.push_back(header.sequence);
                           });
  return found;
}

journal::record_group records_of(const std::vector<std::uint64_t>& numbers) {
  journal::record_group made;
  for (const std::uint64_t each : numbers) {
    made.add({each, {}, 0, 0, std::as_bytes(std::span(std::string_view("{}")))});
  }
  return made;
}

std::vector<std::uint64_t> visited_from(const store::spill& of, std::uint64_t from) {
  std::vector<std::uint64_t> found;
  of.visit_pending(from, [&](const journal::event_record& each) {
    found.push_back(each.sequence);
    return true;
  });
  return found;
}

using numbers = std::vector<std::uint64_t>;

TEST_CASE("What the journal had already is not overtaken by what it could not write", "[spill]") {
  store::spill of{store::spill_limits()};
  for (store::sequence_number each = 1; each <= 6; ++each) of.add(event_of(0), each);
  journal::record_group job;
  of.hand_over(job, 1 << 20);
  REQUIRE(numbers_of(job) == numbers{1, 2, 3, 4, 5, 6});
  // An attempt before this one has brought 3 and 4 to the disk.
  of.handed_over_ends(records_of({1, 2, 5, 6}));
  of.add(event_of(0), 7);
  CHECK(of.is_pending(2));
  CHECK_FALSE(of.is_pending(3));
  CHECK(of.is_pending(7));
  CHECK(of.pending().ranges() == std::vector<journal::sequence_range>{{1, 2}, {5, 7}});
  CHECK(visited_from(of, 1) == numbers{1, 2});
  CHECK(visited_from(of, 6) == numbers{6, 7});

  const auto first = of.take_pending_page();
  REQUIRE(first);
  CHECK(numbers_of(*first) == numbers{1, 2});
  of.remove(journal::sequence_set({1, 2}));
  CHECK_FALSE(of.take_pending_page());
  CHECK(of.front_on_disk() == 3);
  CHECK(of.disk_end() == 5);
  of.remove(journal::sequence_set({3, 4}));
  const auto rest = of.take_pending_page();
  REQUIRE(rest);
  CHECK(numbers_of(*rest) == numbers{5, 6, 7});
}

TEST_CASE("What is no longer in the spill makes no gap", "[spill]") {
  store::spill of{store::spill_limits()};
  for (store::sequence_number each = 1; each <= 4; ++each) of.add(event_of(0), each);
  journal::record_group job;
  of.hand_over(job, 1 << 20);
  of.remove(journal::sequence_set({2, 3}));
  of.handed_over_ends(records_of({1, 2, 3, 4}));
  const auto page = of.take_pending_page();
  REQUIRE(page);
  CHECK(numbers_of(*page) == numbers{1, 4});
}

}  // namespace
}  // namespace vibes::test
