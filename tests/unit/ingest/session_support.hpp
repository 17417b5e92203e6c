#pragma once

#include <deque>
#include <string>
#include <vector>

#include "daemon/ingest/session_machine.hpp"

namespace vibes::test {

/// A sink that answers what the test says; without a word it takes everything.
struct told_sink final : ingest::event_sink {
  std::deque<answer> answers;
  std::optional<time_point> full_until;
  std::vector<std::string> heard;
  time_point waiting_since;

  answer next(const std::string& what, time_point since) {
    heard.push_back(what);
    waiting_since = since;
    if (answers.empty()) return {};
    const answer given = answers.front();
    answers.pop_front();
    return given;
  }
  answer offer(const ingest::producer_dialogue::event& event, ingest::ack_level told_at, time_point,
               time_point since) override {
    return next("offer " + std::to_string(event.line) + " " + std::string(to_string(told_at)),
                since);
  }
  answer offer_again(time_point, time_point since) override { return next("offer again", since); }
  std::optional<time_point> no_room_until(time_point, time_point since) const override {
    if (full_until) const_cast<told_sink*>(this)->waiting_since = since;
    return full_until;
  }
  void line_refused(const ingest::framed_line&, std::uint64_t line,
                    ingest::ingest_errc code) override {
    heard.push_back("refused " + std::to_string(line) + " " + std::string(code_name(code)));
  }
};

/// A session machine with a socket that takes all, is full, or is broken. Does what the machine
/// says until there is nothing to do or a read is due, and tells the actions in words.
struct told_session {
  using machine_type = ingest::session_machine;
  enum class socket { takes_all, full, broken };

  ingest::dialogue_limits limits{
      .event_bytes_max = 1'000, .pending_answers_bytes_max = 300, .version = "0.0.0"};
  ingest::event_scanner scanner{ingest::schema_mode::lenient};
  std::uint64_t partial_line_bytes = 0;
  told_sink sink;
  std::optional<machine_type> machine;
  socket peer = socket::takes_all;
  std::string written;

  told_session() {
    machine.emplace(ingest::session_shared{limits, scanner, partial_line_bytes, 2'000,
                                           std::chrono::seconds(60)},
                    sink);
  }

  std::string go_on() {
    using action = machine_type::action;
    constexpr std::string_view words[] = {
        "nothing",    "read",     "write", "wait readable", "wait writable", "wait for room",
        "wait until", "announce", "turn",  "shut down",     "close"};
    std::string told;
    for (action next = machine->next(); next != action::nothing; next = machine->next()) {
      if (!told.empty()) told += ", ";
      told += words[static_cast<int>(next)];
      if (next == action::read) break;
      if (next == action::write) write();
    }
    return told;
  }
  void write() {
    if (peer == socket::full) return machine->on_socket_full();
    if (peer == socket::broken) return machine->on_write_failed();
    written += machine->output();
    machine->on_wrote(machine->output().size());
  }

  // What happens, and what is to be done then.
  std::string turn() { return machine->on_turn(at), go_on(); }
  std::string readable() { return machine->on_readable(at), go_on(); }
  std::string bytes(std::string_view text) { return machine->on_bytes(text, at), go_on(); }
  std::string nothing_there() { return machine->on_nothing_to_read(), go_on(); }
  std::string end() { return machine->on_end_of_input(at), go_on(); }
  std::string wake() { return machine->on_wake(at), go_on(); }
  std::string writable() { return machine->on_writable(), go_on(); }
  std::string event() { return machine->on_answers_due(), go_on(); }
  std::string close() { return machine->close(), go_on(); }

  /// A producer that said hello, and whose next bytes are to be read.
  void greet(const std::string& level) {
    turn();
    bytes(R"({"vibes_ingest":{"ack":")" + level + "\"}}\n");
    turn();
    written.clear();
  }

  time_point at{};
};

}  // namespace vibes::test
