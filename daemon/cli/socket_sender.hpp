#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes::cli {

/// The producer's end of the events' socket, every step within one deadline: a hook must never hang
/// because the daemon is busy. After the deadline: errc::timed_out.
class socket_sender {
 public:
  explicit socket_sender(time_point deadline) : deadline_(deadline) {}
  ~socket_sender();
  socket_sender(const socket_sender&) = delete;
  socket_sender& operator=(const socket_sender&) = delete;

  error_code connect(const std::string& path);
  error_code write_all(std::string_view);
  /// Nothing more will be written; answers can still be read.
  error_code finish_writing();
  /// One line without its LF; an empty result at end of stream.
  result<std::string> read_line();
  bool at_end() const noexcept { return at_end_; }

  // For whoever waits itself. Neither of these waits.
  int descriptor() const noexcept { return descriptor_; }
  /// As much as the socket takes; it may be nothing.
  result<std::size_t> write_some(std::string_view);
  /// What has come, as far as it fits; it may be nothing. at_end() when no more will.
  result<std::string_view> read_some(std::span<char> into);

 private:
  error_code wait(short events) const;

  time_point deadline_;
  int descriptor_ = -1;
  std::string received_;
  std::size_t searched_bytes_ = 0;  // of received_, without an LF in them
  bool at_end_ = false;
};

}  // namespace vibes::cli
