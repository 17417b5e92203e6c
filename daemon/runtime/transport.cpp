#include "daemon/runtime/transport.hpp"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <cerrno>
#include <utility>

#include "config/keys.hpp"

namespace vibes::runtime {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string endpoint_name::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? "[" + host + "]:" + port : host + ":" + port;
}

endpoint_name endpoint_of(const std::string& address) {
  config::address_parts parts = config::split_address(address);
  return {std::move(parts.host), std::move(parts.port)};
}

namespace {

/// Asio takes a socket that could not be opened for one that somebody has closed.
error_code why_no_socket() {
  const int tried = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (tried < 0) return {errno, boost::system::system_category()};
  ::close(tried);
  return asio::error::operation_aborted;
}

}  // namespace

tcp_transport::tcp_transport(asio::io_context& loop) : resolver_(loop), socket_(loop) {}

void tcp_transport::async_connect(const endpoint_name& to, done handler) {
  closed_ = false;
  // A literal address needs no lookup thread: the common case stays on the loop.
  error_code not_literal;
  const asio::ip::address literal = asio::ip::make_address(to.host, not_literal);
  if (!not_literal) {
    const auto port = static_cast<std::uint16_t>(std::stoul(to.port));
    connect_to(tcp::resolver::results_type::create(tcp::endpoint(literal, port), to.host, to.port),
               std::move(handler));
    return;
  }
  resolver_.async_resolve(to.host, to.port,
                          [this, handler = std::move(handler)](
                              const error_code& error, tcp::resolver::results_type found) mutable {
                            if (error || closed_) {
                              handler(error ? error : asio::error::operation_aborted);
                              return;
                            }
                            connect_to(std::move(found), std::move(handler));
                          });
}

void tcp_transport::connect_to(tcp::resolver::results_type found, done handler) {
  asio::async_connect(
      socket_, found, [this](const error_code&, const tcp::endpoint&) { return !closed_; },
      [this, handler = std::move(handler)](error_code error, const tcp::endpoint&) {
        if (!error && closed_) error = asio::error::operation_aborted;
        if (!closed_ && error == asio::error::operation_aborted) error = why_no_socket();
        // A batch is one gathered write: waiting to fill a segment would only delay its reply.
        if (!error) socket_.set_option(tcp::no_delay(true), error);
        handler(error);
      });
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
  resolver_.cancel();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace vibes::runtime
