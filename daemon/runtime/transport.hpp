#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "daemon/base/result.hpp"

namespace vibes::runtime {

struct endpoint_name {
  std::string host;  // a name or an address
  std::string port;

  std::string text() const;
};

/// Of "host:port" or "[ip]:port", as the settings and a server's list of nodes have them.
endpoint_name endpoint_of(const std::string& address);

/// A full-duplex byte stream to Iggy: the seam at which TLS joins. One read and one write may be
/// under way at a time. After close() their handlers still run, with an error; a stream may be
/// destroyed only when none is under way. Handlers never run inside the call that starts them.
class transport {
 public:
  using done = std::function<void(const error_code&)>;
  using transferred = std::function<void(const error_code&, std::size_t)>;

  virtual ~transport() = default;

  /// Resolves and connects, trying each address of the name. Ends early on close().
  virtual void async_connect(const endpoint_name&, done) = 0;
  /// Where the connection leads; empty and 0 when there is none.
  virtual std::pair<std::string, std::uint16_t> peer() const = 0;
  virtual void async_read_some(boost::asio::mutable_buffer, transferred) = 0;
  /// Some of the buffers, gathered; they must stay valid until the handler runs.
  virtual void async_write_some(std::span<const boost::asio::const_buffer>, transferred) = 0;
  /// Of the bytes written, those that the peer's TCP has not acknowledged; nothing when it cannot
  /// be known.
  virtual std::optional<std::size_t> unacknowledged_bytes() = 0;
  virtual void close() noexcept = 0;
};

class tcp_transport final : public transport {
 public:
  explicit tcp_transport(boost::asio::io_context&);

  void async_connect(const endpoint_name&, done) override;
  std::pair<std::string, std::uint16_t> peer() const override;
  void async_read_some(boost::asio::mutable_buffer, transferred) override;
  void async_write_some(std::span<const boost::asio::const_buffer>, transferred) override;
  std::optional<std::size_t> unacknowledged_bytes() override;
  void close() noexcept override;

 private:
  void connect_to(boost::asio::ip::tcp::resolver::results_type, done);

  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  bool closed_ = false;
};

}  // namespace vibes::runtime
