#pragma once

#include "daemon/app/stop_machine.hpp"
#include "tests/simulation/journal_host.hpp"
#include "tests/simulation/link_host.hpp"
#include "tests/simulation/session_host.hpp"
#include "tests/unit/link/audited_work.hpp"

namespace vibes::simulation {

/// The wall clock, which may be set.
struct wall_clock {
  scheduler& on;
  std::int64_t offset_us = 1'700'000'000'000'000;
  std::uint64_t now_us() const {
    const auto since = on.now().time_since_epoch();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    return static_cast<std::uint64_t>(offset_us + us);
  }
};

/// What a process of the daemon finds.
struct surroundings {
  scheduler& on;
  network& producers;
  network& iggy;
  test::fake_file_system& disk;
  disk_rules& disk_times;
  wall_clock& clock;
  oracle& says;
  const run_options& options;
};

/// The work source that links see: the oracle looks on.
class watched_work final : public store::work_source {
 public:
  watched_work(store::outbox& behind, oracle& says) : audited_(behind), says_(says) {}

  void link_up(time_point now) override { audited_.link_up(now); }
  void link_down(time_point now) override { audited_.link_down(now); }
  void route(std::span<const protocol::partition_id> ids, protocol::generation gen) override {
    audited_.route(ids, gen);
  }
  std::optional<store::batch> next_batch(time_point, store::link_demand) override;
  std::optional<time_point> wake_at(const store::lane_choice& lanes) const override {
    return audited_.wake_at(lanes);
  }
  bool empty() const override { return audited_.empty(); }
  bool record(store::batch&) override;
  void committed(store::batch&&, time_point now) override;
  void returned(store::batch&& back) override { audited_.returned(std::move(back)); }
  void refused(store::batch&& back, const protocol::error_code& why, time_point now) override {
    audited_.refused(std::move(back), why, now);
  }
  void may_have_branches() { audited_.has_node_links = true; }

 private:
  test::audited_work audited_;
  oracle& says_;
};

/// One process of the daemon, from its start to its end: the real rooms, joined as runtime/daemon
/// joins them.
class daemon_process final : public acceptor {
 public:
  explicit daemon_process(const surroundings&);
  ~daemon_process() override;

  end_listener* accepts(const std::shared_ptr<connection>&) override;

  /// As after SIGTERM. The process has ended when has_ended() says so.
  void begin_stop(duration drain);
  /// Producers may connect.
  bool in_service() const { return accepting_; }
  bool stopping() const { return stop_.has_value(); }
  bool has_ended() const { return ended_; }
  void kill(std::uint64_t calls_in_job, bool power_lost);

  store::outbox& box() { return outbox_; }
  const link::link_report& link() const { return links_.report(); }
  /// What an operator asks the disk for.
  void peek(const journal::journal_job::read_request&);

 private:
  static store::outbox_limits limits_of(const surroundings&);
  void wake_journal();
  void take_outcome(journal::journal_outcome&&);
  void begin_service();
  void tell_stop(app::stop_event);
  void go_on_stopping();
  app::stop_view view_of_stop();
  void perform(app::stop_action);
  void stop_accepting();
  void settle();
  void see_whether_all_is_read();

  surroundings simulation_;
  io::producer_registry registry_;
  store::outbox outbox_;
  watched_work work_;
  ingest::event_scanner scanner_{ingest::schema_mode::lenient};
  store::message_id_source ids_;
  admin::intake_counters counters_;
  io::intake intake_;
  session_surroundings of_sessions_;
  std::optional<journal_host> journal_;
  timer journal_timer_;
  link_host links_;
  std::vector<std::unique_ptr<session_host>> sessions_;
  std::optional<app::stop_machine> stop_;  // since begin_stop()
  timer stop_timer_;
  bool closing_journal_ = false;
  bool accepting_ = false;
  bool ended_ = false;
  bool peeking_ = false;
  bool dead_ = false;
  bool late_ = false;  // the journal could not be opened at the start
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace vibes::simulation
