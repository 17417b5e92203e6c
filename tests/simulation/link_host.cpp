#include "tests/simulation/link_host.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace vibes::simulation {
namespace {

using boost::system::errc::make_error_code;
using link::link_task;

protocol::topology::address peer_of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::uint16_t port = 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return {address.substr(0, colon), address.substr(0, colon), port};
}

}  // namespace

link_line::link_line(scheduler& on, network& over, link::link_group::member& member, callbacks to)
    : of(member),
      machine(member.machine),
      scheduler_(on),
      network_(over),
      callbacks_(std::move(to)),
      timer_(on, step_kind::clock, [this] {
        timer_at_ = time_point::max();
        wake();
      }) {}

link_line::~link_line() {
  drop_connection();
}

void link_line::drop_connection() {
  attempt_.reset();
  connecting_ = writing_ = connected_ = false;
  if (!over_) return;
  over_->attach(connection::side::client, nullptr);
  over_->close(connection::side::client);
  over_.reset();
}

void link_line::wake() {
  if (stopped_) return;
  if (scheduler_.now() >= timer_at_ || timer_at_ == time_point::max()) {
    if (over_) {
      machine.unacknowledged(over_->undelivered(connection::side::client), scheduler_.now());
    }
  }
  machine.tick(scheduler_.now());
  pump();
}

void link_line::pump() {
  if (in_pump_ || stopped_) return;
  in_pump_ = true;
  perform();
  if (const auto event = machine.take_event(); event != link::link_event::none) {
    callbacks_.event(event);
    const link::link_report& at = machine.report();
    scheduler_.say("link to " + at.address + (at.is_node_link ? " (node link) " : " ") +
                   std::string(link::to_string(at.state)) + ", last error " +
                   at.last_error.message() + " to command " +
                   std::to_string(static_cast<std::uint32_t>(at.last_error_during)));
  }
  timer_at_ = machine.wake_at();
  timer_.set(timer_at_);
  in_pump_ = false;
  callbacks_.pumped();
  if (machine.task() == link_task::stop && !stopped_) {
    stopped_ = true;
    timer_.cancel();
    callbacks_.stopped();
  }
}

void link_line::perform() {
  switch (machine.task()) {
    case link_task::connect:
      if (!connecting_) start_connect();
      break;
    case link_task::exchange:
      if (!writing_ && !machine.output().empty()) write();
      break;
    case link_task::close: close(); break;
    case link_task::sleep:
    case link_task::stop: break;
  }
}

void link_line::start_connect() {
  connecting_ = true;
  attempt_ = std::make_shared<int>();
  const std::string address = machine.report().address;
  scheduler_.at(machine.wake_at(), step_kind::clock, attempt_, [this] {
    if (connecting_) fail(boost::system::errc::timed_out);
  });
  network_.connect(address, this, attempt_, [this, address](std::shared_ptr<connection> made) {
    if (!connecting_) return;
    if (!made) return fail(boost::system::errc::connection_refused);
    connecting_ = false;
    connected_ = true;
    over_ = std::move(made);
    machine.connected(scheduler_.now(), peer_of(address));
    pump();
  });
}

void link_line::fail(boost::system::errc::errc_t what) {
  connecting_ = false;
  machine.transport_failed(make_error_code(what), scheduler_.now());
  pump();
}

void link_line::received(protocol::const_bytes bytes) {
  machine.received(bytes, scheduler_.now());
  pump();
}

void link_line::writable() {
  pump();
}

void link_line::ended(bool reset) {
  if (!connected_) return;
  connected_ = false;
  fail(reset ? boost::system::errc::connection_reset : boost::system::errc::broken_pipe);
}

/// The kernel takes some of it now; the machine hears of that in a step of its own.
void link_line::write() {
  if (!over_) return;
  link::frame_output::spans pieces;
  const std::size_t count = machine.output().gather(pieces);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < count; ++i) {
    protocol::const_bytes piece = pieces[i];
    if (scheduler_.one_in(16)) piece = piece.first(scheduler_.between(1, piece.size()));
    const std::size_t written = over_->write(connection::side::client, piece);
    taken += written;
    if (written < pieces[i].size()) break;
  }
  if (taken == 0) return;
  writing_ = true;
  scheduler_.after(1us, step_kind::network, attempt_, [this, taken] {
    writing_ = false;
    machine.wrote(taken, scheduler_.now());
    pump();
  });
}

/// The machine hears that it is closed when every handler would have run.
void link_line::close() {
  if (std::exchange(closing_, true)) return;
  const bool wrote = writing_;
  drop_connection();
  attempt_ = std::make_shared<int>();
  scheduler_.after(wrote ? 2us : 1us, step_kind::network, attempt_, [this] {
    closing_ = false;
    machine.closed(scheduler_.now());
    pump();
  });
}

link_host::link_host(scheduler& on, network& over, link::link_settings settings,
                     store::work_source& work, callbacks to)
    : scheduler_(on),
      network_(over),
      callbacks_(std::move(to)),
      group_(
          std::move(settings), work, [&on] { return on.random()(); }, on.now()) {}

void link_host::wake() {
  if (link_line* const coordinator = find(group_.coordinator())) coordinator->wake();
}

void link_host::stop(bool drain) {
  group_.stop(drain, scheduler_.now());
  go_on();
}

link_line* link_host::find(const link::link_group::member& member) {
  const auto found =
      std::ranges::find_if(lines_, [&](const link_line& each) { return &each.of == &member; });
  return found == lines_.end() ? nullptr : &*found;
}

link_line& link_host::add(link::link_group::member& member) {
  return lines_.emplace_back(
      scheduler_, network_, member,
      link_line::callbacks{[this](link::link_event event) { callbacks_.event(event); },
                           [this, &member] {
                             callbacks_.pumped();
                             group_.went_on(member, scheduler_.now());
                             go_on();
                           },
                           [this, &member] {
                             group_.ended(member);
                             scheduler_.after(0us, step_kind::clock, alive_,
                                              [this] { remove_ended(); });
                           }});
}

void link_host::go_on() {
  if (std::exchange(going_on_, true)) return;
  while (link::link_group::member* const next = group_.next()) {
    link_line* const known = find(*next);
    (known != nullptr ? *known : add(*next)).wake();
  }
  going_on_ = false;
}

void link_host::remove_ended() {
  lines_.remove_if(
      [](const link_line& each) { return each.of.state == link::link_group::member_state::ended; });
  group_.remove_ended();
  if (group_.has_ended() && !std::exchange(stopped_told_, true)) callbacks_.stopped();
}

}  // namespace vibes::simulation
