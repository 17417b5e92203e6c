#include "daemon/io/iggy/link_set.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace vibes::io {

namespace {

// In each the links have settled something between them, so that another may go on.
constexpr int rounds_max = 4;

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

link_set::node_link::node_link(link_set& of, link::link_settings settings)
    : machine(std::move(settings), of.work_, of.shared_, of.random_, now()),
      driver(of.loop_, machine, std::make_unique<tcp_transport>(of.loop_),
             {[this, &of](link::link_event event) { of.callbacks_.event(machine.report(), event); },
              [this, &of] { of.after_pump(*this); },
              [this, &of] {
                ended = true;
                of.end_if_all_ended();
              }}) {}

link_set::link_set(boost::asio::io_context& loop, link::link_settings settings,
                   store::work_source& work, std::function<std::uint64_t()> random, callbacks to)
    : loop_(loop),
      settings_(std::move(settings)),
      work_(work),
      random_(std::move(random)),
      callbacks_(std::move(to)),
      shared_(random_()),
      coordinator_(std::make_unique<node_link>(*this, settings_)) {}

void link_set::wake() {
  coordinator_->driver.wake();
}

void link_set::stop(bool drain) {
  stopping_ = true;
  draining_ = drain;
  coordinator_->machine.stop(drain, now());
  for (node_link& each : node_links_) each.machine.stop(drain, now());
  wake();
}

std::vector<link::link_report> link_set::node_link_reports() const {
  std::vector<link::link_report> reports;
  for (const node_link& each : node_links_) reports.push_back(each.machine.report());
  return reports;
}

/// What one link has learnt or finished may be what another waits for, and so on.
void link_set::after_pump(const node_link& pumped) {
  callbacks_.pumped();
  if (reconciling_) return;
  reconciling_ = true;
  const node_link* awake = &pumped;
  for (int round = 0; round < rounds_max; ++round) {
    reconcile();
    if (node_links_.empty()) break;
    const link::link_gates before = shared_.gates();
    wake_all_but(std::exchange(awake, nullptr));
    if (shared_.gates() == before) break;
  }
  reconciling_ = false;
}

void link_set::wake_all_but(const node_link* awake) {
  if (coordinator_.get() != awake) coordinator_->driver.wake();
  for (node_link& each : node_links_) {
    if (&each != awake || each.leaving) each.driver.wake();
  }
}

void link_set::reconcile() {
  std::vector<link::planned_link> wanted = link::planned_links(report(), shared_);
  for (node_link& each : node_links_) {
    if (each.leaving || std::erase(wanted, each.planned) > 0) continue;
    each.leaving = true;
    each.machine.stop(false, now());
  }
  if (stopping_ && !draining_) return;
  for (link::planned_link& planned : wanted) {
    link::link_settings settings = settings_;
    settings.addresses = {planned.address};
    settings.node_replica = planned.replica;
    settings.handshake.wanted = report().gen;
    node_link& made = node_links_.emplace_back(*this, std::move(settings));
    made.planned = std::move(planned);
    if (stopping_) made.machine.stop(draining_, now());
    made.driver.start();
  }
}

void link_set::end_if_all_ended() {
  // Not here and now: the driver that tells of its end is still on the stack.
  boost::asio::post(loop_, [this] {
    node_links_.remove_if([](const node_link& each) { return each.ended; });
    if (!coordinator_->ended || !node_links_.empty() || std::exchange(told_, true)) return;
    callbacks_.stopped();
  });
}

}  // namespace vibes::io
