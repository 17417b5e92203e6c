#include "tests/network/committed_producer.hpp"

#include <algorithm>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace vibes::test {

namespace asio = boost::asio;

committed_producer::committed_producer(const std::string& socket_path) {
  socket_.connect(asio::local::stream_protocol::endpoint(socket_path));
  asio::write(socket_, asio::buffer(std::string("{\"vibes_ingest\":{\"ack\":\"committed\"}}\n")));
  const std::size_t hello = asio::read_until(socket_, asio::dynamic_buffer(received_), '\n');
  received_.erase(0, hello);
  read();
}

void committed_producer::write(const std::string& lines, std::size_t count) {
  asio::write(socket_, asio::buffer(lines));
  written_ += count;
}

bool committed_producer::listen_for(std::chrono::milliseconds time) {
  loop_.restart();
  loop_.run_for(time);
  return !closed_;
}

void committed_producer::read() {
  socket_.async_read_some(asio::buffer(piece_),
                          [this](const boost::system::error_code& failure, std::size_t bytes) {
                            closed_ = closed_ || failure;
                            received_.append(piece_, 0, bytes);
                            take_lines();
                            if (!failure) read();
                          });
}

void committed_producer::take_lines() {
  constexpr std::string_view ack = "{\"ack\":";
  std::size_t end = 0;
  while ((end = received_.find('\n')) != std::string::npos) {
    const std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    if (line.starts_with(ack)) {
      acked_ = std::stoull(line.substr(ack.size()));
    } else {
      errors_.push_back(line);
    }
  }
}

}  // namespace vibes::test
