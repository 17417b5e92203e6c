#pragma once

#include <span>
#include <vector>

#include "daemon/store/delivery_report.hpp"

namespace vibes::io {

/// What the registry needs of an open connection.
class delivery_receiver {
 public:
  virtual ~delivery_receiver() = default;
  // Lines of the connection, in the order of the outcome.
  virtual void lines_durable(std::span<const std::uint64_t>) = 0;
  virtual void lines_committed(std::span<const std::uint64_t>) = 0;
  virtual void lines_lost(std::span<const std::uint64_t>, store::loss_reason) = 0;
  virtual void write_answers() = 0;
  virtual void room_made() = 0;
};

/// Finds the connection that a delivery report is for, once for events in a row. A connection that
/// has closed is forgotten: the epoch in its events' references no longer matches its slot. Loop
/// thread only.
class producer_registry final : public store::delivery_listener {
 public:
  store::producer_ref add(delivery_receiver&);
  void remove(store::producer_ref);

  /// Tell this connection once, when there may be room in the queue again.
  void wait_for_room(store::producer_ref);

  void report(const store::delivery_report&) override;
  void reported() override;

  template <class Visit>
  void for_each(Visit&& visit) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].owner != nullptr) visit(*slots_[i].owner);
    }
  }

 private:
  struct slot {
    delivery_receiver* owner = nullptr;
    std::uint32_t epoch = 0;
    bool has_reports = false;
    bool waiting = false;
  };

  slot* find(store::producer_ref);
  void has_reports(store::producer_ref, slot&);

  std::vector<slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<store::producer_ref> with_reports_;
  std::vector<store::producer_ref> waiting_;
  std::vector<std::uint64_t> lines_;  // of one producer, while it is told; kept for its memory
};

}  // namespace vibes::io
