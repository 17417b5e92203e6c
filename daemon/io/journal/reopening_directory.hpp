#pragma once

#include <sys/types.h>

#include <optional>

#include "daemon/io/journal/posix_file_system.hpp"

namespace vibes::io {

/// A directory that may not be there yet, or go away: it is opened, and made, when it is locked,
/// and opened anew when another one, or none, is found at its path when it is listed. Between those
/// two a journal touches nothing else, and it begins with them after every failure.
class reopening_directory final : public journal::file_system {
 public:
  explicit reopening_directory(std::string path) : path_(std::move(path)) {}

  error_code lock(std::string_view name) override;
  result<std::vector<std::string>> list() override;

  // After lock() has succeeded only.
  result<journal::file_handle> create(std::string_view name) override { return at_->create(name); }
  result<journal::file_handle> open_to_read(std::string_view name) override {
    return at_->open_to_read(name);
  }
  void close(journal::file_handle file) noexcept override { at_->close(file); }
  result<std::size_t> write(journal::file_handle file, std::span<const std::byte> bytes) override {
    return at_->write(file, bytes);
  }
  result<std::size_t> read_at(journal::file_handle file, std::uint64_t offset,
                              std::span<std::byte> to) override {
    return at_->read_at(file, offset, to);
  }
  result<std::uint64_t> size(journal::file_handle file) override { return at_->size(file); }
  error_code sync(journal::file_handle file) override { return at_->sync(file); }
  error_code sync_directory() override { return at_->sync_directory(); }
  error_code truncate(std::string_view name, std::uint64_t size) override {
    return at_->truncate(name, size);
  }
  error_code remove(std::string_view name) override { return at_->remove(name); }
  error_code rename(std::string_view from, std::string_view to) override {
    return at_->rename(from, to);
  }

 private:
  /// Which directory is at the path; nothing when there is none.
  std::optional<std::pair<dev_t, ino_t>> found() const;

  std::string path_;
  std::string lock_name_;
  std::optional<posix_file_system> at_;
  std::optional<std::pair<dev_t, ino_t>> opened_;
};

}  // namespace vibes::io
