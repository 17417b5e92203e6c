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
             {[this, &of](link::link_news news) { of.callbacks_.news(machine.report(), news); },
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
      home_(std::make_unique<node_link>(*this, settings_)) {}

void link_set::wake() {
  home_->driver.wake();
}

void link_set::stop(bool drain) {
  stopping_ = true;
  draining_ = drain;
  home_->machine.stop(drain, now());
  for (node_link& each : branches_) each.machine.stop(drain, now());
  wake();
}

std::vector<link::link_report> link_set::branch_reports() const {
  std::vector<link::link_report> reports;
  for (const node_link& each : branches_) reports.push_back(each.machine.report());
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
    if (branches_.empty()) break;
    const link::link_gates before = shared_.gates();
    wake_all_but(std::exchange(awake, nullptr));
    if (shared_.gates() == before) break;
  }
  reconciling_ = false;
}

void link_set::wake_all_but(const node_link* awake) {
  if (home_.get() != awake) home_->driver.wake();
  for (node_link& each : branches_) {
    if (&each != awake || each.leaving) each.driver.wake();
  }
}

void link_set::reconcile() {
  std::vector<link::branch_wish> wanted = link::wanted_branches(report(), shared_);
  for (node_link& each : branches_) {
    if (each.leaving || std::erase(wanted, each.wish) > 0) continue;
    each.leaving = true;
    each.machine.stop(false, now());
  }
  if (stopping_ && !draining_) return;
  for (link::branch_wish& wish : wanted) {
    link::link_settings settings = settings_;
    settings.addresses = {wish.address};
    settings.branch_replica = wish.replica;
    settings.handshake.wanted = report().gen;
    node_link& made = branches_.emplace_back(*this, std::move(settings));
    made.wish = std::move(wish);
    if (stopping_) made.machine.stop(draining_, now());
    made.driver.start();
  }
}

void link_set::end_if_all_ended() {
  // Not here and now: the driver that tells of its end is still on the stack.
  boost::asio::post(loop_, [this] {
    branches_.remove_if([](const node_link& each) { return each.ended; });
    if (!home_->ended || !branches_.empty() || std::exchange(told_, true)) return;
    callbacks_.stopped();
  });
}

}  // namespace vibes::io
