#pragma once

#include <string>
#include <thread>

#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {

/// A peer on the loopback interface that keeps every byte it is sent, answers each connection with
/// the same few, and hangs up. On a thread of its own.
class silent_listener {
 public:
  enum class end { close, reset };

  explicit silent_listener(std::string answer = {}, end how = end::close);
  ~silent_listener() { stop(); }

  std::string port() const { return port_; }
  /// What came over all connections, one behind the other. Nobody is served after this.
  std::string heard() {
    stop();
    return heard_;
  }

 private:
  void stop();
  void serve();
  void serve_one(const owned_descriptor&);

  std::string answer_;
  end how_;
  owned_descriptor listener_;
  std::string port_;
  std::string heard_;
  std::thread thread_;
};

}  // namespace vibes::test
