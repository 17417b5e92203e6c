#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "daemon/io/producers/producer_session.hpp"
#include "daemon/io/producers/producer_socket.hpp"

// The half of a connection that writes.

namespace vibes::io {

namespace asio = boost::asio;

namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

asio::awaitable<void> producer_session::finish_answers() {
  const time_point deadline = now() + intake_.answer_wait;
  while (open_ && dialogue_.answering() && now() < deadline) {
    write_answers();
    if (!open_ || (dialogue_.settled() && dialogue_.pending_output().empty())) co_return;
    answers_timer_.expires_at(deadline);
    co_await answers_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void producer_session::write_answers() {
  if (!open_ || !dialogue_.answering()) return;
  for (std::string_view due = dialogue_.pending_output(); !due.empty();
       due = dialogue_.pending_output()) {
    const ssize_t bytes = write_answers_to_producer(socket_.native_handle(), due);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) return end_answers();
      wait_writable();
      break;
    }
    dialogue_.wrote(static_cast<std::size_t>(bytes));
  }
  if (dialogue_.answers_overflowed()) {
    ++intake_.counters.connections_cut_off;
    return cut_off();
  }
  if (end_of_input_) answers_timer_.cancel();
}

/// Whoever does not hear the answers may still have written lines, which were promised to be read.
void producer_session::end_answers() {
  dialogue_.end_answers();
  answers_timer_.cancel();
}

/// Nothing more comes from the producer. What it has written already is read to its end.
void producer_session::cut_off() {
  end_answers();
  error_code ignored;
  socket_.shutdown(socket_type::shutdown_both, ignored);
}

void producer_session::wait_writable() {
  if (waiting_writable_) return;
  waiting_writable_ = true;
  socket_.async_wait(socket_type::wait_write, [self = shared_from_this()](const error_code& error) {
    self->waiting_writable_ = false;
    if (!error) self->write_answers();
  });
}

}  // namespace vibes::io
