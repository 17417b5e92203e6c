#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "daemon/journal/sequence_set.hpp"
#include "tests/support/seed.hpp"

namespace vibes::test {
namespace {

using journal::sequence_range;
using journal::sequence_set;

TEST_CASE("Ranges that touch or overlap are one", "[sequence_set]") {
  sequence_set set;
  set.add({5, 6});
  set.add(9);
  set.add({1, 2});
  CHECK(set.ranges() == std::vector<sequence_range>{{1, 2}, {5, 6}, {9, 9}});
  set.add({3, 4});
  CHECK(set.ranges() == std::vector<sequence_range>{{1, 6}, {9, 9}});
  set.add({2, 12});
  CHECK(set.ranges() == std::vector<sequence_range>{{1, 12}});
  CHECK(set.count() == 12);
}

TEST_CASE("A set goes up to the largest sequence", "[sequence_set]") {
  sequence_set set({journal::sequence_max - 1, journal::sequence_max});
  CHECK(set.contains(journal::sequence_max));
  set.subtract(sequence_set({journal::sequence_max, journal::sequence_max}));
  CHECK(set.count() == 1);
  CHECK(set.complement_below(3) == sequence_set({1, 2}));
}

class set_pair {
 public:
  explicit set_pair(std::mt19937_64& random) {
    for (std::uint64_t i = random() % 12; i > 0; --i) {
      const std::uint64_t first = 1 + random() % 60;
      const std::uint64_t last = first + random() % 6;
      set.add({first, last});
      for (std::uint64_t each = first; each <= last; ++each) model.insert(each);
    }
  }
  bool same() const {
    std::set<std::uint64_t> members;
    for (std::size_t i = 0; i < set.ranges().size(); ++i) {
      const sequence_range& each = set.ranges()[i];
      if (each.first > each.last) return false;
      if (i > 0 && set.ranges()[i - 1].last + 1 >= each.first) return false;
      for (std::uint64_t at = each.first; at <= each.last; ++at) members.insert(at);
    }
    return members == model && set.count() == model.size();
  }
  sequence_set set;
  std::set<std::uint64_t> model;
};

TEST_CASE("A set of ranges is what a plain set would be", "[sequence_set][model]") {
  std::mt19937_64 random(random_seed());
  for (int run = 0; run < 20'000; ++run) {
    set_pair a(random);
    const set_pair b(random);
    bool meet = false;
    sequence_set both;
    for (const std::uint64_t each : b.model) {
      meet = meet || a.model.contains(each);
      if (a.model.contains(each)) both.add(each);
    }
    bool ok = a.same() && a.set.intersects(b.set) == meet && a.set.intersection(b.set) == both;
    for (std::uint64_t at = 1; at < 70; ++at) {
      const auto next = a.model.lower_bound(at);
      ok = ok && a.set.contains(at) == a.model.contains(at) &&
           a.set.next(at) == (next == a.model.end() ? std::nullopt : std::optional(*next));
    }
    sequence_set missing;
    for (std::uint64_t at = 1; at < 40; ++at) {
      if (!a.model.contains(at)) missing.add(at);
    }
    ok = ok && a.set.complement_below(40) == missing;
    if (run % 2 == 0) {
      a.set.unite(b.set);
      a.model.insert(b.model.begin(), b.model.end());
    } else {
      a.set.subtract(b.set);
      for (const std::uint64_t each : b.model) a.model.erase(each);
    }
    REQUIRE((ok && a.same()));
  }
}

}  // namespace
}  // namespace vibes::test
