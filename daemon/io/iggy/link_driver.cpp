#include "daemon/io/iggy/link_driver.hpp"

#include <boost/asio/error.hpp>
#include <utility>

#include "daemon/base/failpoint.hpp"

namespace vibes::io {

namespace asio = boost::asio;
using link::link_task;

namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

link_driver::link_driver(asio::io_context& loop, link::link_machine& machine,
                         std::unique_ptr<transport> stream, callbacks to)
    : machine_(machine), transport_(std::move(stream)), callbacks_(std::move(to)), timer_(loop) {}

void link_driver::wake() {
  if (stopped_) return;
  const time_point at = now();
  // TCP is asked at the machine's own times only: wake() comes with every turn of a producer.
  if (at >= timer_at_) {
    const std::optional<std::size_t> bytes = transport_->unacknowledged_bytes();
    if (bytes) machine_.unacknowledged(*bytes, at);
  }
  machine_.tick(at);
  pump();
}

// The machine's callbacks can wake us again (a commit makes room, a producer goes on): the outer
// pump then does the rest.
void link_driver::pump() {
  if (in_pump_ || stopped_) return;
  in_pump_ = true;
  perform();
  if (const link::link_event event = machine_.take_event(); event != link::link_event::none) {
    callbacks_.event(event);
  }
  arm_timer();
  in_pump_ = false;
  callbacks_.pumped();
  if (machine_.task() == link_task::stop && !stopped_) {
    stopped_ = true;
    timer_.cancel();
    callbacks_.stopped();
  }
}

void link_driver::perform() {
  switch (machine_.task()) {
    case link_task::connect:
      if (!connecting_) start_connect();
      break;
    case link_task::exchange:
      if (!reading_) start_read();
      if (!writing_ && !machine_.output().empty()) start_write();
      break;
    case link_task::close: close_when_quiet(); break;
    case link_task::sleep:
    case link_task::stop: break;
  }
}

void link_driver::start_connect() {
  connecting_ = true;
  const endpoint_name to = endpoint_of(machine_.report().address);
  transport_->async_connect(to, machine_.wake_at(),
                            [this, host = to.host](const error_code& error) {
                              connecting_ = false;
                              if (error) {
                                machine_.transport_failed(error, now());
                              } else {
                                const auto [ip, port] = transport_->peer();
                                machine_.connected(now(), {host, ip, port});
                              }
                              pump();
                            });
}

void link_driver::start_read() {
  reading_ = true;
  transport_->async_read_some(asio::buffer(read_buffer_),
                              [this](const error_code& error, std::size_t bytes) {
                                reading_ = false;
                                if (!error) failpoint(failpoint_name::reply_before);
                                if (error) {
                                  machine_.transport_failed(error, now());
                                } else {
                                  machine_.received(std::span(read_buffer_).first(bytes), now());
                                }
                                pump();
                                if (!error) failpoint(failpoint_name::reply_after);
                              });
}

void link_driver::start_write() {
  link::frame_output::spans pieces;
  const std::size_t count = machine_.output().gather(pieces);
  std::array<asio::const_buffer, link::frame_output::gather_max> buffers;
  for (std::size_t i = 0; i < count; ++i) buffers[i] = {pieces[i].data(), pieces[i].size()};
  writing_ = true;
  failpoint(failpoint_name::send_before);
  transport_->async_write_some(std::span(buffers).first(count),
                               [this](const error_code& error, std::size_t bytes) {
                                 writing_ = false;
                                 if (!error) failpoint(failpoint_name::send_after);
                                 machine_.wrote(bytes, now());
                                 if (error) machine_.transport_failed(error, now());
                                 pump();
                               });
}

// Buffers of a write under way belong to the machine: it may go on only when every handler has run.
void link_driver::close_when_quiet() {
  transport_->close();
  if (!quiet()) return;
  machine_.closed(now());
  perform();
}

void link_driver::arm_timer() {
  const time_point wanted = machine_.wake_at();
  if (wanted == timer_at_) return;
  timer_at_ = wanted;
  if (wanted == time_point::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(wanted);
  timer_.async_wait([this](const error_code& error) {
    if (error) return;
    wake();
    // Also when the machine wants the same time again.
    timer_at_ = time_point::max();
    arm_timer();
  });
}

}  // namespace vibes::io
