#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include "daemon/base/name_lookup.hpp"

namespace vibes::test {

/// A listening socket on an address of the loopback interface; port 0: a free one.
class loopback_listener {
 public:
  explicit loopback_listener(const char* ip, std::uint16_t port = 0, int backlog = 8)
      : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    ::inet_pton(AF_INET, ip, &where.sin_addr);
    address_.size = sizeof where;
    std::memcpy(&address_.storage, &where, sizeof where);
    if (::bind(descriptor_, address_.data(), address_.size) != 0 ||
        ::listen(descriptor_, backlog) != 0) {
      throw std::runtime_error("no port for a listener");
    }
    auto* const bound = reinterpret_cast<sockaddr*>(&address_.storage);
    ::getsockname(descriptor_, bound, &address_.size);
  }
  ~loopback_listener() { ::close(descriptor_); }
  loopback_listener(const loopback_listener&) = delete;
  loopback_listener& operator=(const loopback_listener&) = delete;

  const socket_address& address() const { return address_; }
  /// The next connection; the caller closes it.
  int accept() const { return ::accept(descriptor_, nullptr, nullptr); }

 private:
  int descriptor_;
  socket_address address_;
};

/// An address that takes no connection and refuses none: its listener's queue is full, so the
/// kernel drops what comes.
class black_hole {
 public:
  explicit black_hole(const char* ip) : listener_(ip, 0, 0) {
    for (int& each : waiting_) {
      each = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(each, address().data(), address().size);
    }
  }
  ~black_hole() {
    for (const int each : waiting_) ::close(each);
  }
  black_hole(const black_hole&) = delete;
  black_hole& operator=(const black_hole&) = delete;

  const socket_address& address() const { return listener_.address(); }

 private:
  loopback_listener listener_;
  std::array<int, 4> waiting_{};
};

}  // namespace vibes::test
