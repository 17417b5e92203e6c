#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.hpp"

namespace vibes::journal {

/// An open file of a file_system; nothing else knows what the number means.
enum class file_handle : int {};

/// All that the journal asks of a disk: one directory of flat names. Errors are those of the
/// operating system, in boost::system::system_category. Calls may block for as long as the disk
/// takes; the journal thread only.
class file_system {
 public:
  virtual ~file_system() = default;

  /// Takes the advisory lock on a file, made if need be, until this object ends. EWOULDBLOCK when
  /// somebody else has it.
  virtual error_code lock(std::string_view name) = 0;

  /// The names of the regular files, in any order.
  virtual result<std::vector<std::string>> list() = 0;

  /// A new file to append to; EEXIST when there is one.
  virtual result<file_handle> create(std::string_view name) = 0;
  virtual result<file_handle> open_to_read(std::string_view name) = 0;
  virtual void close(file_handle) noexcept = 0;

  /// Appends; may write less than asked, at least one byte. What an error has left behind is
  /// unknown.
  virtual result<std::size_t> write(file_handle, std::span<const std::byte>) = 0;
  /// Reads up to the buffer's size; less only at the end of the file.
  virtual result<std::size_t> read_at(file_handle, std::uint64_t offset, std::span<std::byte>) = 0;
  virtual result<std::uint64_t> size(file_handle) = 0;

  /// Of any open file. After success, what was written to it before survives a power failure.
  virtual error_code sync(file_handle) = 0;
  /// After success, files that were created are found again after a power failure.
  virtual error_code sync_directory() = 0;

  /// Shortens a file and makes that durable.
  virtual error_code truncate(std::string_view name, std::uint64_t size) = 0;
  virtual error_code remove(std::string_view name) = 0;
  /// Gives a file another name, in place of the file that has that name. Durable after
  /// sync_directory().
  virtual error_code rename(std::string_view from, std::string_view to) = 0;
};

}  // namespace vibes::journal
