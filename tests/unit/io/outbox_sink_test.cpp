#include "daemon/io/producers/outbox_sink.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using ingest::ingest_errc;
using store::loss_reason;

TEST_CASE("Each reason of a loss has the code that the producer hears", "[outbox_sink]") {
  const std::pair<loss_reason, ingest_errc> codes[] = {
      {loss_reason::overflow_drop_oldest, ingest_errc::dropped_by_overflow},
      {loss_reason::overflow_drop_newest, ingest_errc::dropped_by_overflow},
      {loss_reason::overflow_block_expired, ingest_errc::dropped_by_overflow},
      {loss_reason::refused_by_iggy, ingest_errc::refused_by_iggy},
      {loss_reason::left_at_stop, ingest_errc::stopping},
      {loss_reason::dropped_by_operator, ingest_errc::dropped_by_operator},
      {loss_reason::journal_damage, ingest_errc::lost_on_disk},
      {loss_reason::out_of_memory, ingest_errc::out_of_memory},
  };
  CHECK(std::size(codes) == store::loss_reason_count);
  for (const auto& [reason, code] : codes) CHECK(io::code_of(reason) == code);
}

}  // namespace
}  // namespace vibes::test
