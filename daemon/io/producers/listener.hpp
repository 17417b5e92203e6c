#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "daemon/io/producers/producer_session.hpp"
#include "daemon/io/sockets/accept_loop.hpp"
#include "daemon/io/sockets/unix_socket_file.hpp"

namespace vibes::io {

/// Accepts producers on one socket or more and keeps their sessions. At connections_max, over all
/// sockets, it stops accepting: further producers wait in the kernel's backlog and are not refused.
/// Loop thread only.
class listener {
 public:
  /// Takes over listening descriptors, our own or systemd's.
  listener(boost::asio::io_context&, const std::vector<int>& descriptors,
           std::size_t connections_max, intake&);

  void start();
  /// This socket stands at the place of those before. Who waits there already is still served.
  void replace_sockets(int descriptor);
  /// Serves who is already in the backlog (unless it stays for the next start), then nobody.
  /// Sessions read what the kernel has for them and stop. `read_out` is called once, when no
  /// session reads any more; that may be at once.
  void stop_accepting(bool backlog_is_kept, std::function<void()> read_out);
  /// Writes what is due to every producer and closes. Nothing is left afterwards.
  void close_all();

  std::vector<admin::producer_info> producers() const;

 private:
  using socket_type = producer_session::socket_type;

  void open(int descriptor);
  void accept_next();
  bool has_room() const noexcept { return !stopped_ && sessions_.size() < connections_max_; }
  void add(socket_type);
  void ended(producer_session&);
  void tell_when_read_out();

  boost::asio::io_context& loop_;
  std::vector<std::shared_ptr<accept_loop>> sockets_;
  std::size_t connections_max_;
  intake& intake_;
  std::set<std::shared_ptr<producer_session>> sessions_;
  bool stopped_ = false;
  std::function<void()> read_out_;  // until it has been called
};

}  // namespace vibes::io
