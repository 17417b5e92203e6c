#pragma once

#include <optional>

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/journal_format.hpp"

namespace vibes::journal {

/// The file that is being appended to. After any error it is of no more use: what the file ends
/// with is then unknown.
class segment_writer {
 public:
  segment_writer(file_system& files, file_handle file) : files_(&files), file_(file) {}
  segment_writer(segment_writer&& other) noexcept
      : files_(other.files_), file_(other.file_), written_(other.written_), synced_(other.synced_) {
    other.files_ = nullptr;
  }
  segment_writer& operator=(segment_writer&&) = delete;
  ~segment_writer() {
    if (files_ != nullptr) files_->close(file_);
  }

  /// All of it, in as many calls as the file system needs.
  error_code write(const_bytes bytes) {
    while (!bytes.empty()) {
      const result<std::size_t> wrote = files_->write(file_, bytes);
      if (!wrote) return wrote.error();
      written_ += *wrote;
      bytes = bytes.subspan(*wrote);
    }
    return {};
  }
  error_code sync() {
    if (const error_code error = files_->sync(file_)) return error;
    assume_synced();
    return {};
  }
  /// For a journal that was told never to sync.
  void assume_synced() noexcept { synced_ = written_; }

  std::uint64_t written_bytes() const noexcept { return written_; }
  std::uint64_t synced_bytes() const noexcept { return synced_; }

 private:
  file_system* files_;
  file_handle file_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
};

}  // namespace vibes::journal
