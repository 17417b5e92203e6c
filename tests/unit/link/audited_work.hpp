#pragma once

#include <deque>
#include <map>
#include <vector>

#include "tests/unit/link/report_oracle.hpp"

namespace vibes::test {

/// The outbox behind a clerk who checks what the link promises its work source, and what the outbox
/// promises the link: every batch given back exactly once, a returned one handed out again first
/// and unchanged, no route while one is out, link_up and link_down in turn, and the ledger's sum.
/// With branches beside the coordinator link, which alone tells up and down, batches may be out and
/// asked for while it is down.
class audited_work final : public store::work_source {
 public:
  explicit audited_work(store::outbox& behind) : behind_(behind) {}

  void link_up(time_point now) override;
  void link_down(time_point now) override;
  void route(std::span<const protocol::partition_id>, protocol::generation) override;
  std::optional<store::batch> next_batch(time_point now, store::link_demand) override;
  std::optional<time_point> wake_at(const store::lane_choice& lanes) const override {
    return behind_.wake_at(lanes);
  }
  bool empty() const override { return behind_.empty(); }
  bool record(store::batch&) override;
  void committed(store::batch&&, time_point now) override;
  void returned(store::batch&&) override;
  void refused(store::batch&&, const protocol::error_code& why, time_point now) override;

  std::size_t out() const { return out_.size(); }
  bool link_is_up() const { return up_; }

  bool has_node_links = false;

 private:
  using message_ids = std::vector<protocol::message_id>;

  static message_ids ids_of(const store::batch&);
  message_ids take_from_out(const store::batch&);

  store::outbox& behind_;
  std::map<protocol::partition_id, message_ids> out_;
  std::map<protocol::partition_id, std::deque<message_ids>> returned_;
  std::vector<protocol::partition_id> partitions_;
  bool up_ = false;
};

}  // namespace vibes::test
