#include "tests/unit/consumer/silent_listener.hpp"

#include <netinet/in.h>

#include <array>

namespace vibes::test {

silent_listener::silent_listener(std::string answer, end how)
    : answer_(std::move(answer)), how_(how), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), where, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
      ::getsockname(listener_.get(), where, &size) != 0) {
    throw std::runtime_error("no port for a listener");
  }
  port_ = std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([this] { serve(); });
}

void silent_listener::stop() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // ends the accept
  if (thread_.joinable()) thread_.join();
}

void silent_listener::serve() {
  while (true) {
    const owned_descriptor peer(::accept(listener_.get(), nullptr, nullptr));
    if (peer.get() < 0) return;
    serve_one(peer);
  }
}

void silent_listener::serve_one(const owned_descriptor& peer) {
  std::array<char, 4'096> piece;
  const auto hear = [&] {
    const ssize_t got = ::recv(peer.get(), piece.data(), piece.size(), 0);
    if (got > 0) heard_.append(piece.data(), static_cast<std::size_t>(got));
    return got > 0;
  };
  if (!hear()) return;
  if (!answer_.empty()) ::send(peer.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
  if (how_ == end::reset) {
    const linger at_once{1, 0};
    ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return;
  }
  ::shutdown(peer.get(), SHUT_WR);
  while (hear()) {
  }
}

}  // namespace vibes::test
