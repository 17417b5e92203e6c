#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vibes::ingest {

struct framed_line {
  enum class kind : std::uint8_t {
    complete,
    too_long,  // over the limit; its text is gone
    given_up,  // its text was given up to keep memory bounded
  };
  kind what = kind::complete;
  std::string_view text;          // without its LF or CRLF; empty unless complete
  std::string_view head{};        // of a line that is not complete: its first bytes
  std::uint64_t whole_bytes = 0;  // of a line that is not complete: what it had before its LF
};

/// Cuts a byte stream into lines. It works on the reader's own buffer and copies only the
/// unfinished tail of it, so that one buffer can serve all connections:
///
///   fed bytes:  [ line \n line \n li ]      next(), next(), then the tail is kept
///   next feed:  [ ne \n ... ]               the kept tail and these make one line
///
/// A line over the limit is reported once, in its place, when its end has come; of its bytes only
/// the head is kept. Never holds more than the limit, a CR and a head of a line.
class line_framer {
 public:
  static constexpr std::size_t head_bytes_max = 1'024;

  explicit line_framer(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  /// All that was fed before has been taken. `bytes` must stay valid until next() gives nothing.
  void feed(std::string_view bytes) { unread_ = bytes; }

  /// The text is valid until the next call of anything here.
  std::optional<framed_line> next();

  /// At end of stream: an unterminated last line counts as one.
  std::optional<framed_line> finish();

  /// What next() has not looked at yet; rebase says that the same bytes have moved.
  std::string_view unread() const noexcept { return unread_; }
  void rebase(std::string_view moved) noexcept { unread_ = moved; }

  /// Memory held for a half-read line.
  std::size_t partial_bytes() const noexcept { return partial_.empty() ? 0 : partial_.capacity(); }

  /// Forgets a half-read line and skips to its end, where it is reported as given up.
  void give_up_line();

 private:
  /// `more` is the part of the line that is not in partial_.
  void skip_rest(framed_line::kind as, std::string_view more);
  framed_line skipped_line();
  framed_line finish_line(std::string_view text) const;

  std::size_t line_bytes_max_;
  std::string_view unread_;
  std::string partial_;   // of a line whose end has not come
  std::string complete_;  // the line that was handed out last, when it was not in one piece
  std::string head_;      // of the line that is being skipped, or was handed out last
  std::uint64_t skipped_bytes_ = 0;
  bool skipping_ = false;
  framed_line::kind skipped_as_ = framed_line::kind::too_long;
};

}  // namespace vibes::ingest
