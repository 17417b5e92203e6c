#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <unordered_set>
#include <vector>

#include "tests/broker/broker.hpp"
#include "tests/broker/misbehaviour.hpp"
#include "tests/broker/vsr_header.hpp"

namespace vibes::broker {

class link;

/// How connections end when the server goes away.
enum class departure : std::uint8_t {
  abrupt,     // closed at once, whatever was on its way
  clean,      // every request fully received is answered first
  announced,  // the same, and then status 8, which answers no request
};

/// The broker on sockets of 127.0.0.1, one for each of its nodes. Runs on the io_context given,
/// which one thread runs; all calls are made from that thread. The broker's data outlives its
/// connections and its going away.
class server {
 public:
  static constexpr std::size_t connections_max = 1024;

  server(boost::asio::io_context& on, broker_options options);
  ~server();

  /// The first node listens on this port, or a free one for port 0; the others take free ones.
  boost::system::error_code listen(std::uint16_t port);
  std::uint16_t port() const { return broker_.port(); }
  std::size_t nodes() const { return nodes_.size(); }

  /// Stops listening and ends every connection; the data stay.
  void vanish(departure);
  void vanish(std::size_t node, departure);
  /// Listens again where it did, and no longer refuses.
  boost::system::error_code come_back();
  boost::system::error_code come_back(std::size_t node);

  /// Tells every client with a session that it has lost it; with reason 13 it may come back.
  void evict(std::uint8_t reason);

  broker& state() { return broker_; }
  boost::asio::io_context& executor() { return on_; }
  misbehaviour& behaviour() { return behaviour_; }

 private:
  friend class link;

  struct node {
    std::size_t number;
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer accept_pause;
  };

  boost::system::error_code listen(node& at, std::uint16_t port);
  void accept(node& at);
  void accepted(node& at, boost::system::error_code failure, boost::asio::ip::tcp::socket peer);
  void ended(const std::shared_ptr<link>& gone) { links_.erase(gone); }

  boost::asio::io_context& on_;
  std::vector<std::unique_ptr<node>> nodes_;
  broker broker_;
  misbehaviour behaviour_;
  std::unordered_set<std::shared_ptr<link>> links_;
};

}  // namespace vibes::broker
