#include "daemon/io/iggy/link_set.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace vibes::io {

namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

link_set::driven::driven(link_set& of, member& driven_link)
    : link(driven_link),
      driver(of.loop_, link.machine, std::make_unique<tcp_transport>(of.loop_),
             {[this, &of](link::link_event event) {
                of.callbacks_.event(link.machine.report(), event);
              },
              [this, &of] { of.on_pumped(link); }, [this, &of] { of.on_stopped(link); }}) {}

link_set::link_set(boost::asio::io_context& loop, link::link_settings settings,
                   store::work_source& work, std::function<std::uint64_t()> random, callbacks to)
    : loop_(loop),
      callbacks_(std::move(to)),
      group_(std::move(settings), work, std::move(random), now()) {}

void link_set::wake() {
  if (driven* const coordinator = find(group_.coordinator())) coordinator->driver.wake();
}

void link_set::stop(bool drain) {
  group_.stop(drain, now());
  go_on();
}

std::vector<link::link_report> link_set::node_link_reports() const {
  std::vector<link::link_report> reports;
  for (const member& each : group_.node_links()) reports.push_back(each.machine.report());
  return reports;
}

link_set::driven* link_set::find(const member& link) {
  const auto found =
      std::ranges::find_if(drivers_, [&](const driven& each) { return &each.link == &link; });
  return found == drivers_.end() ? nullptr : &*found;
}

void link_set::on_pumped(member& link) {
  callbacks_.pumped();
  group_.went_on(link, now());
  go_on();
}

void link_set::go_on() {
  if (std::exchange(going_on_, true)) return;
  while (member* const link = group_.next()) {
    if (driven* const known = find(*link)) {
      known->driver.wake();
    } else {
      drivers_.emplace_back(*this, *link).driver.start();
    }
  }
  going_on_ = false;
}

void link_set::on_stopped(member& link) {
  group_.ended(link);
  // Not here and now: the driver that tells of its end is still on the stack.
  boost::asio::post(loop_, [this] { remove_ended(); });
}

void link_set::remove_ended() {
  using link::link_group;
  drivers_.remove_if(
      [](const driven& each) { return each.link.state == link_group::member_state::ended; });
  group_.remove_ended();
  if (group_.has_ended() && !std::exchange(stopped_told_, true)) callbacks_.stopped();
}

}  // namespace vibes::io
