#include "daemon/io/admin/dead_letter_file.hpp"

#include <iterator>

namespace vibes::io {

dead_letter_file::dead_letter_file(std::string path, std::uint64_t bytes_max)
    : line_bytes_max_(static_cast<std::size_t>(bytes_max / 2)), appender_(path, bytes_max) {
  report_.path = std::move(path);
  writer_ = std::thread([this] { write_until_stopped(); });
}

dead_letter_file::~dead_letter_file() {
  finish(std::chrono::seconds(0));
  if (writer_.joinable()) writer_.join();
}

std::optional<std::uint64_t> dead_letter_file::finish(duration limit) {
  if (!writer_.joinable()) return left_unwritten_;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (!changed_.wait_for(lock, limit, [this] { return ended_; })) return std::nullopt;
  }
  writer_.join();
  return left_unwritten_;
}

void dead_letter_file::add(const admin::dead_letter& letter) {
  {
    const std::lock_guard lock(mutex_);
    if (!buffer_.fits(letter.payload.size())) return buffer_.drop();
  }
  // Outside the lock: a payload may be large.
  std::string line = admin::dead_letter_line(letter, line_bytes_max_ - 1);
  const std::lock_guard lock(mutex_);
  buffer_.add(std::move(line));
  changed_.notify_one();
}

admin::dead_letter_report dead_letter_file::report() const {
  const std::lock_guard lock(mutex_);
  admin::dead_letter_report shown = report_;
  shown.dropped_entries = buffer_.dropped();
  return shown;
}

void dead_letter_file::note(const dead_letter_appender::outcome& done) {
  buffer_.written(done.bytes);
  report_.entries += done.lines;
  report_.rotated_entries += done.rotated_entries;
  // The last look before the end may find nothing to write, and then it has looked at no file.
  if (done.lines > 0) report_.bytes = done.files_bytes;
  report_.failing = static_cast<bool>(done.error);
  if (done.error) {
    report_.last_error = done.error;
    report_.last_error_at = std::chrono::steady_clock::now();
  }
}

void dead_letter_file::write_until_stopped() {
  std::deque<std::string> lines;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !buffer_.empty() || !lines.empty(); });
    const bool last_try = stopping_;
    std::deque<std::string> more = buffer_.take();
    lines.insert(lines.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
    lock.unlock();
    const dead_letter_appender::outcome done = appender_.append(lines);
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(done.lines));
    lock.lock();
    note(done);
    if (last_try) {
      left_unwritten_ = lines.size();
      ended_ = true;
      changed_.notify_all();
      return;
    }
    if (done.error) changed_.wait_for(lock, retry_period, [this] { return stopping_; });
  }
}

}  // namespace vibes::io
