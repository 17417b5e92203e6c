#pragma once

#include "tests/broker/dialect.hpp"
#include "tests/broker/fields.hpp"

namespace vibes::broker {

enum class checksum : std::uint8_t { crc_32, xxh3_64 };

/// When a send of somebody unknown is refused.
enum class send_login : std::uint8_t {
  before_body,     // 40, with the body unread
  before_lookup,   // 40, when the batch has been found sound
  when_appending,  // 41
};

/// What differs between the classic servers; docs/wire.md, "Classic generations".
struct classic_traits {
  std::string_view version;
  std::uint32_t semver;
  /// 0.4: frames are read whole, names are stored in lower case, messages have a layout of their
  /// own.
  bool legacy = false;
  /// 0.4 and 0.5: ids begin at 1 and clients may choose them, an optional partition is a plain
  /// number, and lookups fail in their own ways (classic_lookup.hpp).
  bool early = false;
  std::size_t header_bytes = 64;                 // of a message record, from 0.5 on
  std::uint32_t payload_bytes_max = 64'000'000;  // of a message; of all in a send for 0.4
  checksum checks = checksum::xxh3_64;
  bool answers_malformed = false;     // with a status; else it hangs up
  bool metadata_needs_login = false;  // get_cluster_metadata
  send_login logged_in = send_login::before_body;
  bool counts_new_segments = false;                   // in the reply to create_topic
  bool stats_have_disk = false;                       // threads and disk at the end of get_stats
  status balanced_nowhere = status::topic_not_found;  // balanced send, topic without partitions
  bool checks_reserved = false;  // the last 8 bytes of a 64-byte header have to be zero
  std::uint64_t topic_bytes_default = ~std::uint64_t{0};
  std::uint64_t segment_bytes = std::uint64_t{1} << 30;  // a topic has to be as large

  std::uint32_t first_id() const { return early ? 1 : 0; }
};

/// The servers 0.4 to 0.8.
class classic_dialect final : public dialect {
 public:
  static constexpr std::size_t frame_header_bytes = 8;
  static constexpr std::size_t control_body_bytes_max = std::size_t{10} * 1024 * 1024;
  /// Real servers take what the length field can say; a test broker need not.
  static constexpr std::size_t send_bytes_max = std::size_t{256} * 1024 * 1024;

  explicit classic_dialect(const classic_traits& traits) : traits_(traits) {}

  frame next_frame(bytes_view buffered) const override;
  verdict serve(const frame& request, serving at, bytes& replies) const override;
  void write_status(std::uint32_t code, const frame& to, bytes& replies) const override;
  void write_farewell(bytes& replies) const override;
  std::size_t frame_bytes_max() const override { return send_bytes_max; }
  std::string_view version() const override { return traits_.version; }
  std::uint32_t first_id() const override { return traits_.first_id(); }

 private:
  static frame next_whole_frame(bytes_view buffered);

  const classic_traits& traits_;
};

/// The newest classic server: what later ones kept of the classic bodies is as it has them.
const classic_traits& traits_of_0_8();

/// What a handler gets; its reply body goes to the end of `reply`.
struct classic_request {
  const classic_traits& traits;
  serving at;
  bytes_view body;
  bytes& reply;
};

using classic_handler = verdict (*)(classic_request&);

/// Refuses a body that does not decode as this server would: 0.8 with the status, 0.5 to 0.7
/// without a word. 0.4 has a number for values out of their range, and 3 for all that is not whole.
verdict malformed(const classic_request&, status why = status::invalid_command);

/// True when the session is not logged in.
bool unknown_visitor(const classic_request&);

/// Reads `[kind u8][length u8][value]`. Anything but a number of 4 bytes or a name makes the
/// returned status other than ok.
status take_identifier(fields&, identifier& into);
/// A name of 1 to 255 bytes with its length before it, for something new, written as this server
/// stores it. `unlike` is the number with which 0.4 refuses a name that it does not like.
status take_new_name(fields&, const classic_traits&, status unlike, std::string& into);
/// The id that clients of 0.4 and 0.5 may choose, 0 to let the server; later ones have none.
std::optional<std::uint32_t> take_new_id(fields&, const classic_traits&);

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
// Messages: classic_send.cpp, classic_send_0_4.cpp, classic_poll.cpp
verdict send_messages(classic_request&);
verdict send_messages_0_4(classic_request&);
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
