#include "daemon/store/loss_ledger.hpp"

#include <catch2/catch.hpp>
#include <set>

namespace vibes::test {
namespace {

using store::loss_ledger;
using store::loss_reason;

TEST_CASE("The ledger counts each reason for itself, and their sum", "[loss_ledger]") {
  loss_ledger ledger;
  CHECK(ledger.total() == 0);
  for (std::size_t i = 0; i < store::loss_reason_count; ++i) {
    ledger.add(static_cast<loss_reason>(i), std::uint64_t{1} << (8 * i));
    ledger.add(static_cast<loss_reason>(i));
  }
  for (std::size_t i = 0; i < store::loss_reason_count; ++i) {
    CHECK(ledger.of(static_cast<loss_reason>(i)) == (std::uint64_t{1} << (8 * i)) + 1);
  }
  CHECK(ledger.total() == 0x0101'0101'0101'0101U + 8);
  ledger.add(loss_reason::left_at_stop, 0);
  CHECK(ledger.total() == 0x0101'0101'0101'0101U + 8);
}

TEST_CASE("The reasons of losses have stable names", "[loss_ledger]") {
  struct {
    loss_reason reason;
    const char* name;
  } const cases[] = {
      {loss_reason::overflow_drop_oldest, "overflow_drop_oldest"},
      {loss_reason::overflow_drop_newest, "overflow_drop_newest"},
      {loss_reason::overflow_block_expired, "overflow_block_expired"},
      {loss_reason::refused_by_iggy, "refused_by_iggy"},
      {loss_reason::left_at_stop, "left_at_stop"},
      {loss_reason::dropped_by_operator, "dropped_by_operator"},
      {loss_reason::journal_damage, "journal_damage"},
      {loss_reason::out_of_memory, "out_of_memory"},
  };
  std::set<loss_reason> seen;
  for (const auto& each : cases) {
    CHECK(to_string(each.reason) == each.name);
    seen.insert(each.reason);
  }
  CHECK(seen.size() == store::loss_reason_count);
}

}  // namespace
}  // namespace vibes::test
