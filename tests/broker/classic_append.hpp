#pragma once

#include "tests/broker/classic_lookup.hpp"
#include "tests/broker/classic_record.hpp"

namespace vibes::broker {

enum class partitioning : std::uint8_t { balanced = 1, partition_id = 2, messages_key = 3 };

/// Where a send goes.
struct destination {
  identifier in;
  identifier name;
  partitioning by = partitioning::balanced;
  bytes_view value;
};

/// Reads `[kind u8][length u8][value]`.
status take_partitioning(fields&, destination& into);

/// Stores the records of a sound batch where it is to go, and fills in what is the server's. `ends`
/// are their ends in `records`.
verdict append_records(const classic_request&, const destination& to, bytes_view records,
                       record_ends& ends);

}  // namespace vibes::broker
