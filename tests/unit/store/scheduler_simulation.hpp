#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>

#include "daemon/link/producer_identity.hpp"
#include "tests/unit/journal/fake_file_system.hpp"
#include "tests/unit/link/report_oracle.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {

using namespace std::chrono_literals;
using offer_verdict = store::outbox::offer_verdict;

/// What the world does to the daemon.
struct simulation_rules {
  store::overflow_policy policy = store::overflow_policy::block;
  store::queue_limits queue{16, 8'192};
  journal::journal_limits journal{64 << 10, 2 << 10, 8 << 10};
  protocol::generation generation = protocol::generation::iggy_0_7;
  bool producer_identity = true;  // where the generation has it
  bool has_producers() const { return producer_identity && protocol::has_producers(generation); }
};

/// Memory for four events; what is more goes to the disk.
inline simulation_rules small_memory_rules(store::overflow_policy policy) {
  simulation_rules made;
  made.policy = policy;
  made.queue = {4, 64 << 10};
  return made;
}

/// An outbox with a journal on a disk in memory, a link that the test plays, and a server that
/// stores what it is sent, and drops the batch of a producer that comes twice. Keeps account of
/// every event, over all lives of the daemon, and throws broken_promise.
class scheduler_simulation {
 public:
  explicit scheduler_simulation(simulation_rules);

  // The daemon's lives.
  /// Begins one: the journal is opened, unless the disk does not let it.
  void start();
  /// kill -9: nothing that was written is forgotten.
  void kill();
  /// The same in the middle of the job that is out, behind so many calls that change files.
  void kill_in_job(std::uint64_t changing_calls);
  /// The machine stops: what was not synced is partly forgotten.
  void lose_power(std::mt19937_64&);
  /// A regular stop: everything that can be is written first.
  store::left_behind stop();

  // Producers.
  enum class level : std::uint8_t { silent, received, durable, committed };
  offer_verdict offer(unsigned session, level, std::size_t filler = 0);

  /// An operator drops some of the oldest events, up to this one.
  void drop(store::sequence_number last, std::uint64_t events_max);

  // The journal's thread.
  bool take_job(bool closing = false);
  void do_job();
  /// Until there is nothing to do.
  void work();
  bool job_is_out() const { return job_.has_value(); }
  /// What somebody sees who only looks: the thread does first what it was given before.
  result<journal::backlog_events> peek(const journal::journal_job::read_request&);

  // The link.
  void link_up();
  void link_down();
  bool link_is_up() const { return up_; }
  /// Takes a batch and sends it, or has it recorded. False: there was none.
  bool send();
  enum class answer : std::uint8_t { stored, stored_but_lost, not_stored, refused };
  /// Of one of the requests on their way.
  void answer_with(answer, std::mt19937_64&);
  std::size_t sends() const { return sends_.size(); }

  /// Also syncs what is due by then under the policy `interval`, as the journal's thread does.
  void pass(duration time);
  /// Everything is sent and answered, over a disk that works.
  void drain();
  void check() const;
  /// All that was promised has been kept; after drain().
  void check_promises() const;

  fake_file_system disk;
  time_point now = start_of_time;
  simulation_rules rules;
  std::unique_ptr<store::outbox> box;
  std::unique_ptr<report_oracle> reports;
  /// Over all lives: whether a random run has met what it is for.
  struct happenings {
    std::uint64_t recovered = 0;
    std::uint64_t spilled = 0;
    std::uint64_t read_back = 0;
    std::uint64_t recorded_batches = 0;
    std::uint64_t failures = 0;
    std::uint64_t late_starts = 0;
    std::uint64_t promises = 0;
    std::uint64_t dropped = 0;
    std::uint64_t damaged = 0;
    std::uint64_t operator_drops = 0;
    std::uint64_t left_on_disk = 0;  // and found again by the next life, to the event
    std::uint64_t left_sent = 0;     // of those: Iggy has them, and had not said so
  };
  happenings happened() const;

  std::uint64_t stored_twice = 0;
  std::uint64_t recognised = 0;  // batches that the server had already

 private:
  struct told_event {
    unsigned session = 0;
    unsigned life = 0;
    std::uint64_t line = 0;
    level wanted = level::silent;
    bool promised = false;  // it must come to Iggy, or be counted as lost
    bool lost = false;
    std::uint64_t stored = 0;
  };
  using ids = std::vector<std::uint64_t>;

  void end_life();
  void note_open_numbers();
  void note_left_sent();
  void check_takeover();
  void note_promises();
  bool was_stored(const store::batch&) const;
  void store(const store::batch&);
  void note_commit(const store::batch&);
  std::uint64_t losses_without_name() const;
  static ids ids_of(const store::batch&);

  std::unique_ptr<journal::journal> journal_;
  std::unique_ptr<journal::journal_worker> worker_;
  std::optional<journal::journal_job> job_;
  std::vector<store::batch> sends_;
  std::unique_ptr<link::producer_identity> identity_;
  std::map<std::uint64_t, told_event> events_;      // by the low half of their message ids
  std::map<std::uint64_t, std::uint64_t> by_line_;  // of this life, those whose producer listens
  std::map<std::tuple<protocol::partition_id, std::uint64_t, std::uint16_t, std::uint32_t>, ids>
      seen_;  // by the server: a producer's batches
  std::map<std::pair<unsigned, unsigned>, std::uint64_t> newest_;  // committed, of session and life
  std::map<unsigned, unsigned> newest_life_;                       // of a session, in this life
  std::uint64_t next_id_ = 1;
  std::uint64_t next_line_ = 1;
  std::uint64_t unreported_losses_ = 0;
  happenings before_;                          // this life
  std::optional<std::uint64_t> left_on_disk_;  // by the last life, when it says so
  journal::sequence_set left_sent_;  // by a stop whose journal had room: nobody may drop them
  bool disk_has_failed_ = false;     // in this life
  // Numbers that were not settled when the last life ended, or were missed at its start. Nothing
  // after a power failure.
  std::optional<journal::sequence_set> open_numbers_;
  unsigned life_ = 0;
  bool was_late_ = false;  // in any life: what came meanwhile is ahead of the backlog
  bool up_ = false;
};

}  // namespace vibes::test
