#include "tests/unit/link/audited_work.hpp"

#include <algorithm>

namespace vibes::test {

void audited_work::link_up(time_point now) {
  promise(!up_, "link_up twice");
  up_ = true;
  behind_.link_up(now);
}

void audited_work::link_down(time_point now) {
  promise(up_, "link_down without link_up");
  promise(has_node_links || out_.empty(), "link_down before every batch was given back");
  up_ = false;
  behind_.link_down(now);
}

void audited_work::route(std::span<const protocol::partition_id> ids, protocol::generation gen) {
  promise(out_.empty(), "a route while a batch is out");
  promise(!ids.empty(), "a route to no partition");
  std::erase_if(returned_,
                [&](const auto& each) { return std::ranges::find(ids, each.first) == ids.end(); });
  partitions_.assign(ids.begin(), ids.end());
  behind_.route(ids, gen);
}

std::optional<store::batch> audited_work::next_batch(time_point now, store::link_demand demand) {
  promise(has_node_links || up_, "a batch is asked for while the link is down");
  std::optional<store::batch> next = behind_.next_batch(now, demand);
  if (!next) return next;
  promise(!out_.contains(next->partition), "two batches of one partition are out");
  promise(std::ranges::count(partitions_, next->partition) == 1, "a partition nobody knows");
  std::deque<message_ids>& waiting = returned_[next->partition];
  if (!waiting.empty()) {
    promise(waiting.front() == ids_of(*next), "a returned batch is not the first of its partition");
    waiting.pop_front();
  }
  out_[next->partition] = ids_of(*next);
  return next;
}

bool audited_work::record(store::batch& wanted) {
  const protocol::partition_id partition = wanted.partition;
  const message_ids ids = ids_of(wanted);
  if (!behind_.record(wanted)) return false;
  promise(out_.erase(partition) == 1, "a batch is to be recorded that is not out");
  returned_[partition].push_front(ids);
  return true;
}

void audited_work::committed(store::batch&& done, time_point now) {
  take_from_out(done);
  behind_.committed(std::move(done), now);
  promise(sums_up(behind_), "the ledger's sum after a commit");
}

void audited_work::returned(store::batch&& back) {
  const protocol::partition_id partition = back.partition;
  returned_[partition].push_front(take_from_out(back));
  behind_.returned(std::move(back));
  promise(sums_up(behind_), "the ledger's sum after a return");
}

void audited_work::refused(store::batch&& back, const protocol::error_code& why, time_point now) {
  const protocol::partition_id partition = back.partition;
  const message_ids all = take_from_out(back);
  if (all.size() > 1) {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    returned_[partition].push_front(message_ids(middle, all.end()));
    returned_[partition].push_front(message_ids(all.begin(), middle));
  }
  behind_.refused(std::move(back), why, now);
  promise(sums_up(behind_), "the ledger's sum after a refusal");
}

audited_work::message_ids audited_work::ids_of(const store::batch& of) {
  message_ids found;
  for (const store::entry* each : of.entries) found.push_back(each->id);
  return found;
}

audited_work::message_ids audited_work::take_from_out(const store::batch& back) {
  const auto found = out_.find(back.partition);
  promise(found != out_.end(), "a batch is given back that is not out");
  promise(found->second == ids_of(back), "another batch is given back than was handed out");
  message_ids taken = std::move(found->second);
  out_.erase(found);
  return taken;
}

}  // namespace vibes::test
