#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "daemon/base/connect_turns.hpp"
#include "daemon/base/endpoint_name.hpp"
#include "daemon/base/name_lookup.hpp"
#include "daemon/base/result.hpp"

namespace vibes::io {

/// A full-duplex byte stream to Iggy: the seam at which TLS joins. One read and one write may be
/// under way at a time. After close() their handlers still run, with an error; a stream may be
/// destroyed only when none is under way. Handlers never run inside the call that starts them.
class transport {
 public:
  using done = std::function<void(const error_code&)>;
  using transferred = std::function<void(const error_code&, std::size_t)>;

  virtual ~transport() = default;

  /// Resolves and connects. The addresses of the name share the time until the deadline
  /// (connect_turns). Ends early on close().
  virtual void async_connect(const endpoint_name&, time_point deadline, done) = 0;
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

  void async_connect(const endpoint_name&, time_point deadline, done) override;
  /// The same for addresses that are known.
  void async_connect_to(socket_addresses, time_point deadline, done);
  std::pair<std::string, std::uint16_t> peer() const override;
  void async_read_some(boost::asio::mutable_buffer, transferred) override;
  void async_write_some(std::span<const boost::asio::const_buffer>, transferred) override;
  std::optional<std::size_t> unacknowledged_bytes() override;
  void close() noexcept override;

 private:
  void begin(time_point deadline, done);
  void resolve();
  void connect_to(socket_addresses);
  void take_turn(const error_code& last_error);
  /// Ends what is under way at that time.
  void start_timer(time_point, std::function<void(error_code&)> stop);
  /// Of what was under way; its timer ends.
  error_code outcome_of(const error_code&);
  void end_connect(const error_code&);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::posix::stream_descriptor answered_;  // readable when the name is resolved
  boost::asio::steady_timer timer_;                 // of a lookup, then of one address
  std::shared_ptr<bool> late_;  // while something is under way: whether its time is over
  name_lookup names_;
  connect_turns turns_;
  endpoint_name to_;
  socket_addresses addresses_;
  time_point deadline_;
  done connected_;  // while connecting
  bool closed_ = false;
};

}  // namespace vibes::io
