#include "tests/faults/relay.hpp"

#include <boost/asio/write.hpp>

#include "tests/faults/proxy.hpp"

namespace vibes::faults {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

relay::relay(proxy& of, tcp::socket near)
    : proxy_(&of),
      near_(std::move(near)),
      far_(near_.get_executor()),
      up_(direction::up, near_, far_),
      down_(direction::down, far_, near_) {}

void relay::start(const tcp::endpoint& target) {
  far_.async_connect(target, [self = shared_from_this()](const error_code& failure) {
    if (self->proxy_ == nullptr) return;
    if (failure) return self->close(true);
    self->connected_ = true;
    error_code ignored;  // what has gone meanwhile says so when it is read
    self->near_.set_option(tcp::no_delay(true), ignored);
    self->far_.set_option(tcp::no_delay(true), ignored);
    self->look_again();
  });
}

void relay::look_again() {
  if (!connected_) return;
  for (lane* each : {&up_, &down_}) {
    each->pause.cancel();
    move(*each);
  }
}

void relay::move(lane& in) {
  if (proxy_ == nullptr || in.over || in.writing) return;
  if (in.begin == in.end && in.source_ended) return end(in);
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
      in.begin == in.end ? steady_clock::duration{} : steady_clock::now() - in.arrived);
  const std::span<std::byte> waiting(in.piece.data() + in.begin, in.end - in.begin);
  const ruling ruled =
      proxy_->fault_rules_.rule(in.way, waiting, static_cast<std::uint32_t>(waited.count()));
  switch (ruled.is) {
    case ruling::kind::pass: return write(in, ruled.bytes);
    case ruling::kind::pause:
      in.pause.expires_after(std::chrono::milliseconds(ruled.pause_ms));
      in.pause.async_wait([self = shared_from_this(), &in](const error_code& cancelled) {
        if (!cancelled) self->move(in);
      });
      return;
    case ruling::kind::hold:
      if (waiting.empty()) read(in);
      return;
    case ruling::kind::cut: return close(false);
    case ruling::kind::reset: return close(true);
    case ruling::kind::half_close: in.begin = in.end = 0; return end(in);
  }
}

void relay::read(lane& in) {
  if (in.reading) return;
  in.reading = true;
  in.from.async_read_some(
      boost::asio::buffer(in.piece),
      [self = shared_from_this(), &in](const error_code& failure, std::size_t bytes) {
        in.reading = false;
        if (self->proxy_ == nullptr || in.over) return;
        if (failure && failure != boost::asio::error::eof) return self->close(true);
        in.source_ended = failure == boost::asio::error::eof;
        in.begin = 0;
        in.end = bytes;
        in.arrived = steady_clock::now();
        self->move(in);
      });
}

void relay::write(lane& in, std::size_t bytes) {
  in.writing = true;
  boost::asio::async_write(
      in.to, boost::asio::buffer(in.piece.data() + in.begin, bytes),
      [self = shared_from_this(), &in](const error_code& failure, std::size_t written) {
        in.writing = false;
        if (self->proxy_ == nullptr) return;
        if (failure) return self->close(true);
        in.begin += written;
        self->move(in);
      });
}

void relay::end(lane& in) {
  in.over = true;
  error_code ignored;
  in.to.shutdown(tcp::socket::shutdown_send, ignored);
  if (up_.over && down_.over) close(false);
}

void relay::close(bool with_reset) {
  if (proxy_ == nullptr) return;
  proxy& of = *std::exchange(proxy_, nullptr);
  error_code ignored;
  for (tcp::socket* each : {&near_, &far_}) {
    if (with_reset) each->set_option(tcp::socket::linger(true, 0), ignored);
    each->close(ignored);
  }
  up_.pause.cancel();
  down_.pause.cancel();
  of.ended(shared_from_this());
}

}  // namespace vibes::faults
