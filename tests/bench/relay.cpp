#include "tests/bench/relay.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <vector>

namespace vibes::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using local = asio::local::stream_protocol;

constexpr std::size_t buffer_bytes = 65'536;

tcp::endpoint loopback(unsigned short port) {
  return {asio::ip::address_v4::loopback(), port};
}

struct relayed : std::enable_shared_from_this<relayed> {
  relayed(local::socket from, tcp::socket& to) : source(std::move(from)), sink(to) {}

  void read() {
    source.async_read_some(
        asio::buffer(buffer),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
          if (error) return;
          // Written before anything else is read: back-pressure, as in a pipe.
          asio::write(self->sink, asio::buffer(self->buffer.data(), bytes));
          self->read();
        });
  }

  local::socket source;
  tcp::socket& sink;
  std::vector<char> buffer = std::vector<char>(buffer_bytes);
};

void accept_next(local::acceptor& acceptor, tcp::socket& sink) {
  acceptor.async_accept([&](const boost::system::error_code& error, local::socket accepted) {
    if (!error) std::make_shared<relayed>(std::move(accepted), sink)->read();
    accept_next(acceptor, sink);
  });
}

}  // namespace

int run_relay(const std::string& socket, unsigned short target_port) {
  asio::io_context loop(1);
  tcp::socket sink(loop);
  sink.connect(loopback(target_port));
  local::acceptor acceptor(loop, local::endpoint(socket));
  accept_next(acceptor, sink);
  loop.run();
  return 0;
}

int run_sink(unsigned short port, std::ostream& out) {
  asio::io_context loop(1);
  tcp::acceptor acceptor(loop, loopback(port));
  tcp::socket source = acceptor.accept();
  std::vector<char> buffer(1 << 20);
  std::uint64_t bytes = 0;
  auto first = std::chrono::steady_clock::now();
  auto last = first;
  boost::system::error_code error;
  while (true) {
    const std::size_t got = source.read_some(asio::buffer(buffer), error);
    if (error) break;
    last = std::chrono::steady_clock::now();
    if (bytes == 0) first = last;
    bytes += got;
  }
  out << "{\"bytes\":" << bytes
      << ",\"seconds\":" << std::chrono::duration<double>(last - first).count() << "}\n";
  return 0;
}

}  // namespace vibes::bench
