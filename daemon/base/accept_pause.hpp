#pragma once

#include <algorithm>
#include <cerrno>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes {

/// How long to wait after an accept that failed. What the process or the system has run out of does
/// not come back at once, and the waiting connection would only wake us again: each failure in a
/// row doubles the pause. No clock, no I/O.
class accept_pause {
 public:
  static constexpr duration shortest = std::chrono::milliseconds(50);
  static constexpr duration longest = std::chrono::seconds(1);

  duration failed() noexcept {
    const duration pause = next_;
    next_ = std::min(2 * next_, longest);
    return pause;
  }
  void succeeded() noexcept { next_ = shortest; }

 private:
  duration next_ = shortest;
};

/// What a failed accept says of its cause, and what helps.
inline std::string accept_failure_text(const error_code& error) {
  switch (error.value()) {
    case EMFILE:
      return "this process has no file descriptors left (raise LimitNOFILE, or lower [socket] "
             "connections_max)";
    case ENFILE: return "the system has no file descriptors left";
    case ENOBUFS:
    case ENOMEM: return "the system has no memory left";
    default: return error.message();
  }
}

}  // namespace vibes
