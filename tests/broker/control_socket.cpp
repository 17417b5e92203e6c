#include "tests/broker/control_socket.hpp"

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <memory>

#include "tests/broker/control_commands.hpp"
#include "tests/broker/server.hpp"

namespace vibes::broker {

using boost::asio::local::stream_protocol;
using boost::system::error_code;

namespace {

struct listener_of_one : std::enable_shared_from_this<listener_of_one> {
  listener_of_one(server& to, stream_protocol::socket from) : of(to), peer(std::move(from)) {}

  void read() {
    boost::asio::async_read_until(
        peer, boost::asio::dynamic_buffer(received, control_socket::line_bytes_max), '\n',
        [self = shared_from_this()](error_code failure, std::size_t size) {
          if (!failure) self->take_line(size);
        });
  }

  void take_line(std::size_t size) {
    reply = obey(of, std::string_view(received).substr(0, size - 1)) + "\n";
    received.erase(0, size);
    boost::asio::async_write(peer, boost::asio::buffer(reply),
                             [self = shared_from_this()](error_code failure, std::size_t) {
                               if (!failure) self->read();
                             });
  }

  server& of;
  stream_protocol::socket peer;
  std::string received;
  std::string reply;
};

}  // namespace

control_socket::control_socket(server& of, std::string path)
    : of_(of), path_(std::move(path)), acceptor_(of.executor(), stream_protocol::endpoint(path_)) {
  accept();
}

control_socket::~control_socket() {
  ::unlink(path_.c_str());
}

void control_socket::accept() {
  acceptor_.async_accept([this](error_code failure, stream_protocol::socket peer) {
    if (failure) return;
    std::make_shared<listener_of_one>(of_, std::move(peer))->read();
    accept();
  });
}

}  // namespace vibes::broker
