#include "daemon/link/link_group.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"

namespace vibes::link {

using state = link_group::member_state;

bool may_follow(state from, state to) noexcept {
  switch (to) {
    case state::planned: return false;
    case state::running: return from == state::planned;
    case state::leaving: return from == state::planned || from == state::running;
    case state::ended: return from == state::running || from == state::leaving;
  }
  return false;
}

link_group::member::member(link_settings settings, store::work_source& work, link_shared& shared,
                           const std::function<std::uint64_t()>& random, time_point now)
    : machine(std::move(settings), work, shared, random, now) {}

link_group::link_group(link_settings settings, store::work_source& work,
                       std::function<std::uint64_t()> random, time_point now)
    : settings_(std::move(settings)),
      work_(work),
      random_(std::move(random)),
      shared_(random_()),
      coordinator_(settings_, work_, shared_, random_, now),
      gates_(shared_.gates()) {
  wake(coordinator_);
}

/// The only way from state to state.
void link_group::enter(member& of, state to) noexcept {
  VIBES_ASSERT(may_follow(of.state, to));
  of.state = to;
}

void link_group::wake(member& who) {
  if (who.state == state::ended || std::exchange(who.wakes, true)) return;
  to_wake_.push_back(&who);
}

void link_group::wake_all_but(const member& awake) {
  if (&coordinator_ != &awake) wake(coordinator_);
  for (member& each : node_links_) {
    if (&each != &awake || each.state == state::leaving) wake(each);
  }
}

void link_group::stop(bool drain, time_point now) {
  // Without a drain the coordinator link closes, and no link is planned any more.
  draining_ = drain;
  coordinator_.machine.stop(drain, now);
  for (member& each : node_links_) each.machine.stop(drain, now);
  wake(coordinator_);
  for (member& each : node_links_) wake(each);
}

/// What one link has learnt or finished may be what another waits for, and so on.
void link_group::went_on(member& of, time_point now) {
  plan(now);
  const link_gates before = std::exchange(gates_, shared_.gates());
  if (node_links_.empty()) return;
  if (!going_on_) return wake_all_but(of);
  if (gates_ == before || changes_ == changes_max) return;
  ++changes_;
  wake_all_but(of);
}

link_group::member* link_group::next() {
  going_on_ = !to_wake_.empty();
  if (!going_on_) {
    changes_ = 0;
    return nullptr;
  }
  member& who = *to_wake_.front();
  to_wake_.pop_front();
  who.wakes = false;
  if (who.state == state::planned) enter(who, state::running);
  return &who;
}

void link_group::plan(time_point now) {
  std::vector<planned_link> wanted = planned_links(coordinator_.machine.report(), shared_);
  for (member& each : node_links_) {
    if (each.state == state::leaving || each.state == state::ended) continue;
    if (std::erase(wanted, each.plan) > 0) continue;
    each.machine.stop(false, now);
    wake(each);
    enter(each, state::leaving);
  }
  for (planned_link& each : wanted) add(std::move(each), now);
}

void link_group::add(planned_link&& plan, time_point now) {
  link_settings settings = settings_;
  settings.addresses = {plan.address};
  settings.node_replica = plan.replica;
  settings.handshake.wanted = coordinator_.machine.report().gen;
  member& made = node_links_.emplace_back(std::move(settings), work_, shared_, random_, now);
  made.plan = std::move(plan);
  if (draining_) made.machine.stop(true, now);
  wake(made);
}

void link_group::ended(member& who) noexcept {
  enter(who, state::ended);
}

void link_group::remove_ended() {
  std::erase_if(to_wake_, [](const member* each) { return each->state == state::ended; });
  node_links_.remove_if([](const member& each) { return each.state == state::ended; });
}

bool link_group::has_ended() const noexcept {
  return coordinator_.state == state::ended && node_links_.empty();
}

}  // namespace vibes::link
