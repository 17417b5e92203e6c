#include "protocol/vsr/requests.hpp"

#include "protocol/bytes.hpp"
#include "protocol/fields.hpp"
#include "protocol/vsr/checksum.hpp"
#include "protocol/vsr/header.hpp"

namespace vibes::protocol::vsr {
namespace {

constexpr std::string_view unnamed_version = "unknown";
constexpr std::uint8_t acknowledged_by_quorum = 1;

/// A topic's option (docs/wire.md, "Options"): a text as its key, a u64 as its value.
constexpr std::uint8_t option_text = 2;
constexpr std::uint8_t option_u64 = 12;
constexpr std::string_view size_option = "max_topic_size";

void write(byte_writer& to, const consumer& who) {
  to.u8(who.group ? 2 : 1);
  write_identifier(to, who.id);
}

struct body_writer {
  byte_writer& to;
  generation gen;
  const session& of;

  void write_client(const std::string& name, const std::string& version) const {
    to.u32(of.protocol_version);
    to.short_text(name);
    to.short_text(version.empty() ? unnamed_version : std::string_view(version));
  }
  void write_secret() const {
    if (gen == generation::iggy_0_10) to.bytes(of.bind_secret);
  }
  template <class Asked>
  void write_place(const Asked& asked) const {
    write(to, asked.who);
    write_identifier(to, asked.stream);
    write_identifier(to, asked.topic);
    to.u8(1);  // the partition is given
    to.u32(asked.partition);
  }
  void need_0_12() const {
    if (gen != generation::iggy_0_10) {
      to.fail(make_error_code(wire_errc::unsupported_generation));
    }
  }

  void operator()(const ping&) const {}
  void operator()(const get_stats&) const {}
  void operator()(const get_cluster_metadata&) const {}
  void operator()(const logout&) const {}
  void operator()(const login_with_password& login) const {
    write_client(login.client_name, login.version);
    write_secret();
    to.short_text(login.username);
    to.short_text(login.password);
    to.long_text(login.context);
  }
  void operator()(const login_with_token& login) const {
    write_client(login.client_name, login.version);
    write_secret();
    to.short_text(login.token);
    to.long_text(login.context);
  }
  void operator()(const bind_session& bound) const {
    need_0_12();
    write_client(bound.client_name, bound.version);
    to.u128(of.client);
    to.u64(of.id);
    to.u64(of.metadata_position);
    write_secret();
  }
  void operator()(const get_stream& asked) const { write_identifier(to, asked.stream); }
  void operator()(const create_stream& made) const { to.short_text(made.name); }
  void operator()(const get_topic& asked) const {
    write_identifier(to, asked.stream);
    write_identifier(to, asked.topic);
  }
  // Never expiring, uncompressed and unlimited is what a server makes of saying nothing.
  void operator()(const create_topic& made) const {
    write_identifier(to, made.stream);
    to.u32(made.partitions_count);
    to.short_text(made.name);
    if (made.size_max == 0 || made.size_max == unlimited_topic_size) return;
    to.u8(option_text);
    to.long_text(size_option);
    to.u8(option_u64);
    to.u32(sizeof made.size_max);
    to.u64(made.size_max);
  }
  void operator()(const get_partition_route& asked) const {
    need_0_12();
    write_identifier(to, asked.stream);
    write_identifier(to, asked.topic);
    to.u32(asked.partition);
  }
  void operator()(const poll_messages& poll) const {
    write_place(poll);
    to.u8(static_cast<std::uint8_t>(poll.strategy));
    to.u64(poll.value);
    to.u32(poll.count);
    to.u8(poll.auto_commit ? 1 : 0);
  }
  void operator()(const store_consumer_offset& stored) const {
    write_place(stored);
    to.u64(stored.offset);
    to.u8(acknowledged_by_quorum);
  }
  void operator()(const get_consumer_offset& asked) const { write_place(asked); }
};

/// What 0.10 wants with requests to one partition.
partition_context context_of(const control_request& request) {
  if (const auto* const poll = std::get_if<poll_messages>(&request)) return poll->context;
  if (const auto* const stored = std::get_if<store_consumer_offset>(&request)) {
    return stored->context;
  }
  return {};
}

/// The same for the same request, another for each other one. Client and number make it; the secret
/// does not, because servers keep identities and send them back.
message_id drawn_identity(const session& of, request_number number) {
  byte_vector bytes;
  byte_writer writer(bytes);
  writer.u128(of.client);
  writer.u64(number);
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  const bool none = hash.low64 == 0 && hash.high64 == 0;
  return {hash.high64, none ? 1 : hash.low64};
}

/// docs/wire.md, "Request identity": 0.9 hashes the body, 0.10 wants an identity of the request.
message_id identity_of(operation what, generation gen, const session& of, request_number number,
                       const_bytes body) {
  const bool has_identity =
      what == operation::open_session || what == operation::logout || changes_metadata(what);
  if (!has_identity) return {};
  if (gen == generation::iggy_0_10) return drawn_identity(of, number);
  return {0, checksum_of(body)};
}

}  // namespace

error_code encode_request(const control_request& request, generation gen, const session& of,
                          request_number number, byte_vector& to) {
  const std::size_t begin = to.size();
  to.resize(begin + header_size);
  byte_writer writer(to, frame_size_limit - header_size);
  std::visit(body_writer{writer, gen, of}, request);
  if (const error_code error = writer.finish()) {
    to.resize(begin);
    return error;
  }
  const command asked = command_of(request);
  request_header header{writer.written(), of.client};
  header.what = operation_of(asked);
  const bool opens = header.what == operation::open_session;
  header.number = opens ? 0 : number;
  header.session_id = opens ? 0 : of.id;
  const const_bytes body = const_bytes(to).subspan(begin + header_size);
  header.identity = identity_of(header.what, gen, of, header.number, body);
  if (header.what == operation::not_replicated) {
    header.command = static_cast<std::uint32_t>(asked);
  }
  if (gen == generation::iggy_0_10) header.context = context_of(request);
  store_header(to.data() + begin, header);
  return {};
}

}  // namespace vibes::protocol::vsr
