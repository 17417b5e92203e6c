#include "daemon/io/producers/producer_registry.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace vibes::test {
namespace {

using store::delivery_outcome;
using store::loss_reason;

/// Writes down what it is told: "committed 1 2; " and "write; ".
struct connection final : io::delivery_receiver {
  using lines = std::span<const std::uint64_t>;
  void lines_durable(lines of) override { note("durable", of); }
  void lines_committed(lines of) override { note("committed", of); }
  void lines_lost(lines of, loss_reason reason) override { note(to_string(reason), of); }
  void write_answers() override { text += "write; "; }
  void room_made() override { text += "room; "; }

  void note(std::string_view outcome, lines of) {
    text += outcome;
    for (const std::uint64_t line : of) text += " " + std::to_string(line);
    text += "; ";
  }

  std::string text;
};

TEST_CASE("A connection gets its lines of a batch at once and writes its answers once",
          "[producer_registry]") {
  io::producer_registry registry;
  connection one, other;
  const store::producer_ref first = registry.add(one);
  const store::producer_ref second = registry.add(other);
  const std::vector<store::producer_line> events{
      {first, 1}, {first, 2}, {second, 7}, {second, 9}, {first, 3}};
  registry.report({delivery_outcome::committed, {}, events});
  registry.reported();
  CHECK(one.text == "committed 1 2; committed 3; write; ");
  CHECK(other.text == "committed 7 9; write; ");
}

TEST_CASE("A report says which outcome it is about", "[producer_registry]") {
  io::producer_registry registry;
  connection one;
  const store::producer_line event{registry.add(one), 4};
  registry.report({delivery_outcome::durable, {}, {&event, 1}});
  registry.report({delivery_outcome::lost, loss_reason::left_at_stop, {&event, 1}});
  CHECK(one.text == "durable 4; left_at_stop 4; ");
}

TEST_CASE("A report of a closed connection does not reach the next owner of its slot",
          "[producer_registry]") {
  io::producer_registry registry;
  connection closed, next;
  const store::producer_line event{registry.add(closed), 1};
  registry.remove(event.producer);
  const store::producer_ref reused = registry.add(next);
  REQUIRE(reused.slot == event.producer.slot);
  registry.report({delivery_outcome::committed, {}, {&event, 1}});
  registry.reported();
  CHECK(closed.text.empty());
  CHECK(next.text.empty());
}

}  // namespace
}  // namespace vibes::test
