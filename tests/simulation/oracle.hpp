#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "daemon/store/outbox.hpp"
#include "tests/simulation/model_server.hpp"
#include "tests/simulation/options.hpp"

namespace vibes::simulation {

/// In an event that the server refuses whenever it comes.
inline constexpr std::string_view poison = "poison";

/// Keeps account of every event, over all lives of the daemon, and throws broken_promise.
class oracle {
 public:
  oracle(const run_options& of, const scheduler& on) : options_(of), on_(on) {}

  // Producers.
  /// The text of a new event, and of the line that it is on this connection; line 0: nobody counts.
  std::string new_event(std::uint64_t connection, std::uint64_t line, unsigned session,
                        std::size_t filler);
  /// A line that is no event, with a number of its own.
  std::string new_bad_line(std::uint64_t connection, std::uint64_t line, std::string_view form);
  /// The producer heard that each of its first so many lines is settled.
  void acknowledged(std::uint64_t connection, std::uint64_t through);
  void answered_with_error(std::uint64_t connection, std::uint64_t line, std::string_view code);

  // The daemon.
  /// Its connections to the server have this number and higher ones.
  void life_begins(std::uint64_t connection_first) {
    ++life_;
    connection_first_.push_back(connection_first);
  }
  void admitted(std::string_view payload);
  void turned_away(std::string_view payload);
  void line_refused(std::uint64_t connection, std::uint64_t line, std::string_view text);
  // What the daemon tells a producer of one of its lines.
  void told_durable(std::uint64_t connection, std::uint64_t line);
  void told_committed(std::uint64_t connection, std::uint64_t line);
  void told_lost(std::uint64_t connection, std::uint64_t line, store::loss_reason);
  void sent(const store::batch&);
  /// It is to be sent without having been written to the journal first.
  void unrecorded(const store::batch&);
  void committed(const store::batch&);
  void refused(const store::entry&);
  /// A job of the journal begins; when it ends well, what was committed before it is released.
  void job_begins();
  void job_ended(const journal::journal_outcome&, bool synced);
  /// `releases_on_disk`: the journal has written what was settled, or will be asked to.
  void life_ended(const store::outbox&, bool power_lost, bool releases_on_disk);
  /// After a stop in order.
  void stopped(const store::left_behind&, bool journal_is_well);
  void opened(const store::outbox&);

  // The server.
  void stored(const stored_message&);
  void producers_forgotten() { exactly_once_ = false; }
  /// Batches of an earlier process may not be known by their stamps.
  void restart_may_repeat() { restart_repeats_ = true; }

  /// At every step.
  void check(const store::outbox&) const;
  /// Everything that was promised has been kept; at the end, when nothing is queued.
  void check_all(const store::outbox&) const;

  struct totals {
    std::uint64_t events = 0;
    std::uint64_t stored = 0;
    std::uint64_t repeated = 0;
    std::uint64_t durable = 0;
    std::uint64_t committed = 0;
    std::uint64_t lost = 0;
    std::uint64_t refused = 0;
    std::uint64_t lives = 0;
    std::uint64_t recovered = 0;
    totals& operator+=(const totals&);
  };
  totals counted() const;

 private:
  struct event {
    std::uint64_t connection = 0;
    std::uint64_t line = 0;
    unsigned session = 0;
    std::size_t filler = 0;
    unsigned life = 0;  // that admitted it; 0: none has
    bool is_event = true;
    bool is_poison = false;
    bool unrecorded = false;  // a later process may not know which batch it was in
    bool turned_away = false;
    bool durable = false;       // was told
    bool lost = false;          // was told, or the oracle saw it
    bool refused = false;       // by the server
    bool released = false;      // no later life may send it again
    unsigned committed_in = 0;  // life
    unsigned dropped_in = 0;
    std::uint64_t stored = 0;
    std::uint64_t stored_in = 0;     // incarnation of the server, the last time
    std::uint64_t stored_batch = 0;  // of the partition, the last time
    std::uint64_t stored_by = 0;     // connection, the last time
    unsigned stored_life = 0;        // whose connection that was
    std::uint64_t id[2] = {0, 0};
  };

  void note_open_numbers(const store::outbox&);
  static std::string sum_text(const store::outbox&);
  bool may_come_back(const event&) const;
  unsigned life_of_connection(std::uint64_t) const;
  static std::uint64_t number_of(std::string_view text);
  std::string text_of(std::uint64_t number) const;
  event& at(std::uint64_t number);
  event* of_line(std::uint64_t connection, std::uint64_t line);
  void fail(std::uint64_t number, const std::string& what) const;
  void check_repeat(std::uint64_t number, const event&, const stored_message&) const;

  void watch(std::uint64_t number, const char* what) const {
    if (number == options_.watched) on_.say("event " + std::to_string(number) + " " + what);
  }

  const run_options& options_;
  const scheduler& on_;
  std::vector<event> events_;                                            // by number, from 1
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> lines_;  // of connections
  std::map<std::pair<std::uint64_t, unsigned>, std::uint64_t> newest_;   // of connection, session
  std::unordered_map<std::uint64_t, std::uint64_t> acknowledged_;
  std::vector<std::uint64_t> committed_;  // and not released yet
  std::size_t committed_before_job_ = 0;  // of these
  std::vector<std::uint64_t> released_;   // and not known to be synced
  std::uint64_t nameless_losses_ = 0;     // of earlier lives
  /// Not settled when the last process was killed; nothing when the disk had its part in that.
  std::optional<journal::sequence_set> open_sequences_;
  std::optional<std::uint64_t> left_behind_;  // by the last life, on disk
  bool exactly_once_ = true;
  bool restart_repeats_ = false;
  unsigned life_ = 0;
  std::vector<std::uint64_t> connection_first_;  // of each life
  std::uint64_t recovered_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace vibes::simulation
