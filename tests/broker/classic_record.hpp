#pragma once

#include "tests/broker/classic.hpp"

namespace vibes::broker {

/// The end of each record of a batch.
using record_ends = std::vector<std::uint32_t>;

/// Where the fields of a message record are; docs/wire.md, "Message layout". 0.5 and 0.6 have a
/// header of 56 bytes, from 0.7 on 8 reserved bytes follow it. Then the payload, then the user
/// headers.
struct record_at {
  static constexpr std::size_t checksum = 0;
  static constexpr std::size_t id = 8;
  static constexpr std::size_t offset = 24;
  static constexpr std::size_t timestamp = 32;
  static constexpr std::size_t origin_timestamp = 40;
  static constexpr std::size_t user_headers_length = 48;
  static constexpr std::size_t payload_length = 52;
  static constexpr std::size_t reserved = 56;
};

/// The same for a stored record of 0.4, "Messages of 0.4", which has its payload last.
struct record_of_0_4_at {
  static constexpr std::size_t offset = 0;
  static constexpr std::size_t timestamp = 9;
  static constexpr std::size_t id = 17;
  static constexpr std::size_t checksum = 33;
  static constexpr std::size_t user_headers_length = 37;
  static constexpr std::size_t user_headers = 41;
};

/// What a server fills in when it stores a record.
struct server_fields {
  std::size_t id;
  std::size_t offset;
  std::size_t timestamp;
};
server_fields server_fields_of(const classic_traits&);

struct index_entry {
  static constexpr std::size_t bytes = 16;
  static constexpr std::size_t offset = 0;
  static constexpr std::size_t position = 4;
  static constexpr std::size_t timestamp = 8;
};

/// The checks a server makes before it takes a batch, in its order. On success `ends` has the end
/// of each record, and the records fill `records` exactly.
verdict check_records(const classic_traits&, bytes_view index, bytes_view records,
                      record_ends& ends);

/// Fills in the checksum of the block's records up to `count`, where that has not been done: a poll
/// needs them, a send has no time for them.
void seal_records(const classic_traits&, block&, std::size_t count);

}  // namespace vibes::broker
