#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <unordered_set>

#include "tests/faults/fault_rules.hpp"

namespace vibes::faults {

class relay;

/// A relay of 127.0.0.1 between who connects and one target, through the weather. Runs on the
/// io_context given, which one thread runs; all calls are made from that thread. At most
/// `connections_max` at a time, further ones are closed at once.
class proxy {
 public:
  static constexpr std::size_t connections_max = 256;

  /// Listens on a free port. Throws boost::system::system_error when it cannot.
  proxy(boost::asio::io_context& on, std::uint16_t target_port);
  ~proxy();

  std::uint16_t port() const { return port_; }
  void begin(const fault&);
  void heal() { begin({}); }

 private:
  friend class relay;

  void listen();
  void accept();
  void ended(const std::shared_ptr<relay>& gone) { relays_.erase(gone); }

  boost::asio::io_context& on_;
  boost::asio::ip::tcp::endpoint target_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  fault_rules fault_rules_;
  std::unordered_set<std::shared_ptr<relay>> relays_;
};

}  // namespace vibes::faults
