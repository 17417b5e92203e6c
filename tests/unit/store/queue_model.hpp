#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/store/replay_queue.hpp"

namespace vibes::test {

/// The queue under test did something else than the model.
struct model_mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void expect(bool holds, const char* what) {
  if (!holds) throw model_mismatch(what);
}

struct model_event {
  store::sequence_number sequence = 0;
  protocol::session_hash session = 0;
  protocol::message_id id;
  std::string payload;
  bool ack_wanted = false;
  store::entry_state state = store::entry_state::queued;
  bool was_sent = false;
};

struct model_batch {
  protocol::partition_id partition = 0;
  std::vector<store::sequence_number> numbers;
  std::uint32_t attempts = 0;
};

/// Says whether what was handed out can have brought a session's events to Iggy in the wrong order,
/// in whichever partitions. A batch is applied whole or not at all, and unless it was refused
/// nobody knows which: so an event may only follow a newer one of its session when every batch that
/// took the newer one there held the event too.
class order_witness {
 public:
  void handed_out(const model_batch&, const std::vector<model_event>& live);
  void refused(const model_batch&);
  void committed(const model_batch&, const std::vector<model_event>& live);

 private:
  struct sent_event {
    protocol::session_hash session = 0;
    store::sequence_number sequence = 0;
  };
  struct attempt {
    protocol::partition_id partition = 0;
    std::vector<sent_event> events;
  };
  bool holds(const attempt&, store::sequence_number) const;

  std::vector<attempt> attempts_;  // of unknown outcome, with live events
  std::map<protocol::session_hash, store::sequence_number> newest_;
};

/// A replay queue as a plain vector of events, oldest first, and each partition's returned batches.
/// Every function does to the model what the test does to the queue.
class queue_model {
 public:
  explicit queue_model(store::queue_limits limits) : limits_(limits) {}

  bool fits(std::size_t payload_size) const;
  void push(model_event);
  void route(std::vector<protocol::partition_id>, protocol::generation);
  bool can_take(std::size_t lane) const;
  model_batch take(std::size_t lane, std::size_t events_max, std::size_t bytes_max);
  void commit(const model_batch&);
  void put_back(model_batch);
  void put_back_split(const model_batch&);
  /// The number of the event that has to go, 0 for none.
  store::sequence_number drop_oldest();

  const std::vector<model_event>& events() const { return events_; }
  const model_event& at(store::sequence_number) const;
  std::size_t lane_count() const { return ids_.empty() ? 1 : ids_.size(); }
  std::size_t lane_of(const model_event&) const;

  /// Throws unless everything the queue shows is what the model says.
  void compare(const store::replay_queue&) const;

 private:
  model_event& find(store::sequence_number);
  bool is_held(std::size_t lane) const;
  void compare_lane(const store::replay_queue&, std::size_t lane) const;

  store::queue_limits limits_;
  std::vector<model_event> events_;
  std::vector<model_batch> returned_;  // in the order in which they have to go, within a partition
  std::vector<model_batch> out_;
  std::vector<protocol::partition_id> ids_;
  protocol::generation gen_ = protocol::generation::iggy_0_7;
  order_witness witness_;
};

}  // namespace vibes::test
