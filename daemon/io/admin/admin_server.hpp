#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/io/sockets/accept_loop.hpp"
#include "daemon/io/sockets/unix_socket_file.hpp"

namespace vibes::io {

/// Answers operators on a Unix socket of mode 0600: one request a line, {"command":"status"} or
/// just "status", one line of JSON back, then it closes. A command may have further keys. Loop
/// thread only.
class admin_server {
 public:
  static constexpr std::size_t connections_max = 16;
  static constexpr std::size_t request_bytes_max = 4'096;
  static constexpr auto deadline = std::chrono::seconds(2);

  /// By name: gets the whole request, and gives the answer to who is told. That may be later; it
  /// has to come, once, and within a limit of the command's own.
  using answer_to = std::function<void(const boost::json::object&)>;
  using command = std::function<void(const boost::json::object& request, answer_to)>;
  using commands = std::map<std::string, command>;

  /// A command of a function that gives the answer to a request at once.
  template <class Answer>
  static command at_once(Answer answer) {
    return [answer](const boost::json::object& request, const answer_to& told) {
      told(answer(request));
    };
  }

  admin_server(boost::asio::io_context&, unix_listener, commands);
  ~admin_server();
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

  void start();
  void stop();
  /// Of the socket: whether somebody has removed it.
  bool file_is_missing() const noexcept { return file_.file_is_missing(); }
  error_code make_file_again();

 private:
  class conversation;

  void open();
  void answer(std::string_view request, const answer_to&) const;

  boost::asio::io_context& loop_;
  unix_listener file_;
  std::shared_ptr<accept_loop> acceptor_;
  commands commands_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  std::size_t open_ = 0;
};

}  // namespace vibes::io
