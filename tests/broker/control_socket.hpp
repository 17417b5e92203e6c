#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <string>

namespace vibes::broker {

class server;

/// A Unix socket on which a test tells the broker how to behave: a line in, a line out, one test
/// at a time. The file is removed with the object.
class control_socket {
 public:
  static constexpr std::size_t line_bytes_max = 4096;

  /// Throws boost::system::system_error when the path cannot be bound.
  control_socket(server& of, std::string path);
  ~control_socket();

 private:
  void accept();

  server& of_;
  std::string path_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
};

}  // namespace vibes::broker
