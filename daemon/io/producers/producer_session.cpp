#include "daemon/io/producers/producer_session.hpp"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "daemon/io/process/wall_clock.hpp"
#include "daemon/io/producers/producer_socket.hpp"

namespace vibes::io {

namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

bool is_for_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

producer_session::producer_session(socket_type socket, intake& shared, admin::producer_info peer,
                                   std::function<void(producer_session&)> ended)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      intake_(shared),
      ended_(std::move(ended)),
      reference_(shared.registry.add(*this)),
      sink_(shared, reference_, std::move(peer)),
      machine_({shared.dialogue, shared.scanner, shared.counters.partial_line_bytes,
                shared.partial_lines_bytes_max, shared.answer_wait},
               sink_) {}

producer_session::~producer_session() {
  intake_.registry.remove(reference_);
}

void producer_session::stop_reading() {
  machine_.stop_reading();
  socket_.cancel();
}

void producer_session::close() {
  machine_.close();
  go_on();
}

void producer_session::lines_lost(std::span<const std::uint64_t> lines, store::loss_reason reason) {
  machine_.events_lost(lines, code_of(reason));
}

void producer_session::write_answers() {
  machine_.on_answers_due();
  go_on();
}

admin::producer_info producer_session::info() const {
  admin::producer_info shown = sink_.info();
  shown.ack_level = ingest::to_string(machine_.level());
  return shown;
}

/// A handler that reports the end of a wait. A wait that was cancelled has ended like any other:
/// the next call on the socket tells more.
template <class Report>
auto producer_session::then(Report report) {
  return [self = shared_from_this(), report](const auto&...) {
    report(*self);
    self->go_on();
  };
}

void producer_session::go_on() {
  using action = machine::action;
  for (;;) {
    switch (machine_.next()) {
      case action::nothing: return tell_when_read_out();
      case action::read: read(); break;
      case action::write: write(); break;
      case action::wait_readable:
        socket_.async_wait(socket_type::wait_read,
                           then([](auto& us) { us.machine_.on_readable(now()); }));
        break;
      case action::wait_writable: wait_writable(); break;
      case action::wait_for_room: intake_.registry.wait_for_room(reference_); [[fallthrough]];
      case action::wait_until:
        timer_.expires_at(machine_.wake_at());
        timer_.async_wait(then([](auto& us) { us.machine_.on_wake(us.start_turn()); }));
        break;
      case action::announce_events: intake_.work_arrived(); break;
      case action::give_turn: give_turn(); break;
      case action::shut_down: shut_down(); break;
      case action::close: shut(); break;
    }
  }
}

void producer_session::read() {
  const ssize_t bytes = read_lines_of_producer(socket_.native_handle(), intake_.read_buffer);
  if (bytes > 0) {
    intake_.counters.bytes_read += static_cast<std::uint64_t>(bytes);
    machine_.on_bytes({intake_.read_buffer.data(), static_cast<std::size_t>(bytes)}, start_turn());
  } else if (bytes < 0 && is_for_later(errno)) {
    machine_.on_nothing_to_read();
  } else {
    machine_.on_end_of_input(start_turn());
  }
}

void producer_session::write() {
  const ssize_t bytes = write_answers_to_producer(socket_.native_handle(), machine_.output());
  if (bytes >= 0) return machine_.on_wrote(static_cast<std::size_t>(bytes));
  if (errno == EINTR) return;
  if (is_for_later(errno)) return machine_.on_socket_full();
  machine_.on_write_failed();
}

/// Both clocks are read once for all lines of a turn.
time_point producer_session::start_turn() {
  sink_.start_turn(unix_time_us());
  return now();
}

void producer_session::wait_writable() {
  if (std::exchange(waits_writable_, true)) return;
  socket_.async_wait(socket_type::wait_write, then([](auto& us) {
                       us.waits_writable_ = false;
                       us.machine_.on_writable();
                     }));
}

void producer_session::give_turn() {
  boost::asio::post(socket_.get_executor(), then([](auto& us) { us.machine_.on_turn(now()); }));
}

void producer_session::shut_down() {
  ++intake_.counters.connections_cut_off;
  error_code ignored;
  socket_.shutdown(socket_type::shutdown_both, ignored);
}

void producer_session::shut() {
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  read_out_told_ = true;
  tell_ended();
}

void producer_session::tell_when_read_out() {
  if (!machine_.has_input() && !std::exchange(read_out_told_, true)) tell_ended();
}

void producer_session::tell_ended() {
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->ended_(*self); });
}

}  // namespace vibes::io
