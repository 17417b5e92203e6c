#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <optional>

#include "config/settings.hpp"
#include "daemon/admin/journal_advice.hpp"
#include "daemon/admin/rate_limiter.hpp"
#include "daemon/admin/status_report.hpp"
#include "daemon/app/stop_machine.hpp"
#include "daemon/io/admin/admin_commands.hpp"
#include "daemon/io/admin/dead_letter_file.hpp"
#include "daemon/io/iggy/link_set.hpp"
#include "daemon/io/journal/journal_driver.hpp"
#include "daemon/io/process/process_setup.hpp"
#include "daemon/io/process/service_manager.hpp"
#include "daemon/io/producers/listener.hpp"

namespace vibes::app {

/// The rooms, joined: producers -> intake -> outbox -> link -> Iggy, and the control plane beside
/// them.
///
/// Stop (signal_policy.hpp says which signals): no new producers; what the kernel has of the
/// connected ones is read; the link drains until the queue is empty, drain_ms has passed or it
/// cannot be worth the wait (stop_machine.hpp); what is left then is written to the journal, if
/// there is one; producers get their last answers and end of file. A second signal skips the drain.
class daemon {
 public:
  struct sockets {
    std::vector<int> events;  // listening; taken over
    std::size_t connections_max = 1;
    bool events_inherited = false;
    io::unix_listener events_file;  // its lock and path, when it is our own
    io::unix_listener admin;
  };

  /// Handles signals from here on, and lets those through that hold_signals() held back.
  daemon(const config::settings&, sockets, io::service_manager&, const signal_surroundings&);
  ~daemon();

  /// Opens the journal, when there is to be one. An error prevents a start: somebody else has it.
  error_code open_journal();
  /// A signal came that ends the daemon. During open_journal() that ends the wait for the disk.
  bool stop_asked() const noexcept { return stop_asked_; }

  /// Until stopped; gives what was left behind.
  store::left_behind run();
  /// After run(): a thread or a connection did not end in its time, so the process has to be left
  /// without waiting for it.
  bool hangs() const noexcept { return hangs_; }
  /// The daemon stopped by itself, because there was no memory.
  bool ran_out_of_memory() const noexcept { return out_of_memory_; }

 private:
  void open_admin(io::unix_listener&&);
  admin::status_sources sources();
  void on_link_event(const link::link_report&, link::link_event);
  void on_line_refused(const io::refused_line&);
  void keep_refused_event(const store::entry&, const protocol::error_code&);
  void say_dead_letter_trouble();
  // daemon_stop.cpp
  void wait_for_signal();
  void on_signal(int);
  void begin_stop(duration drain);
  void watch_memory();
  stop_view view_of_stop();
  void advance_stop();
  void watch_stop();
  void drain_links();
  void finish_stop();
  void note_end();
  void leave();
  bool journal_is_closed();
  void on_journal_done();
  void take_last_note(result<std::string>&&);
  admin::run_summary summary(bool clean) const;
  void note_run();
  void watch_journal();
  void tick_second();
  void watch_socket_files();
  void say_file_was_missing(const std::string& path, const error_code&);
  void tick_watchdog();

  const config::settings& settings_;
  io::service_manager& service_;
  signal_surroundings surroundings_;
  time_point started_;
  bool events_inherited_;
  io::unix_listener events_file_;

  // Sessions that end with the loop still refer to these, so these end after it.
  io::producer_registry registry_;
  store::outbox outbox_;
  std::optional<io::dead_letter_file> dead_letters_;
  admin::intake_counters counters_;
  ingest::event_scanner scanner_;
  store::message_id_source ids_;
  io::intake intake_;
  std::vector<admin::producer_info> shown_producers_;

  boost::asio::io_context loop_;
  io::link_set links_;
  std::optional<io::journal_driver> journal_;
  io::listener listener_;
  std::optional<io::admin_server> admin_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer second_timer_;
  boost::asio::steady_timer watchdog_timer_;
  boost::asio::steady_timer stop_timer_;
  admin::rate_limiter refusal_limiter_;
  admin::rate_limiter link_limiter_;
  admin::rate_limiter loss_limiter_;
  admin::rate_limiter dead_letter_limiter_;
  admin::journal_watch journal_watch_;
  admin::rate_limiter socket_file_limiter_;
  std::optional<admin::run_summary> previous_run_;
  protocol::error_code last_logged_error_;
  std::uint64_t last_logged_losses_ = 0;
  std::uint64_t last_logged_drops_ = 0;  // of dead letters
  bool dead_letters_failing_ = false;    // as the log has it
  std::string last_status_;
  bool running_ = false;  // run() has begun
  bool stop_asked_ = false;
  std::optional<stop_machine> stop_;  // since begin_stop()
  time_point drained_at_;             // when the link was told to last
  bool attempt_failed_in_stop_ = false;
  bool link_stopped_ = false;
  bool hangs_ = false;
  bool out_of_memory_ = false;
  store::left_behind left_behind_;
};

}  // namespace vibes::app
