#pragma once

#include <optional>
#include <string>

#include "daemon/io/producers/listener.hpp"

namespace vibes::app {

/// The producers' socket with its file, and who is connected. Loop thread only.
class producer_side {
 public:
  /// Takes the listening `descriptors` over; `file` is the lock and path of the socket, when it is
  /// our own and not the service manager's.
  producer_side(boost::asio::io_context&, const std::vector<int>& descriptors,
                std::size_t connections_max, io::unix_listener file, io::intake&);

  void start() { listener_.start(); }
  /// As listener::stop_accepting. Who waits in the backlog of the service manager's socket is the
  /// next start's; `drop_backlog` leaves those of our own socket alone, too.
  void stop_accepting(bool drop_backlog, std::function<void()> read_out);
  /// Writes what is due to every producer and closes.
  void close_all() { listener_.close_all(); }
  /// The file of the socket goes.
  void remove_file() { file_ = io::unix_listener(); }

  /// Something cleans up the directory: without its file a socket cannot be reached by anybody new.
  /// Nothing when the file is there; else it is made again, or why it cannot be.
  std::optional<error_code> mend_file();
  const std::string& path() const noexcept { return file_.path(); }

  /// Who is connected. Valid until the next call.
  const std::vector<admin::producer_info>& producers();

 private:
  io::unix_listener file_;
  bool inherited_;
  io::listener listener_;
  std::vector<admin::producer_info> shown_;
};

}  // namespace vibes::app
