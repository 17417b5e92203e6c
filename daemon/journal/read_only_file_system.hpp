#pragma once

#include "daemon/journal/file_system.hpp"

namespace vibes::journal {

/// Another file system, of which nothing is changed: what recovery wants to cut, remove or sync
/// stays as it is on the disk, and the journal knows by itself where it ends. Creating and writing
/// are EROFS. A lock that is not there is not made: nobody can have it then.
class read_only_file_system final : public file_system {
 public:
  /// It must outlive this object.
  explicit read_only_file_system(file_system& of) : of_(of) {}

  error_code lock(std::string_view name) override;
  result<std::vector<std::string>> list() override { return of_.list(); }
  result<file_handle> create(std::string_view name) override;
  result<file_handle> open_to_read(std::string_view name) override {
    return of_.open_to_read(name);
  }
  void close(file_handle file) noexcept override { of_.close(file); }
  result<std::size_t> write(file_handle, std::span<const std::byte>) override;
  result<std::size_t> read_at(file_handle file, std::uint64_t offset,
                              std::span<std::byte> to) override {
    return of_.read_at(file, offset, to);
  }
  result<std::uint64_t> size(file_handle file) override { return of_.size(file); }
  error_code sync(file_handle) override { return {}; }
  error_code sync_directory() override { return {}; }
  error_code truncate(std::string_view, std::uint64_t) override { return {}; }
  error_code remove(std::string_view) override { return {}; }
  error_code rename(std::string_view, std::string_view) override { return {}; }

 private:
  file_system& of_;
};

}  // namespace vibes::journal
