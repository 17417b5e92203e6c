#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/consumer/iggy_client.hpp"
#include "daemon/consumer/read_positions.hpp"

namespace vibes::consumer {

struct record {
  protocol::partition_id partition = 0;
  std::uint64_t offset = 0;
  protocol::message_id id;
  std::uint64_t timestamp_us = 0;
  std::uint64_t origin_time_us = 0;
  std::string payload;
};

/// Reads a topic's events back: over all of its partitions, or some, from any position. It polls
/// under a name; what it commits is kept by the server under that name, for each partition.
///
/// Positions are the reader's own: they survive a lost connection (connect again and go on), and
/// nothing is committed that was not asked for. The topology is read again every
/// `topology_refresh`: partitions that come are read too, and leaders that move are followed. One
/// thread.
class consumer {
 public:
  struct choice {
    std::string name = "vibes-ingestd";                // 1..255 bytes
    std::vector<protocol::partition_id> partitions{};  // empty: all of the topic's
    /// Instead of `partitions`: where this session's events go. When the topic grows that may be
    /// another partition, which is then read beside the earlier one.
    std::optional<protocol::session_hash> session{};
  };
  /// What a reader should hear of, since it changes what it sees.
  struct notice {
    std::size_t partitions_new = 0;   // read from their beginning from now on
    std::size_t partitions_gone = 0;  // not read any more
    std::optional<read_positions::jump> jumped{};
  };

  /// The client must be connected and outlive the consumer.
  consumer(iggy_client&, choice);

  /// Up to `count_max` records, in order within each partition. Waits up to `timeout` for the
  /// first; none is no error.
  result<std::vector<record>> poll(std::size_t count_max, duration timeout);
  /// What the polls since the last call have come across.
  std::vector<notice> take_notices() { return std::exchange(notices_, {}); }

  /// Stores the last handed-out offset of each partition, or one of your choice. Where a partition
  /// ends before that offset nothing is stored.
  error_code commit();
  error_code commit(protocol::partition_id, std::uint64_t offset);

  void seek_to_beginning();
  error_code seek_to_end();
  void seek_to(protocol::partition_id, std::uint64_t offset);
  void seek_to(std::uint64_t offset);
  error_code seek_before_end(std::uint64_t n);
  /// Behind what the name has committed; partitions without a commit are read from the beginning.
  error_code seek_to_committed();

  struct committed_offset {
    protocol::partition_id partition = 0;
    std::optional<std::uint64_t> offset;
  };
  /// For each partition, what is stored under the name.
  result<std::vector<committed_offset>> committed();
  /// The smallest over the partitions; nothing when one of them has none.
  static std::optional<std::uint64_t> smallest(const std::vector<committed_offset>&);

  const read_positions& positions() const noexcept { return positions_; }

 private:
  // As the server that is connected now keeps the names.
  protocol::identifier stream() const { return client_.server().stream; }
  protocol::identifier topic() const { return client_.server().topic; }

  /// Asks the partition's leader with what `make` makes of the partition's context. When the
  /// topology has moved on it is learnt anew and the request made once more.
  template <class Make>
  protocol::result<protocol::reply_body> ask(protocol::partition_id, Make&& make);
  static std::vector<protocol::partition_id> chosen(const iggy_client&, const choice&);
  error_code keep_up();
  void take_topology();
  void note_jump(const std::optional<read_positions::jump>&);
  result<std::size_t> poll_once(const read_positions::position&, std::size_t count_max,
                                std::vector<record>& into);
  result<std::vector<partition_extent>> extents();

  iggy_client& client_;
  choice choice_;
  protocol::consumer who_;
  read_positions positions_;
  std::vector<notice> notices_;
  std::uint64_t connections_seen_;
  time_point topology_at_;
};

}  // namespace vibes::consumer
