#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "daemon/admin/rate_limiter.hpp"
#include "daemon/base/accept_pause.hpp"

namespace vibes::io {

/// Accepts connections on one listening Unix socket while its owner has room for them; further ones
/// wait in the kernel's backlog. After a failure it pauses, and says why now and then. Loop thread
/// only.
class accept_loop : public std::enable_shared_from_this<accept_loop> {
 public:
  using socket_type = boost::asio::local::stream_protocol::socket;
  struct owner {
    std::string whom;  // "a producer", for the log
    std::function<bool()> has_room;
    std::function<void(socket_type)> accepted;
    std::function<void(const error_code&)> failed = [](const error_code&) {};
  };

  /// Takes over a listening descriptor.
  accept_loop(boost::asio::io_context&, int descriptor, owner);

  /// There may be room: at the start, and after a connection has ended.
  void go_on();
  /// Accepts who is in the backlog already, as far as there is room.
  void accept_waiting();
  /// Nothing is called any more.
  void close();

 private:
  void accept_one();
  void pause(const error_code&);

  boost::asio::io_context& loop_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  owner owner_;
  accept_pause pause_;
  boost::asio::steady_timer pause_timer_;
  admin::rate_limiter limiter_;
  bool waiting_ = false;  // for a connection, or for the end of a pause
  bool closed_ = false;
};

}  // namespace vibes::io
