#include "daemon/reading/blocking_stream.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace vibes::reading {
namespace {

error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

int milliseconds_left(time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 3'600'000));
}

}  // namespace

blocking_stream::~blocking_stream() {
  close();
}

void blocking_stream::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

error_code blocking_stream::wait(short events, time_point deadline) const {
  pollfd waiting{descriptor_, events, 0};
  const int ready = ::poll(&waiting, 1, milliseconds_left(deadline));
  if (ready < 0) return system_error(errno);
  if (ready == 0) return make_error_code(boost::system::errc::timed_out);
  return {};
}

error_code blocking_stream::connect(const std::string& host, const std::string& port,
                                    time_point deadline) {
  close();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &list) != 0) {
    return make_error_code(boost::system::errc::address_not_available);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
  error_code error = make_error_code(boost::system::errc::address_not_available);
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    descriptor_ = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor_ < 0) return system_error(errno);
    const int begun = ::connect(descriptor_, each->ai_addr, each->ai_addrlen);
    error = begun == 0 ? error_code() : system_error(errno);
    if (error == boost::system::errc::operation_in_progress) {
      error = wait(POLLOUT, deadline);
      int failure = 0;
      socklen_t size = sizeof failure;
      if (!error && ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 &&
          failure != 0) {
        error = system_error(failure);
      }
    }
    if (!error) {
      const int on = 1;
      ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return {};
    }
    close();
  }
  return error;
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

}  // namespace vibes::reading
