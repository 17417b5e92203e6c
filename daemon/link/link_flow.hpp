#pragma once

#include <cstddef>
#include <cstdint>

#include "daemon/base/time.hpp"

namespace vibes::link {

/// How much may be on its way over one connection, and whether the connection still moves. Made
/// anew with each connection. No I/O; offsets count the request bytes of the connection.
///
/// On its way is every request without its reply. A link of unknown speed begins with a small
/// window, so that what is on its way is there well before reply_timeout: otherwise a slow link
/// would be given megabytes, all of them would be late, and would be sent again.
///
/// Progress is a reply to the oldest request, or request bytes up to that request's end that the
/// peer's TCP has acknowledged. Bytes that were only handed to the socket prove nothing, because
/// buffers swallow megabytes. A reply to a younger request proves nothing for the oldest one.
class link_flow {
 public:
  static constexpr std::size_t window_first_bytes = 64 << 10;
  static constexpr std::size_t window_min_bytes = 16 << 10;
  static constexpr std::size_t window_max_bytes = 64 << 20;
  /// A request is allowed no more reply_timeouts of silence than this.
  static constexpr std::size_t patience_max = 16;
  /// Less progress than this in one reply_timeout is silence.
  static constexpr std::size_t silence_bytes = 1 << 10;

  /// What the flow has to know of a request until it is answered.
  struct sent {
    std::uint64_t begin = 0;  // its bytes, as offsets
    std::uint64_t end = 0;
    time_point at;
    bool fills_window = false;   // at least half of the window was on its way with it
    std::uint32_t patience = 1;  // how many reply_timeouts of silence it is allowed
  };

  explicit link_flow(duration reply_timeout) noexcept : reply_timeout_(reply_timeout) {}

  /// Whether a further batch is worth sending now: anything, when nothing is on its way; otherwise
  /// only a good part of a window, so that requests do not become tiny.
  bool may_send() const noexcept;
  /// How large it may be. A single larger event travels nevertheless, alone.
  std::size_t send_bytes_max() const noexcept;

  /// A request has been put on its way.
  sent send(std::uint64_t begin, std::uint64_t end, time_point now) noexcept;
  /// Its reply is complete, or nobody waits for it any more.
  void answered(const sent&, bool was_oldest, time_point now) noexcept;
  /// The peer's TCP has acknowledged so many bytes of the connection.
  void acknowledged(std::uint64_t bytes, const sent& oldest, time_point now) noexcept;

  /// When the connection is given up unless there is progress before.
  time_point silent_at(const sent& oldest) const noexcept {
    return progress_at_ + reply_timeout_ * oldest.patience;
  }
  /// When to ask TCP again what is acknowledged.
  time_point sample_at(const sent& oldest) const noexcept;
  /// TCP has been asked, or could not be.
  void sampled(time_point now) noexcept { sampled_at_ = now; }

  std::size_t window_bytes() const noexcept { return window_; }
  std::size_t on_its_way_bytes() const noexcept { return on_its_way_; }

 private:
  void adjust_window(const sent&, time_point now) noexcept;

  duration reply_timeout_;
  std::size_t window_ = window_first_bytes;
  std::size_t on_its_way_ = 0;
  std::uint64_t pushed_ = 0;         // the end of the newest request
  std::uint64_t adjusted_from_ = 0;  // replies to requests before this say nothing of the window
  std::uint64_t acknowledged_ = 0;
  std::uint64_t progress_from_ = 0;  // of the acknowledged ones: counted as progress already
  time_point progress_at_;
  time_point sampled_at_;
};

}  // namespace vibes::link
