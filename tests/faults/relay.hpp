#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>

#include "tests/faults/fault_rules.hpp"

namespace vibes::faults {

class proxy;

/// One connection through the proxy. It reads a piece, has the weather rule on it until all of it
/// has passed, and only then reads the next: back-pressure, as in a pipe.
class relay : public std::enable_shared_from_this<relay> {
 public:
  using tcp = boost::asio::ip::tcp;

  relay(proxy& of, tcp::socket near);

  void start(const tcp::endpoint& target);
  /// The weather has changed.
  void look_again();
  /// Ends both sides: orderly, or with a reset.
  void close(bool with_reset);

 private:
  static constexpr std::size_t piece_bytes = 16'384;

  struct lane {
    lane(direction going, tcp::socket& source, tcp::socket& sink)
        : way(going), from(source), to(sink), pause(source.get_executor()) {}
    direction way;
    tcp::socket& from;
    tcp::socket& to;
    boost::asio::steady_timer pause;
    std::array<std::byte, piece_bytes> piece;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::chrono::steady_clock::time_point arrived;
    bool reading = false;
    bool writing = false;
    bool source_ended = false;
    bool over = false;  // the sink has been told that nothing more comes
  };

  void move(lane&);
  void read(lane&);
  void write(lane&, std::size_t bytes);
  void end(lane&);

  proxy* proxy_;
  tcp::socket near_;
  tcp::socket far_;
  lane up_;
  lane down_;
  bool connected_ = false;
};

}  // namespace vibes::faults
