#pragma once

#include "tests/broker/dialect.hpp"
#include "tests/broker/fields.hpp"
#include "tests/broker/vsr_header.hpp"

namespace vibes::broker {

/// What differs between the VSR servers; docs/wire.md.
struct vsr_traits {
  std::string_view version;
  std::uint32_t semver;
  std::uint32_t protocol;     // packed: major * 2^20 + minor * 2^10 + patch
  bool any_patch;             // logins with another patch number are taken
  bool binds_and_routes;      // bind secrets, partition routes, receipts, producers: from 0.10 on
  std::uint8_t commands_max;  // the highest command a header may have
};

/// The servers 0.9 and 0.10.
class vsr_dialect final : public dialect {
 public:
  static constexpr std::size_t bytes_max = std::size_t{64} * 1024 * 1024;

  explicit vsr_dialect(const vsr_traits& traits) : traits_(traits) {}

  frame next_frame(bytes_view buffered) const override;
  verdict serve(const frame& request, serving at, bytes& replies) const override;
  void write_status(std::uint32_t code, const frame& to, bytes& replies) const override;
  void write_eviction(const session& to, std::uint8_t reason, bytes& word) const override;
  void replied(broker& with, const session& to) const override;
  void left(broker& with, const session& gone) const override;
  std::size_t frame_bytes_max() const override { return bytes_max; }
  std::string_view version() const override { return traits_.version; }

 private:
  bool sound(const request_header&) const;

  vsr_traits traits_;
};

std::unique_ptr<const dialect> make_vsr_dialect(const broker_options&);

/// How a handler ended.
struct outcome {
  enum class kind : std::uint8_t {
    answered,
    denied,    // the status stands in the reply's header, nothing was committed
    rejected,  // committed as a refusal: the status stands in the result section
    evicted,
    silent,
    kept,  // the reply is one that was given before, header and all
  };
  kind is = kind::answered;
  status why = status::ok;
  eviction reason = eviction::no_session;

  static outcome answer() { return {}; }
  static outcome deny(status why) { return {kind::denied, why, {}}; }
  static outcome reject(status why) { return {kind::rejected, why, {}}; }
  static outcome evict(eviction reason) { return {kind::evicted, status::ok, reason}; }
  static outcome stay_silent() { return {kind::silent, status::ok, {}}; }
  static outcome repeat() { return {kind::kept, status::ok, {}}; }
};

/// What a handler gets; its reply body goes to the end of `reply`.
struct vsr_request {
  const vsr_traits& traits;
  serving at;
  request_header head;
  bytes_view body;
  bytes& reply;
  vsr_session* session = nullptr;  // the one bound to the connection
  /// For the reply's header. Committed replies name the cluster and the time.
  std::uint64_t op = 0;
  bool committed = false;

  vsr_simulation& simulation() const { return at.with.vsr(); }
  store& data() const { return at.with.data(); }
};

using vsr_handler = outcome (*)(vsr_request&);

/// A refusal for what does not decode or does not exist.
outcome deny_unless_ok(status);
vsr_partition& standing_of(vsr_request&, partition&, std::uint32_t number);
/// What a write says of a place that is not there: until 0.10 one status says all, 20.
status missing(const vsr_request&, status what);
/// Whether the header's route is that of the partition, and this node its primary: 87, 89.
status check_route(vsr_request&, partition&, std::uint32_t number);

// Session: vsr_session.cpp, vsr_login.cpp
outcome ping(vsr_request&);
outcome log_in(vsr_request&);
outcome bind_session(vsr_request&);
outcome log_out(vsr_request&);
outcome get_me(vsr_request&);
/// A name of 1 to 255 bytes with its length before it.
bool take_name(fields&, std::string_view& into);
outcome get_stats(vsr_request&);
outcome get_cluster_metadata(vsr_request&);
// A cluster of 0.9, whose leader keeps what consumers have read: vsr_leader.cpp
outcome attach_consumer_session(vsr_request&);
outcome get_leading_node(vsr_request&);
void put_node(vsr_request&, std::size_t node);
/// 58 where only the leader may do this.
status check_leader(const vsr_request&);
// Topology: vsr_streams.cpp, vsr_topics.cpp, vsr_routes.cpp
outcome get_stream(vsr_request&);
outcome get_streams(vsr_request&);
outcome create_stream(vsr_request&);
outcome delete_stream(vsr_request&);
outcome get_topic(vsr_request&);
outcome get_topics(vsr_request&);
outcome create_topic(vsr_request&);
outcome delete_topic(vsr_request&);
outcome create_partitions(vsr_request&);
outcome get_partition_route(vsr_request&);
void put_topic(vsr_request&, const topic&);
// Messages: vsr_send.cpp, vsr_poll.cpp
outcome send_messages(vsr_request&);
outcome poll_messages(vsr_request&);
// Consumers: vsr_offsets.cpp, vsr_groups.cpp
outcome get_consumer_offset(vsr_request&);
outcome store_consumer_offset(vsr_request&);
outcome delete_consumer_offset(vsr_request&);
outcome get_consumer_group(vsr_request&);
outcome get_consumer_groups(vsr_request&);
outcome create_consumer_group(vsr_request&);
outcome delete_consumer_group(vsr_request&);
outcome join_consumer_group(vsr_request&);
outcome leave_consumer_group(vsr_request&);
outcome sync_consumer_group(vsr_request&);

}  // namespace vibes::broker
