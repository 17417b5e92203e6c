#include "daemon/consumer/blocking_stream.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace vibes::consumer {
namespace {

error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

int milliseconds_left(time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 3'600'000));
}

error_code wait_for(int descriptor, short events, time_point deadline) {
  pollfd waiting{descriptor, events, 0};
  const int ready = ::poll(&waiting, 1, milliseconds_left(deadline));
  if (ready < 0) return system_error(errno);
  if (ready == 0) return make_error_code(boost::system::errc::timed_out);
  return {};
}

}  // namespace

blocking_stream::~blocking_stream() {
  close();
}

void blocking_stream::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

error_code blocking_stream::wait(short events, time_point deadline) const {
  return wait_for(descriptor_, events, deadline);
}

error_code blocking_stream::connect(const std::string& host, const std::string& port,
                                    time_point deadline) {
  close();
  if (const auto literal = literal_address(host, port)) return connect_to({*literal}, deadline);
  const result<int> asked = names_.ask(host, port);
  if (!asked) return asked.error();
  if (const error_code error = wait_for(*asked, POLLIN, deadline)) return error;
  const auto found = names_.take(host, port);
  return *found ? connect_to(**found, deadline) : found->error();
}

error_code blocking_stream::connect_to(const socket_addresses& addresses, time_point deadline) {
  close();
  turns_.begin(addresses.size(), deadline);
  error_code error = make_error_code(boost::system::errc::timed_out);
  while (const auto turn = turns_.next(std::chrono::steady_clock::now())) {
    error = connect_once(addresses[turn->index], turn->deadline);
    if (!error) {
      turns_.connected();
      return {};
    }
    close();
    if (error == boost::system::errc::interrupted) break;
  }
  return error;
}

error_code blocking_stream::connect_once(const socket_address& to, time_point deadline) {
  descriptor_ = ::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor_ < 0) return system_error(errno);
  if (::connect(descriptor_, to.data(), to.size) != 0) {
    if (errno != EINPROGRESS) return system_error(errno);
    if (const error_code error = wait(POLLOUT, deadline)) return error;
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return system_error(failure);
  }
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

std::pair<std::string, std::uint16_t> blocking_stream::peer() const {
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* const address = reinterpret_cast<sockaddr*>(&where);
  if (::getpeername(descriptor_, address, &size) != 0 ||
      ::getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return {host.data(), static_cast<std::uint16_t>(std::stoul(port.data()))};
}

error_code blocking_stream::write_all(std::span<const std::byte> bytes, time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t written = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) return system_error(errno);
    if (const error_code error = wait(POLLOUT, deadline)) return error;
  }
  return {};
}

result<std::size_t> blocking_stream::read_some(std::span<std::byte> into, time_point deadline) {
  while (true) {
    const ssize_t got = ::recv(descriptor_, into.data(), into.size(), 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return make_error_code(boost::system::errc::connection_reset);
    if (errno != EAGAIN && errno != EWOULDBLOCK) return system_error(errno);
    if (const error_code error = wait(POLLIN, deadline)) return error;
  }
}

}  // namespace vibes::consumer
