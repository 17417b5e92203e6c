#pragma once

#include "tests/broker/dialect.hpp"
#include "tests/broker/fields.hpp"

namespace vibes::broker {

/// What differs between the classic servers; docs/wire.md, "Classic generations".
struct classic_traits {
  std::string_view version;
  std::uint32_t semver;
  std::size_t header_bytes;   // of a message record
  bool answers_malformed;     // with a status; else it hangs up
  bool metadata_needs_login;  // get_cluster_metadata
  bool send_needs_login;      // before reading the body; else 41 when it comes to appending
  bool counts_new_segments;   // in the reply to create_topic
  bool stats_have_disk;       // threads and disk at the end of get_stats
  status balanced_nowhere;    // balanced send to a topic without partitions
  bool checks_reserved;       // the last 8 bytes of a 64-byte header have to be zero
};

/// The servers 0.6, 0.7 and 0.8.
class classic_dialect final : public dialect {
 public:
  static constexpr std::size_t frame_header_bytes = 8;
  static constexpr std::size_t control_body_bytes_max = std::size_t{10} * 1024 * 1024;
  /// Real servers take what the length field can say; a test broker need not.
  static constexpr std::size_t send_bytes_max = std::size_t{256} * 1024 * 1024;

  explicit classic_dialect(const classic_traits& traits) : traits_(traits) {}

  frame next_frame(bytes_view buffered) const override;
  verdict serve(const frame& request, serving at, bytes& replies) const override;
  void write_status(std::uint32_t code, bytes& replies) const override;
  std::size_t frame_bytes_max() const override { return send_bytes_max; }
  std::string_view version() const override { return traits_.version; }

 private:
  const classic_traits& traits_;
};

/// What a handler gets; its reply body goes to the end of `reply`.
struct classic_request {
  const classic_traits& traits;
  serving at;
  bytes_view body;
  bytes& reply;
};

using classic_handler = verdict (*)(classic_request&);

/// Refuses a body that does not decode as this server would: 0.8 with the status, others silently.
verdict malformed(const classic_request&, status why = status::invalid_command);

/// Refuses a request of nobody in particular; answers `answer()` when the session is logged in.
bool unknown_visitor(const classic_request&);

/// Reads `[kind u8][length u8][value]`. Anything but a number of 4 bytes or a name makes the
/// returned status other than ok.
status take_identifier(fields&, identifier& into);
/// A name of 1 to 255 bytes with its length before it.
bool take_name(fields&, std::string_view& into);

// Session: classic_session.cpp
verdict ping(classic_request&);
verdict login_user(classic_request&);
verdict login_with_token(classic_request&);
verdict logout_user(classic_request&);
verdict get_me(classic_request&);
verdict get_stats(classic_request&);
verdict get_cluster_metadata(classic_request&);
// Topology: classic_streams.cpp, classic_topics.cpp
verdict get_stream(classic_request&);
verdict get_streams(classic_request&);
verdict create_stream(classic_request&);
verdict delete_stream(classic_request&);
void put_topic(bytes& to, const topic&);
verdict get_topic(classic_request&);
verdict get_topics(classic_request&);
verdict create_topic(classic_request&);
verdict delete_topic(classic_request&);
verdict create_partitions(classic_request&);
// Messages: classic_send.cpp, classic_poll.cpp
verdict send_messages(classic_request&);
verdict poll_messages(classic_request&);
verdict flush_unsaved_buffer(classic_request&);
// Consumers: classic_offsets.cpp, classic_groups.cpp
verdict get_consumer_offset(classic_request&);
verdict store_consumer_offset(classic_request&);
verdict delete_consumer_offset(classic_request&);
verdict get_consumer_group(classic_request&);
verdict get_consumer_groups(classic_request&);
verdict create_consumer_group(classic_request&);
verdict delete_consumer_group(classic_request&);
verdict join_consumer_group(classic_request&);
verdict leave_consumer_group(classic_request&);

}  // namespace vibes::broker
