#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/runtime/unix_socket_file.hpp"

namespace vibes::runtime {

/// Answers operators on a Unix socket of mode 0600: one request a line, {"command":"status"} or
/// just "status", one line of JSON back, then it closes. A command may have further keys. Loop
/// thread only.
class admin_server {
 public:
  static constexpr std::size_t connections_max = 16;
  static constexpr std::size_t request_bytes_max = 4'096;
  static constexpr auto deadline = std::chrono::seconds(2);

  /// By name: gets the whole request, gives the answer.
  using commands =
      std::map<std::string, std::function<boost::json::object(const boost::json::object&)>>;

  /// The same of commands whose answer may come later: it has to come, once, and within a limit
  /// of its own.
  using answer_to = std::function<void(const boost::json::object&)>;
  using later_commands =
      std::map<std::string, std::function<void(const boost::json::object&, answer_to)>>;

  admin_server(boost::asio::io_context&, unix_listener, commands, later_commands = {});

  ~admin_server();
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

  void start();
  void stop();

 private:
  class conversation;

  void accept_next();
  void answer(std::string_view request, const answer_to&) const;

  boost::asio::io_context& loop_;
  unix_listener file_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  commands commands_;
  later_commands later_commands_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  std::size_t open_ = 0;
  bool accepting_ = false;
  bool stopped_ = false;
};

}  // namespace vibes::runtime
