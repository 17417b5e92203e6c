#include "tests/broker/classic_append.hpp"

// The send of 0.4: `[stream][topic][partitioning]`, then messages back to back, each of them
// `[id 16][length u32][user headers][length u32][payload]`. docs/wire.md, "Messages of 0.4".

namespace vibes::broker {
namespace {

constexpr std::size_t user_headers_bytes_max = 100'000;

struct sums {
  std::size_t payloads = 0;
  std::size_t user_headers = 0;
};

/// The bytes of the values in a message's user headers, which are what 0.4 bounds: each header is
/// `[length u32][key][kind u8][length u32][value]`. False when they do not fit the block.
bool add_values(bytes_view block, std::size_t& sum) {
  fields headers(block);
  while (headers.whole() && headers.at() != block.size()) {
    headers.take(headers.take<std::uint32_t>());
    headers.take<std::uint8_t>();
    sum += headers.take(headers.take<std::uint32_t>()).size();
  }
  return headers.whole();
}

/// Takes one message and writes it as it is stored and polled; the server's fields stay zero.
bool take_message(fields& from, bytes& records, sums& so_far) {
  const auto id = from.take<message_id>();
  const bytes_view headers = from.take(from.take<std::uint32_t>());
  const bytes_view payload = from.take(from.take<std::uint32_t>());
  if (!from.whole() || payload.empty() || !add_values(headers, so_far.user_headers)) return false;
  so_far.payloads += payload.size();
  put<std::uint64_t>(records, 0);  // offset
  put<std::uint8_t>(records, 1);   // state: available
  put<std::uint64_t>(records, 0);  // timestamp
  put(records, id);
  put<std::uint32_t>(records, 0);  // checksum
  put(records, static_cast<std::uint32_t>(headers.size()));
  put_bytes(records, headers);
  put(records, static_cast<std::uint32_t>(payload.size()));
  put_bytes(records, payload);
  return true;
}

}  // namespace

verdict send_messages_0_4(classic_request& request) {
  fields body(request.body);
  destination to;
  for (identifier* name : {&to.in, &to.name}) {
    const status read = take_identifier(body, *name);
    if (read != status::ok) return malformed(request, read);
  }
  const status read = take_partitioning(body, to);
  if (read != status::ok) return malformed(request, read);
  bytes records;
  record_ends ends;
  sums of_all;
  while (body.at() != request.body.size()) {
    if (!take_message(body, records, of_all)) return malformed(request);
    ends.push_back(static_cast<std::uint32_t>(records.size()));
  }
  if (ends.empty()) return malformed(request, status::invalid_messages_count);
  if (of_all.user_headers > user_headers_bytes_max)
    return malformed(request, status::too_big_user_headers);
  if (of_all.payloads > request.traits.payload_bytes_max)
    return malformed(request, status::too_big_payload);
  return append_records(request, to, records, ends);
}

}  // namespace vibes::broker
