#include "tests/simulation/session_host.hpp"

#include <algorithm>
#include <utility>

namespace vibes::simulation {

using ingest::session_machine;

watched_sink::watched_sink(session_surroundings& shared, store::producer_ref producer,
                           std::uint64_t serial)
    : shared_(shared), behind_(shared.intake, producer, {}), serial_(serial) {}

ingest::event_sink::answer watched_sink::note(answer told, std::string_view payload) {
  if (told.what == verdict::accepted) shared_.says.admitted(payload);
  if (told.what == verdict::refused) shared_.says.turned_away(payload);
  return told;
}

ingest::event_sink::answer watched_sink::offer(const ingest::producer_dialogue::event& event,
                                               ingest::ack_level told_at, time_point now,
                                               time_point waiting_since) {
  held_ = event.text;
  return note(behind_.offer(event, told_at, now, waiting_since), held_);
}

ingest::event_sink::answer watched_sink::offer_again(time_point now, time_point waiting_since) {
  return note(behind_.offer_again(now, waiting_since), held_);
}

void watched_sink::line_refused(const ingest::framed_line& line, std::uint64_t number,
                                ingest::ingest_errc code) {
  if (number > 0) shared_.says.line_refused(serial_, number, line.text);
  behind_.line_refused(line, number, code);
}

session_host::session_host(session_surroundings& shared, std::shared_ptr<connection> over)
    : shared_(shared),
      over_(std::move(over)),
      serial_(over_->serial()),
      reference_(shared.intake.registry.add(*this)),
      sink_(shared, reference_, serial_),
      machine_(
          {shared.intake.dialogue, shared.intake.scanner, shared.intake.counters.partial_line_bytes,
           shared.intake.partial_lines_bytes_max, shared.intake.answer_wait},
          sink_),
      timer_(shared.on, step_kind::clock, [this] {
        machine_.on_wake(start_turn());
        go_on();
      }) {
  give_turn();
}

/// Also when the process dies: nothing more is written then.
session_host::~session_host() {
  hang_up();
  shared_.intake.registry.remove(reference_);
}

void session_host::received(protocol::const_bytes bytes) {
  arrived_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  be_readable();
}

void session_host::ended(bool reset) {
  end_arrived_ = true;
  reset_ = reset_ || reset;
  be_readable();
}

void session_host::be_readable() {
  if (!std::exchange(waits_readable_, false)) return;
  shared_.on.after(1us, step_kind::daemon, alive_, [this] {
    machine_.on_readable(shared_.on.now());
    go_on();
  });
}

void session_host::writable() {
  if (!std::exchange(waits_writable_, false)) return;
  machine_.on_writable();
  go_on();
}

void session_host::stop_reading() {
  machine_.stop_reading();
  // As a wait that is cancelled ends.
  be_readable();
}

void session_host::close() {
  machine_.close();
  go_on();
}

void session_host::lines_durable(std::span<const std::uint64_t> lines) {
  for (const std::uint64_t each : lines) shared_.says.told_durable(serial_, each);
  machine_.events_durable(lines);
}

void session_host::lines_committed(std::span<const std::uint64_t> lines) {
  for (const std::uint64_t each : lines) shared_.says.told_committed(serial_, each);
  machine_.events_committed(lines);
}

void session_host::lines_lost(std::span<const std::uint64_t> lines, store::loss_reason reason) {
  for (const std::uint64_t each : lines) shared_.says.told_lost(serial_, each, reason);
  machine_.events_lost(lines, io::code_of(reason));
}

void session_host::write_answers() {
  machine_.on_answers_due();
  go_on();
}

time_point session_host::start_turn() {
  sink_.start_turn(shared_.wall_us());
  return shared_.on.now();
}

void session_host::go_on() {
  using action = session_machine::action;
  for (;;) {
    switch (machine_.next()) {
      case action::nothing:
        if (!machine_.has_input() && !std::exchange(read_out_told_, true)) shared_.read_out();
        return;
      case action::read: read(); break;
      case action::write: write(); break;
      case action::wait_readable:
        waits_readable_ = true;
        if (!arrived_.empty() || end_arrived_) be_readable();
        break;
      case action::wait_writable: waits_writable_ = true; break;
      case action::wait_for_room:
        shared_.intake.registry.wait_for_room(reference_);
        [[fallthrough]];
      case action::wait_until: timer_.set(machine_.wake_at()); break;
      case action::announce_events: shared_.intake.work_arrived(); break;
      case action::give_turn: give_turn(); break;
      case action::shut_down:
        end_arrived_ = true;
        over_->finish(connection::side::server);
        be_readable();
        break;
      case action::close: hang_up(); break;
    }
  }
}

void session_host::give_turn() {
  shared_.on.after(1us, step_kind::daemon, alive_, [this] {
    machine_.on_turn(shared_.on.now());
    go_on();
  });
}

void session_host::read() {
  const std::size_t bytes = std::min(arrived_.size(), shared_.intake.read_buffer.size());
  if (bytes == 0) {
    return end_arrived_ ? machine_.on_end_of_input(start_turn()) : machine_.on_nothing_to_read();
  }
  std::ranges::copy_n(arrived_.begin(), static_cast<std::ptrdiff_t>(bytes),
                      shared_.intake.read_buffer.begin());
  arrived_.erase(0, bytes);
  machine_.on_bytes({shared_.intake.read_buffer.data(), bytes}, start_turn());
}

void session_host::write() {
  if (reset_) return machine_.on_write_failed();
  const std::string_view due = machine_.output();
  const std::size_t taken = over_->write(connection::side::server, std::as_bytes(std::span(due)));
  if (taken == 0) return machine_.on_socket_full();
  machine_.on_wrote(taken);
}

void session_host::hang_up() {
  if (!over_) return;
  timer_.cancel();
  over_->attach(connection::side::server, nullptr);
  over_->close(connection::side::server);
  over_.reset();
}

}  // namespace vibes::simulation
