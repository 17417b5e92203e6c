#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/time.hpp"
#include "daemon/cli/outcome.hpp"

namespace vibes::cli {

/// What `send` does on one connection: which bytes of its input go out and when, how far the daemon
/// has answered, and how it ends. No I/O, no clock; whoever drives it owns the input and the
/// socket.
///
/// Input goes out as it comes, half lines too, and is not kept. When answers are wanted, at most
/// window_lines_max lines are unanswered at a time: a refusal of each of them is far less than what
/// the daemon keeps for a producer, so it never has a reason to cut this one off.
class send_exchange {
 public:
  static constexpr std::size_t waiting_bytes_max = 65'536;  // of input, beyond one piece
  static constexpr std::uint64_t window_lines_max = 1'024;
  static constexpr std::size_t answer_bytes_max = 65'536;  // of one line

  /// `ack` is a level of docs/socket-protocol.md, or empty when no answers are wanted. The daemon
  /// has `patience` to take bytes or to answer when it owes one of them, each time anew.
  send_exchange(const std::string& ack, duration patience, time_point now);

  /// Whether there is room for a piece of input.
  bool wants_input() const noexcept;
  void input(std::string_view piece, time_point now);
  /// A last line without LF gets one.
  void input_ended(time_point now);
  /// What came before it is sent and answered all the same; then this is the verdict.
  void input_failed(outcome why, time_point now);

  /// What may be written now.
  std::string_view output() const noexcept;
  void wrote(std::size_t bytes, time_point now);
  /// The daemon may have said before why it takes no more: its answers are still to be read.
  void write_failed(const std::string& why);
  /// All is written, and nothing more will be: close the writing side, and say writing_closed().
  bool closes_writing() const noexcept;
  void writing_closed(time_point now);

  bool wants_answers() const noexcept { return answers_wanted_ && !ended(); }
  void received(std::string_view bytes, time_point now);
  void closed_by_daemon();

  /// When to call tick(); nothing while the daemon owes nothing, however long the input takes.
  std::optional<time_point> deadline() const noexcept;
  void tick(time_point now);

  bool ended() const noexcept { return ended_; }
  /// When it has ended.
  outcome verdict() const;
  /// The refusals since the last call, as the daemon words them in JSON.
  std::vector<std::string> take_refusals();

 private:
  void release();
  bool daemon_owes() const noexcept;
  bool all_answered() const noexcept;
  void end(outcome failure = {});
  void end_with_nonsense(const std::string& line);
  void take_answer(const std::string& line, time_point now);
  std::string how_far() const;

  const bool answers_wanted_;
  const duration patience_;
  time_point progress_at_;

  std::string waiting_;         // input that is not written yet, the hello before it
  std::size_t released_bytes_;  // of it, from its front: these may be written
  bool line_has_text_ = false;  // the line that is being released is not all blanks
  bool inside_line_ = false;    // the input so far does not end with LF
  bool input_over_ = false;
  bool writing_over_ = false;

  std::string answer_;  // begun, without its LF yet
  bool greeted_ = false;
  std::uint64_t lines_out_ = 0;  // counted as the daemon does: blank ones are none
  std::uint64_t lines_answered_ = 0;
  std::uint64_t lines_refused_ = 0;
  std::vector<std::string> refusals_;

  bool ended_ = false;
  outcome failure_;
  outcome input_trouble_;
  std::string write_trouble_;
};

}  // namespace vibes::cli
