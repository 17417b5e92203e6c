#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/vsr_partition.hpp"
#include "tests/broker/wire.hpp"

namespace vibes::broker {

/// A reply to a metadata request, kept in case the request comes again.
struct kept_reply {
  client_id identifier;  // its request_checksum
  bytes reply;
};

/// A login that still counts, whichever connections carry it.
struct vsr_session {
  static constexpr std::size_t replies_kept = 32;

  std::uint64_t number = 0;
  std::array<std::byte, 32> secret{};
  std::string proof;  // who logged in
  std::map<std::uint64_t, kept_reply> metadata_replies;
  std::uint64_t metadata_newest = 0;
  /// Sends whose replies have not left yet: partition, then connection and request.
  std::map<const void*, std::pair<std::uint32_t, std::uint64_t>> unresolved;

  /// As which it takes part in consumer groups.
  std::uint32_t member() const { return static_cast<std::uint32_t>(number); }
  void keep(std::uint64_t request, kept_reply);
};

/// What the nodes of a VSR cluster share beside streams: sessions, the metadata log, who leads.
class vsr_simulation {
 public:
  static constexpr std::size_t sessions_max = 8192;

  vsr_session* find(const client_id&);
  /// Takes the place of the client's older session. Above `sessions_max` the oldest session goes.
  vsr_session& add(const client_id&);
  void forget(const client_id& client) { sessions_.erase(client); }
  void forget_all() { sessions_.clear(); }
  /// The replies of this client's connection have left, or never will.
  void settled(const client_id&, std::uint32_t connection);

  std::uint64_t metadata_op() const { return metadata_op_; }
  std::uint64_t commit_metadata() { return ++metadata_op_; }
  std::uint64_t mint_incarnation() { return ++incarnations_; }

  std::size_t leader() const { return leader_; }
  void lead(std::size_t node) { leader_ = node; }

 private:
  std::map<client_id, vsr_session> sessions_;
  std::uint64_t metadata_op_ = 0;
  std::uint64_t incarnations_ = 0;
  std::size_t leader_ = 0;
};

}  // namespace vibes::broker
