#pragma once

#include <optional>
#include <span>
#include <string>

#include "daemon/ingest/event_sink.hpp"
#include "daemon/ingest/line_framer.hpp"
#include "daemon/ingest/producer_dialogue.hpp"

namespace vibes::ingest {

/// What the session machines of all connections share.
struct session_shared {
  const dialogue_limits& dialogue;
  event_scanner& scanner;
  std::uint64_t& partial_line_bytes;                // of half-read lines, all connections together
  std::size_t partial_lines_bytes_max;              // their bound
  duration answer_wait = std::chrono::seconds(60);  // for answers, after the end of input
};

/// One producer's connection, without its socket: when bytes are read, when an event waits for room
/// and is offered again, which answers are written, and when the connection ends. No I/O, no clock.
///
/// The driver reports what happened (on_...), then calls next() and does what it says, until next()
/// says `nothing`. A wait is asked for once; the driver reports its end.
class session_machine {
 public:
  enum class state : std::uint8_t {
    waiting_for_turn,   // other connections are served first
    reading,            // the driver is to read once
    waiting_for_bytes,  // the socket is empty
    waiting_for_room,   // the sink would take no event: bytes stay in the socket
    taking_lines,       // inside of on_bytes, on_end_of_input or on_wake
    event_waits,        // an event waits for room, and the lines behind it wait with it
    lingering,          // the input has ended; answers are still due
    answers_only,       // reading was stopped; answers go out until the driver closes
    closing,            // the socket gets what it takes of the answers at once
    closed,
  };

  enum class action : std::uint8_t {
    nothing,
    read,             // then on_bytes, on_nothing_to_read or on_end_of_input
    write,            // output(), then on_wrote, on_socket_full or on_write_failed
    wait_readable,    // then on_readable
    wait_writable,    // then on_writable; asked for again when a wait is out already
    wait_for_room,    // until wake_at() or until there may be room, then on_wake
    wait_until,       // wake_at(), then on_wake
    announce_events,  // the sink may have got events: whoever sends them is to look
    give_turn,        // to the other connections, then on_turn
    shut_down,        // both directions: what the producer has written already can still be read
    close,
  };

  session_machine(const session_shared&, event_sink&);
  ~session_machine();
  session_machine(const session_machine&) = delete;
  session_machine& operator=(const session_machine&) = delete;

  /// The next thing to do. May be called inside of the machine's own calls to its sink.
  action next();

  // A new connection waits for its first turn.
  void on_turn(time_point now);
  void on_readable(time_point now);
  void on_bytes(std::string_view, time_point now);  // valid until the call returns
  void on_nothing_to_read();
  void on_end_of_input(time_point now);
  void on_wake(time_point now);

  /// There may be answers to write: an event was settled, or the socket takes bytes again.
  void on_answers_due() noexcept;
  void on_writable() noexcept { on_answers_due(); }
  void on_wrote(std::size_t bytes) { dialogue_.wrote(bytes); }
  void on_socket_full();
  void on_write_failed();

  void events_durable(std::span<const std::uint64_t> lines) { dialogue_.durable(lines); }
  void events_committed(std::span<const std::uint64_t> lines) { dialogue_.committed(lines); }
  void events_lost(std::span<const std::uint64_t> lines, ingest_errc why) {
    dialogue_.lost(lines, why);
  }

  /// What the socket has already is taken, then nothing more is read.
  void stop_reading() noexcept { reading_stopped_ = true; }
  void close();

  std::string_view output() { return dialogue_.pending_output(); }
  time_point wake_at() const noexcept { return wake_at_; }
  state now_in() const noexcept { return state_; }
  /// Whether lines or the end of the last answers are still to come.
  bool has_input() const noexcept { return state_ < state::answers_only; }
  ack_level level() const noexcept { return dialogue_.level(); }

 private:
  enum class answers : std::uint8_t {
    written,      // as far as can be: none are due, or the socket is full
    due,          // a write is to be tried
    socket_full,  // a wait for the socket is to be asked for
    cutting_off,  // the producer does not read: both directions are to be shut down
    ended,        // nobody hears of them any more
  };

  // The only ways from state to state.
  static bool is_allowed(state from, state to) noexcept;
  void enter(state);
  static bool is_allowed(answers from, answers to) noexcept;
  void enter(answers);
  action next_of_answers();
  action next_of_reading();
  void read_if_there_is_room(time_point now);
  void take_lines(time_point now);
  void take_line(const framed_line&, time_point now);
  void settle(const event_sink::answer&, std::uint64_t line);
  void wait_with(std::uint64_t line, time_point now, time_point ask_again_at);
  void offer_again(time_point now);
  void end_of_lines(time_point now);
  bool all_answered();
  void bound_partial_line();

  session_shared shared_;
  event_sink& sink_;
  line_framer framer_;
  producer_dialogue dialogue_;
  std::string unread_;  // this connection's part of the driver's buffer, while an event waits
  std::uint64_t waiting_line_ = 0;
  std::optional<time_point> waiting_since_;
  time_point wake_at_;
  std::size_t partial_bytes_counted_ = 0;
  state state_ = state::waiting_for_turn;
  answers answers_ = answers::written;
  bool wait_asked_for_ = true;  // in this state
  bool announce_ = false;
  bool reading_stopped_ = false;
  bool input_ended_ = false;
};

}  // namespace vibes::ingest
