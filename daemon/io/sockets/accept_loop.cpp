#include "daemon/io/sockets/accept_loop.hpp"

#include <boost/asio/error.hpp>
#include <utility>

#include "daemon/base/log.hpp"

namespace vibes::io {

namespace asio = boost::asio;
using asio::local::stream_protocol;

namespace {

constexpr auto repeated_line_period = std::chrono::seconds(10);

}  // namespace

accept_loop::accept_loop(asio::io_context& loop, int descriptor, owner of)
    : loop_(loop),
      acceptor_(loop, stream_protocol(), descriptor),
      owner_(std::move(of)),
      pause_timer_(loop),
      limiter_(repeated_line_period) {
  // Towards Asio too: without it an accept would wait for the next connection.
  acceptor_.non_blocking(true);
}

void accept_loop::go_on() {
  if (waiting_ || closed_ || !owner_.has_room()) return;
  waiting_ = true;
  acceptor_.async_wait(stream_protocol::acceptor::wait_read,
                       [self = shared_from_this()](const error_code& error) {
                         self->waiting_ = false;
                         if (self->closed_ || error == asio::error::operation_aborted) return;
                         if (error) return self->pause(error);
                         self->accept_one();
                       });
}

/// Others may have taken the room, or the connection, meanwhile.
void accept_loop::accept_one() {
  if (!owner_.has_room()) return;
  error_code error;
  socket_type accepted(loop_);
  acceptor_.accept(accepted, error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) {
    return pause(error);
  }
  if (!error) {
    pause_.succeeded();
    owner_.accepted(std::move(accepted));
  }
  go_on();
}

void accept_loop::accept_waiting() {
  error_code error;
  while (!closed_ && owner_.has_room()) {
    socket_type accepted(loop_);
    acceptor_.accept(accepted, error);
    if (error) return;
    owner_.accepted(std::move(accepted));
  }
}

void accept_loop::pause(const error_code& error) {
  owner_.failed(error);
  const time_point now = std::chrono::steady_clock::now();
  if (const auto kept_back = limiter_.admit(now)) {
    log(log_level::warning,
        "cannot accept " + owner_.whom + ": " + accept_failure_text(error) +
            (*kept_back > 0 ? "; " + std::to_string(*kept_back) + " more of late" : ""));
  }
  waiting_ = true;
  pause_timer_.expires_after(pause_.failed());
  pause_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    self->waiting_ = false;
    if (!cancelled) self->go_on();
  });
}

void accept_loop::close() {
  closed_ = true;
  pause_timer_.cancel();
  error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace vibes::io
