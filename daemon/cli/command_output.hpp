#pragma once

#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

#include "daemon/base/result.hpp"

namespace vibes::cli {

/// Where a command's results go: standard output, or a file of the user's. Gathers what is written,
/// and hands it over in large pieces. The first error stays, and what is written after it goes
/// nowhere; a command that does something irrevocable for what it has shown asks flush() first.
///
/// What goes to a terminal is escaped on the way, line breaks aside (terminal_text.hpp): an event
/// is shown there as it is, and may hold anything. A pipe or a file gets the very bytes.
///
/// The program ignores SIGPIPE: a reader that has gone is the error broken_pipe.
class command_output {
 public:
  static constexpr std::size_t gathered_bytes_max = 65'536;

  /// The descriptor stays its owner's until close().
  explicit command_output(int descriptor);
  command_output(const command_output&) = delete;
  command_output& operator=(const command_output&) = delete;

  /// Whole characters: a piece of one is no UTF-8 to a terminal.
  void write(std::string_view);
  /// Hands over all that was gathered. Gives the first error so far, as error() does.
  error_code flush();
  /// flush(), and closes the descriptor: a file system may tell of an error only then.
  error_code close();
  const error_code& error() const noexcept { return error_; }
  bool failed() const noexcept { return error_.failed(); }

  /// Whether nobody can read any more what is written. Waits so long for that to happen, or until a
  /// signal comes. It counts as an error, broken_pipe.
  bool reader_leaves(std::chrono::milliseconds within = {});

  /// A write that waits for a reader is given up, with errc::interrupted, when a signal has set
  /// this.
  void give_up_on(const volatile std::sig_atomic_t& interrupted) { interrupted_ = &interrupted; }

 private:
  int descriptor_;
  std::string gathered_;
  bool is_terminal_ = false;
  bool used_ = false;
  error_code error_;
  const volatile std::sig_atomic_t* interrupted_ = nullptr;
};

/// What the whole program ends with: 74 when the output could not be written. That is told on
/// standard error, but for a reader that has gone: it knows.
int exit_code_after(command_output&, int code_of_command);

}  // namespace vibes::cli
