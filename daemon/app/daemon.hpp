#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <optional>

#include "config/settings.hpp"
#include "daemon/admin/status_report.hpp"
#include "daemon/app/event_intake.hpp"
#include "daemon/app/producer_side.hpp"
#include "daemon/app/reporter.hpp"
#include "daemon/app/start_sockets.hpp"
#include "daemon/app/stop_machine.hpp"
#include "daemon/io/admin/admin_commands.hpp"
#include "daemon/io/admin/dead_letter_file.hpp"
#include "daemon/io/iggy/link_set.hpp"
#include "daemon/io/journal/journal_driver.hpp"
#include "daemon/io/process/process_setup.hpp"
#include "daemon/io/process/service_manager.hpp"

namespace vibes::app {

/// The rooms, joined: producers -> intake -> outbox -> link -> Iggy, and the control plane beside
/// them. What a stop does and when is decided by stop_machine, what is logged when by reporter.
///
/// Stop (signal_policy.hpp says which signals): no new producers; what the kernel has of the
/// connected ones is read; the link drains until the queue is empty, drain_ms has passed or it
/// cannot be worth the wait; what is left then is written to the journal, if there is one;
/// producers get their last answers and end of file. A second signal skips the drain.
class daemon {
 public:
  /// Handles signals from here on, and lets those through that hold_signals() held back.
  daemon(const config::settings&, start_sockets, io::service_manager&, const signal_surroundings&);
  ~daemon();

  /// Opens the journal, when there is to be one. An error prevents a start: somebody else has it.
  error_code open_journal();
  /// A signal came that ends the daemon. During open_journal() that ends the wait for the disk.
  bool stop_asked() const noexcept { return stop_.is_asked(); }

  /// Until stopped; gives what was left behind.
  store::left_behind run();
  /// After run(): a thread or a connection did not end in its time, so the process has to be left
  /// without waiting for it.
  bool hangs() const noexcept { return stop_.hangs(); }
  /// The daemon stopped by itself, because there was no memory.
  bool ran_out_of_memory() const noexcept { return stop_.ran_out_of_memory(); }

 private:
  void wake_links_and_journal();
  void on_work_arrived();
  void on_link_event(const link::link_report&, link::link_event);
  void on_line_refused(const io::refused_line&);
  void keep_refused_event(const store::entry&, const protocol::error_code&);
  void tick_second();
  void tick_watchdog();
  // daemon_admin.cpp
  void open_admin(io::unix_listener&&);
  admin::status_sources sources();
  void tell_status();
  void watch_socket_files();
  // daemon_journal.cpp
  void on_journal_done();
  void take_last_note(const result<std::string>& note);
  admin::run_summary summary(bool clean) const;
  void note_run();
  void watch_journal();
  // daemon_stop.cpp
  void wait_for_signal();
  void on_signal(int);
  void watch_memory();
  void tell_stop(stop_event);
  stop_view view_of_stop();
  void go_on_stopping();
  void go_on_stopping_at(time_point);
  void perform(stop_action);
  void begin_stop();
  void settle();
  void note_end();
  void leave();

  const config::settings& settings_;
  io::service_manager& service_;
  time_point started_;
  reporter reporter_;
  stop_machine stop_;

  // Sessions that end with the loop still refer to these, so these end after it.
  io::producer_registry registry_;
  store::outbox outbox_;
  std::optional<io::dead_letter_file> dead_letters_;
  event_intake intake_;

  boost::asio::io_context loop_;
  io::link_set links_;
  std::optional<io::journal_driver> journal_;
  producer_side producers_;
  std::optional<io::admin_server> admin_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer second_timer_;
  boost::asio::steady_timer watchdog_timer_;
  boost::asio::steady_timer stop_timer_;
  std::optional<admin::run_summary> previous_run_;
  std::string last_status_;
  store::left_behind left_behind_;
};

}  // namespace vibes::app
