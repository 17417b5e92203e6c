#include "protocol/vsr/replies.hpp"

#include "protocol/server_texts.hpp"
#include "protocol/shared_replies.hpp"
#include "protocol/vsr/header.hpp"
#include "protocol/vsr/polled.hpp"
#include "protocol/vsr/topology.hpp"

namespace vibes::protocol::vsr {
namespace {

constexpr std::size_t result_entry_size = 8;  // index and code

result<reply_body> nothing_left(const byte_reader& from) {
  if (const error_code error = from.finish()) return error;
  return reply_body(done{});
}

/// The error of the first entry of a result section, or 0; then the payload is what is left.
result<std::uint32_t> read_result_section(byte_reader& from) {
  const std::uint32_t count = from.u32();
  if (from.error()) return from.error();
  if (count == 0) return 0;
  if (count > from.remaining() / result_entry_size) return make_error_code(wire_errc::truncated);
  from.skip(4);  // which of several things asked for at once
  const std::uint32_t code = from.u32();
  from.skip((std::size_t{count} - 1) * result_entry_size);
  if (const error_code error = from.finish()) return error;
  if (code == 0) return make_error_code(wire_errc::malformed);
  return code;
}

result<reply_body> decode_session(byte_reader from) {
  session_opened opened;
  opened.user_id = from.u32();
  opened.session_id = from.u64();
  opened.protocol_version = from.u32();
  opened.server_version = believable_version(from.short_text());
  if (const error_code error = from.finish()) return error;
  // Without a number no later request would be answered.
  if (opened.session_id == 0) return make_error_code(wire_errc::malformed);
  return reply_body(std::move(opened));
}

/// docs/wire.md, "Repeated requests": nothing, or no entry, tells of a request had before.
result<reply_body> decode_sent(byte_reader from) {
  if (from.remaining() == 0) return reply_body(sent{});
  const std::uint32_t count = from.u32();
  if (count > 1) return make_error_code(wire_errc::malformed);
  sent all;
  if (count == 1) {
    send_confirmation confirmed;
    confirmed.stream_id = from.u32();
    confirmed.topic_id = from.u32();
    confirmed.partition = from.u32();
    confirmed.base_offset = from.u64();
    all.confirmed = confirmed;
  }
  if (const error_code error = from.finish()) return error;
  return reply_body(all);
}

result<reply_body> decode_payload(command asked, generation gen, byte_reader from) {
  const bool empty = from.remaining() == 0;
  switch (asked) {
    case command::ping:
    case command::logout:
    case command::store_consumer_offset: return nothing_left(from);
    case command::login_with_password:
    case command::login_with_token:
    case command::bind_session: return decode_session(from);
    case command::get_stats: return decode_stats(from);
    case command::get_cluster_metadata: return decode_cluster(from, gen == generation::iggy_0_10);
    case command::get_partition_route: return decode_route(from);
    case command::get_stream:
      if (empty) return reply_body(not_found{});
      return decode_stream(from, gen);
    case command::create_stream: return decode_stream(from, gen);
    case command::get_topic:
      if (empty) return reply_body(not_found{});
      return decode_topic(from, gen);
    case command::create_topic: return decode_topic(from, gen);
    case command::send_messages: return decode_sent(from);
    case command::poll_messages: return decode_polled(from, gen);
    case command::get_consumer_offset:
      if (empty) return reply_body(not_found{});
      return decode_consumer_offset(from);
  }
  return make_error_code(wire_errc::unexpected_reply);
}

/// A reply names what its request did; of create_topic it names what the server made of that.
bool answers(operation told, operation asked) noexcept {
  return told == asked ||
         (told == operation::create_topic_answer && asked == operation::create_topic);
}

error_code check_size(const_bytes frame) {
  if (frame.size() < header_size) return make_error_code(wire_errc::truncated);
  const std::uint32_t size = byte_reader(frame.subspan(header_at::size)).u32();
  if (size < header_size) return make_error_code(wire_errc::malformed);
  if (size > frame.size()) return make_error_code(wire_errc::truncated);
  if (size < frame.size()) return make_error_code(wire_errc::trailing_bytes);
  return {};
}

}  // namespace

result<reply> decode_reply(command asked, generation gen, const_bytes frame) {
  if (const error_code error = check_size(frame)) return error;
  if (is_eviction(frame)) return eviction_of(frame);
  const result<reply_header> header = read_reply_header(frame);
  if (!header) return header.error();
  const operation asked_for = operation_of(asked);
  if (!answers(header->what, asked_for)) return make_error_code(wire_errc::unexpected_reply);

  byte_reader from(frame.subspan(header_size));
  if (header->status != 0) {
    if (from.remaining() != 0) return make_error_code(wire_errc::malformed);
    return reply{header->status, done{}, 0};
  }
  // A login that fails for good is answered with nothing at all.
  if (asked_for == operation::open_session && from.remaining() == 0) {
    return reply{static_cast<std::uint32_t>(iggy_errc::unauthenticated), done{}, 0};
  }
  const std::uint64_t position = changes_metadata(asked_for) ? header->commit : 0;
  if (has_result_section(asked_for)) {
    const result<std::uint32_t> code = read_result_section(from);
    if (!code) return code.error();
    if (*code != 0) return reply{*code, done{}, position};
  }
  result<reply_body> body = decode_payload(asked, gen, from);
  if (!body) return body.error();
  return reply{0, std::move(*body), position};
}

}  // namespace vibes::protocol::vsr
