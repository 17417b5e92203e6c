#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <unordered_set>

#include "tests/broker/broker.hpp"
#include "tests/broker/misbehaviour.hpp"

namespace vibes::broker {

class link;

/// How connections end when the server goes away.
enum class departure : std::uint8_t {
  abrupt,     // closed at once, whatever was on its way
  clean,      // every request fully received is answered first
  announced,  // the same, and then status 8, which answers no request
};

/// The broker on a socket of 127.0.0.1. Runs on the io_context given, which one thread runs; all
/// calls are made from that thread. The broker's data outlives its connections and its going away.
class server {
 public:
  static constexpr std::size_t connections_max = 1024;

  server(boost::asio::io_context& on, broker_options options);
  ~server();

  /// Port 0 takes a free one; `port()` says which.
  boost::system::error_code listen(std::uint16_t port);
  std::uint16_t port() const { return broker_.port(); }

  /// Stops listening and ends every connection; the data stay.
  void vanish(departure);
  /// Listens again where it did, and no longer refuses.
  boost::system::error_code come_back();

  broker& state() { return broker_; }
  boost::asio::io_context& executor() { return on_; }
  misbehaviour& behaviour() { return behaviour_; }

 private:
  friend class link;

  void accept();
  void accepted(boost::system::error_code failure, boost::asio::ip::tcp::socket peer);
  void ended(const std::shared_ptr<link>& gone) { links_.erase(gone); }

  boost::asio::io_context& on_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer accept_pause_;
  broker broker_;
  misbehaviour behaviour_;
  std::unordered_set<std::shared_ptr<link>> links_;
};

}  // namespace vibes::broker
