#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/admin/dead_letter.hpp"
#include "daemon/admin/dead_letter_log.hpp"
#include "daemon/io/admin/dead_letter_appender.hpp"

namespace vibes::io {

/// Keeps dead letters: the loop hands them over and never waits for the disk; a thread writes them.
/// While the disk refuses it tries again every second, and what does not fit into the buffer
/// meanwhile is dropped and counted.
class dead_letter_file {
 public:
  /// Waiting for the disk, or one larger line.
  static constexpr std::size_t buffer_bytes_max = 4 << 20;
  static constexpr auto retry_period = std::chrono::seconds(1);

  dead_letter_file(std::string path, std::uint64_t bytes_max);
  ~dead_letter_file();
  dead_letter_file(const dead_letter_file&) = delete;
  dead_letter_file& operator=(const dead_letter_file&) = delete;

  void add(const admin::dead_letter&);
  admin::dead_letter_report report() const;
  /// Writes what waits, with one try, and ends the thread; gives the number of letters that the
  /// disk did not take. Nothing when the disk has not answered within `limit`: the destructor
  /// waits for it without one. Nothing may be added afterwards.
  std::optional<std::uint64_t> finish(duration limit);

 private:
  void write_until_stopped();
  void note(const dead_letter_appender::outcome&);

  const std::size_t line_bytes_max_;
  const dead_letter_appender appender_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  admin::dead_letter_buffer buffer_{buffer_bytes_max};
  admin::dead_letter_report report_;
  bool stopping_ = false;
  bool ended_ = false;  // the writer has nothing more to do
  std::uint64_t left_unwritten_ = 0;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace vibes::io
