#include "protocol/classic/requests.hpp"

#include "protocol/bytes.hpp"
#include "protocol/classic/layout.hpp"
#include "protocol/fields.hpp"

namespace vibes::protocol::classic {
namespace {

void write(byte_writer& to, const consumer& who) {
  to.u8(who.group ? 2 : 1);
  write_identifier(to, who.id);
}

struct payload_writer {
  byte_writer& to;
  const dialect& wire;

  // From 0.6 on an optional partition is a flag and a number (docs/wire.md, "Consumer offsets").
  void write_partition(partition_id id) const {
    if (!wire.client_numbers) to.u8(1);
    to.u32(id);
  }
  // Before 0.6 what is created may be given a number; 0 leaves it to the server.
  void leave_number_to_server() const {
    if (wire.client_numbers) to.u32(0);
  }

  void operator()(const ping&) const {}
  void operator()(const get_stats&) const {}
  void operator()(const get_cluster_metadata&) const {}
  void operator()(const logout&) const {}
  void operator()(const login_with_password& login) const {
    to.short_text(login.username);
    to.short_text(login.password);
    to.long_text(login.version);
    to.long_text(login.context);
  }
  void operator()(const login_with_token& login) const { to.short_text(login.token); }
  void operator()(const get_stream& asked) const { write_identifier(to, asked.stream); }
  void operator()(const create_stream& made) const {
    leave_number_to_server();
    to.short_text(made.name);
  }
  void operator()(const get_topic& asked) const {
    write_identifier(to, asked.stream);
    write_identifier(to, asked.topic);
  }
  void operator()(const create_topic& made) const {
    write_identifier(to, made.stream);
    leave_number_to_server();
    to.u32(made.partitions_count);
    to.u8(no_compression);
    to.u64(never_expire);
    to.u64(made.size_max);
    to.u8(0);  // replication factor: the server's default
    to.short_text(made.name);
  }
  void operator()(const poll_messages& poll) const {
    write(to, poll.who);
    write_identifier(to, poll.stream);
    write_identifier(to, poll.topic);
    write_partition(poll.partition);
    to.u8(static_cast<std::uint8_t>(poll.strategy));
    to.u64(poll.value);
    to.u32(poll.count);
    to.u8(poll.auto_commit ? 1 : 0);
  }
  void operator()(const store_consumer_offset& stored) const {
    write(to, stored.who);
    write_identifier(to, stored.stream);
    write_identifier(to, stored.topic);
    write_partition(stored.partition);
    to.u64(stored.offset);
  }
  // What only later generations have.
  void operator()(const bind_session&) const { not_here(); }
  void operator()(const get_partition_route&) const { not_here(); }
  void not_here() const { to.fail(make_error_code(wire_errc::unsupported_generation)); }
  void operator()(const get_consumer_offset& asked) const {
    write(to, asked.who);
    write_identifier(to, asked.stream);
    write_identifier(to, asked.topic);
    write_partition(asked.partition);
  }
};

}  // namespace

error_code encode_request(const control_request& request, const dialect& wire, byte_vector& to) {
  byte_writer writer(to);
  const std::size_t length_at = writer.reserve_u32();
  writer.u32(static_cast<std::uint32_t>(command_of(request)));
  std::visit(payload_writer{writer, wire}, request);
  writer.patch_u32(length_at, static_cast<std::uint32_t>(writer.written() - sizeof(std::uint32_t)));
  return writer.finish();
}

}  // namespace vibes::protocol::classic
