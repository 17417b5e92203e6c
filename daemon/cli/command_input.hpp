#pragma once

#include <array>
#include <string>
#include <string_view>

#include "daemon/base/result.hpp"
#include "daemon/cli/outcome.hpp"

namespace vibes::cli {

/// A file that a user names, or standard input, read in pieces. An error of reading is an error and
/// never an end.
class command_input {
 public:
  static constexpr std::size_t piece_bytes_max = 65'536;

  /// "-" is standard input.
  static result<command_input> open(const std::string& path);
  command_input(command_input&&) noexcept;
  command_input& operator=(command_input&&) = delete;
  ~command_input();

  /// The next bytes, valid until the next call; none at the end. Waits for them.
  result<std::string_view> read();
  /// All up to the end, or errc::file_too_large.
  result<std::string> read_all(std::size_t bytes_max);

 private:
  explicit command_input(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}

  int descriptor_;
  bool owned_;
  std::array<char, piece_bytes_max> piece_{};
};

/// Why a named input gave nothing, or not all: `usage` when there is no such file, `input_output`
/// otherwise.
outcome cannot_read(const std::string& path, const error_code&);

}  // namespace vibes::cli
