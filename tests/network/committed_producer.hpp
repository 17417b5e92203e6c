#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace vibes::test {

/// A producer that asked for committed acks. Its writes wait for nobody as long as the daemon
/// reads, and its answers are taken while time passes.
class committed_producer {
 public:
  explicit committed_producer(const std::string& socket_path);

  void write(const std::string& lines, std::size_t count);
  /// Takes answers for this long. False when the daemon has closed the connection.
  bool listen_for(std::chrono::milliseconds);

  std::uint64_t written() const { return written_; }
  std::uint64_t acked() const { return acked_; }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  void read();
  void take_lines();

  boost::asio::io_context loop_;
  boost::asio::local::stream_protocol::socket socket_{loop_};
  std::string received_;
  std::string piece_ = std::string(16'384, '\0');
  std::uint64_t written_ = 0;
  std::uint64_t acked_ = 0;
  std::vector<std::string> errors_;
  bool closed_ = false;
};

}  // namespace vibes::test
