#pragma once

#include <span>
#include <string>
#include <variant>

#include "daemon/ingest/ack_tracker.hpp"
#include "daemon/ingest/event_scanner.hpp"
#include "daemon/ingest/line_framer.hpp"
#include "daemon/ingest/producer_line.hpp"

namespace vibes::ingest {

struct dialogue_limits {
  std::size_t event_bytes_max = 1 << 20;
  std::size_t pending_answers_bytes_max = 256 << 10;
  bool durable_available = false;  // at the moment; hellos only
  std::string version;
};

/// One connection's side of the socket protocol (docs/socket-protocol.md): which line is a hello,
/// which line counts, what is answered and in what order. Lines are counted from 1, after the
/// hello.
///
/// An error line always stands before the ack that covers its line. Acks are cumulative and made
/// only when there is nothing else left to write, so a slow reader gets few of them, not many.
class producer_dialogue {
 public:
  producer_dialogue(const dialogue_limits&, event_scanner&);

  struct ignored {};  // a line of blanks
  struct event {      // offer it, then say received() or lost(); views live until the next line
    std::uint64_t line = 0;
    scanned_event what;
    std::string_view text;
  };
  struct refused {
    std::uint64_t line = 0;
    ingest_errc code = ingest_errc::invalid_json;
  };
  struct greeted {
    ack_level level = ack_level::silent;
  };
  struct hang_up {  // write what is pending, then close
    ingest_errc code = ingest_errc::bad_hello;
  };
  using verdict = std::variant<ignored, event, refused, greeted, hang_up>;

  verdict on_line(const framed_line&);

  void received(std::uint64_t line);
  void durable(std::span<const std::uint64_t> lines);
  void durable(std::uint64_t line) { durable({&line, 1}); }
  void committed(std::span<const std::uint64_t> lines);
  void committed(std::uint64_t line) { committed({&line, 1}); }
  /// An error line for each, in this order.
  void lost(std::span<const std::uint64_t> lines, ingest_errc);
  void lost(std::uint64_t line, ingest_errc code) { lost({&line, 1}, code); }

  /// What is to be written now. wrote() takes off its front; then more may be due.
  std::string_view pending_output();
  void wrote(std::size_t bytes);
  /// The producer does not read its answers: it is to be cut off.
  bool answers_overflowed() const noexcept;
  /// Nobody will read answers any more: those that are pending are dropped, and no more are made.
  /// Lines are taken and counted as before.
  void end_answers();

  /// Every counted line has been answered for (not necessarily written yet).
  bool settled() const noexcept { return !answering() || tracker_.all_settled(); }
  bool silent() const noexcept { return level_ == ack_level::silent; }
  /// Whether the producer hears what becomes of its lines.
  bool answering() const noexcept { return level_ != ack_level::silent && !answers_ended_; }
  ack_level level() const noexcept { return level_; }

 private:
  verdict greet(std::string_view line);
  verdict refuse(ingest_errc);
  std::uint64_t count_line();

  const dialogue_limits& limits_;
  event_scanner& scanner_;
  ack_tracker tracker_;
  std::uint64_t unanswered_lines_ = 0;  // counted while nobody hears of them
  ack_level level_ = ack_level::silent;
  bool first_line_ = true;
  bool answers_ended_ = false;
  std::string output_;
  std::size_t written_ = 0;
};

}  // namespace vibes::ingest
