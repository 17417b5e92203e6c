#include "daemon/io/iggy/transport.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vibes::io {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

error_code timed_out() {
  return make_error_code(boost::system::errc::timed_out);
}

tcp::endpoint endpoint_from(const socket_address& address) {
  tcp::endpoint made;
  made.resize(address.size);
  std::memcpy(made.data(), address.data(), address.size);
  return made;
}

}  // namespace

tcp_transport::tcp_transport(asio::io_context& loop)
    : socket_(loop), answered_(loop), timer_(loop) {}

void tcp_transport::async_connect(const endpoint_name& to, time_point deadline, done handler) {
  // A literal address needs no lookup thread: the common case stays on the loop.
  if (const auto literal = literal_address(to.host, to.port)) {
    return async_connect_to({*literal}, deadline, std::move(handler));
  }
  begin(deadline, std::move(handler));
  to_ = to;
  resolve();
}

void tcp_transport::async_connect_to(socket_addresses addresses, time_point deadline,
                                     done handler) {
  begin(deadline, std::move(handler));
  connect_to(std::move(addresses));
}

void tcp_transport::begin(time_point deadline, done handler) {
  closed_ = false;
  deadline_ = deadline;
  connected_ = std::move(handler);
}

void tcp_transport::resolve() {
  const result<int> asked = names_.ask(to_.host, to_.port);
  if (!asked) return end_connect(asked.error());
  // A descriptor of its own: the lookup may go on when nobody waits for it any more.
  const int watched = ::fcntl(*asked, F_DUPFD_CLOEXEC, 0);
  if (watched < 0) return end_connect({errno, boost::system::system_category()});
  answered_.assign(watched);
  start_timer(deadline_, [this](error_code& ignored) { answered_.close(ignored); });
  answered_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& error) {
    const error_code outcome = outcome_of(error);
    error_code ignored;
    answered_.close(ignored);
    if (outcome) return end_connect(outcome);
    auto found = names_.take(to_.host, to_.port);
    if (!*found) return end_connect(found->error());
    connect_to(std::move(**found));
  });
}

void tcp_transport::connect_to(socket_addresses addresses) {
  addresses_ = std::move(addresses);
  turns_.begin(addresses_.size(), deadline_);
  take_turn(timed_out());
}

void tcp_transport::take_turn(const error_code& last_error) {
  const auto turn = turns_.next(std::chrono::steady_clock::now());
  if (closed_ || !turn) return end_connect(last_error);
  const tcp::endpoint to = endpoint_from(addresses_[turn->index]);
  error_code error;
  socket_.close(error);
  socket_.open(to.protocol(), error);
  // This machine may not speak the family at all: another address may be of another one.
  if (error) return take_turn(error);
  start_timer(turn->deadline, [this](error_code& ignored) { socket_.close(ignored); });
  socket_.async_connect(to, [this](const error_code& failure) {
    if (const error_code outcome = outcome_of(failure)) return take_turn(outcome);
    turns_.connected();
    // A batch is one gathered write: waiting to fill a segment would only delay its reply.
    error_code refused;
    socket_.set_option(tcp::no_delay(true), refused);
    end_connect(refused);
  });
}

void tcp_transport::start_timer(time_point at, std::function<void(error_code&)> stop) {
  late_ = std::make_shared<bool>(false);
  timer_.expires_at(at);
  timer_.async_wait([watch = std::weak_ptr(late_), stop = std::move(stop)](const error_code& off) {
    const std::shared_ptr<bool> late = watch.lock();
    if (off || !late) return;
    *late = true;
    error_code ignored;
    stop(ignored);
  });
}

error_code tcp_transport::outcome_of(const error_code& error) {
  const bool late = *std::exchange(late_, nullptr);
  timer_.cancel();
  if (closed_) return asio::error::operation_aborted;
  return late ? timed_out() : error;
}

void tcp_transport::end_connect(const error_code& error) {
  asio::post(socket_.get_executor(),
             [handler = std::exchange(connected_, nullptr), error] { handler(error); });
}

std::pair<std::string, std::uint16_t> tcp_transport::peer() const {
  error_code failed;
  const tcp::endpoint remote = socket_.remote_endpoint(failed);
  if (failed) return {};
  return {remote.address().to_string(), remote.port()};
}

void tcp_transport::async_read_some(asio::mutable_buffer into, transferred handler) {
  // Iggy's small replies wait for each other until TCP has acknowledged the one before, and the
  // kernel delays that when we have nothing to send. The option wears off, so it is set each time.
  const int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  socket_.async_read_some(into, std::move(handler));
}

void tcp_transport::async_write_some(std::span<const asio::const_buffer> from,
                                     transferred handler) {
  socket_.async_write_some(std::vector<asio::const_buffer>(from.begin(), from.end()),
                           std::move(handler));
}

std::optional<std::size_t> tcp_transport::unacknowledged_bytes() {
  int bytes = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &bytes) != 0 || bytes < 0) return std::nullopt;
  return static_cast<std::size_t>(bytes);
}

void tcp_transport::close() noexcept {
  closed_ = true;
  error_code ignored;
  answered_.close(ignored);
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace vibes::io
