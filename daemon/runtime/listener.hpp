#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <set>

#include "daemon/runtime/producer_session.hpp"
#include "daemon/runtime/unix_socket_file.hpp"

namespace vibes::runtime {

/// Accepts producers and keeps their sessions. At connections_max it stops accepting: further
/// producers wait in the kernel's backlog and are not refused. Loop thread only.
class listener {
 public:
  /// Takes over a listening descriptor, our own or systemd's.
  listener(boost::asio::io_context&, int descriptor, std::size_t connections_max, intake&);

  void start();
  /// Serves who is already in the backlog (unless it stays for the next start), then nobody.
  /// Sessions read what the kernel has for them and stop.
  void stop_accepting(bool backlog_is_kept);
  /// True when no session reads any more.
  bool quiet() const;
  /// Writes what is due to every producer and closes. Nothing is left afterwards.
  void close_all();

  std::vector<control::producer_info> producers() const;

 private:
  using socket_type = producer_session::socket_type;

  void accept_next();
  void add(socket_type);
  void ended(producer_session&);

  boost::asio::io_context& loop_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::size_t connections_max_;
  intake& intake_;
  std::set<std::shared_ptr<producer_session>> sessions_;
  boost::asio::steady_timer retry_timer_;
  bool accepting_ = false;
  bool stopped_ = false;
};

}  // namespace vibes::runtime
