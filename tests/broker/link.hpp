#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "tests/broker/conversation.hpp"
#include "tests/broker/server.hpp"

namespace vibes::broker {

/// One accepted connection: reads, lets the conversation answer, writes, reads on. It never reads
/// while replies wait, so a client that does not read them is not read from either.
class link : public std::enable_shared_from_this<link> {
 public:
  static constexpr std::size_t read_bytes_least = std::size_t{64} * 1024;
  static constexpr std::size_t inbox_bytes_first = std::size_t{256} * 1024;
  /// A clean end takes no longer than this, whatever the client does.
  static constexpr std::chrono::milliseconds end_time_max{1000};

  link(server& of, boost::asio::ip::tcp::socket peer, std::size_t node = 0);

  void start();
  void end(departure);
  /// Says this between two replies, unasked.
  void push(const bytes& unasked);

  std::size_t node() const { return node_; }
  /// Null once the connection is closed.
  const session* standing() const { return conversation_ ? &conversation_->standing() : nullptr; }

 private:
  enum class phase : std::uint8_t { serving, leaving, parting, closed };

  void read();
  void on_read(boost::system::error_code failure, std::size_t count);
  void received(std::size_t count);
  void serve();
  void send();
  void write();
  void on_sent(boost::system::error_code failure);
  void drain();
  void part();
  void read_to_end();
  void close();

  server* server_;
  std::size_t node_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer delay_;
  boost::asio::steady_timer deadline_;
  std::optional<conversation> conversation_;
  phase phase_ = phase::serving;
  bool announce_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool close_when_sent_ = false;
  bytes inbox_;
  std::size_t begin_ = 0;  // of what the conversation has not consumed
  std::size_t end_ = 0;
  std::size_t wanted_ = 0;
  bytes replies_;
  bytes after_;  // what `push` could not say yet
};

}  // namespace vibes::broker
