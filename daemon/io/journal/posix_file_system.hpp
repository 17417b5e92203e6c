#pragma once

#include "daemon/journal/file_system.hpp"

namespace vibes::io {

/// A directory of the disk. All names are opened below one descriptor of the directory, so that it
/// may be renamed meanwhile; a name with a slash is EINVAL. Files are born 0600, and belong
/// to whom the directory belongs when root makes them. Calls block.
class posix_file_system final : public journal::file_system {
 public:
  /// Opens the directory; makes it (0700, parents not) when it is missing.
  static result<posix_file_system> open(const std::string& directory);

  posix_file_system(posix_file_system&&) noexcept;
  posix_file_system& operator=(posix_file_system&&) = delete;
  ~posix_file_system() override;

  error_code lock(std::string_view name) override;
  result<std::vector<std::string>> list() override;
  result<journal::file_handle> create(std::string_view name) override;
  result<journal::file_handle> open_to_read(std::string_view name) override;
  void close(journal::file_handle) noexcept override;
  result<std::size_t> write(journal::file_handle, std::span<const std::byte>) override;
  result<std::size_t> read_at(journal::file_handle, std::uint64_t offset,
                              std::span<std::byte>) override;
  result<std::uint64_t> size(journal::file_handle) override;
  error_code sync(journal::file_handle) override;
  error_code sync_directory() override;
  error_code truncate(std::string_view name, std::uint64_t size) override;
  error_code remove(std::string_view name) override;
  error_code rename(std::string_view from, std::string_view to) override;

 private:
  explicit posix_file_system(int directory) : directory_(directory) {}
  result<int> open_file(std::string_view name, int flags) const;

  int directory_ = -1;
  int lock_ = -1;
};

}  // namespace vibes::io
