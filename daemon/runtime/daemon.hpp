#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <optional>

#include "config/settings.hpp"
#include "daemon/control/rate_limiter.hpp"
#include "daemon/control/status_report.hpp"
#include "daemon/runtime/admin_commands.hpp"
#include "daemon/runtime/dead_letter_file.hpp"
#include "daemon/runtime/journal_driver.hpp"
#include "daemon/runtime/link_set.hpp"
#include "daemon/runtime/listener.hpp"
#include "daemon/runtime/service_manager.hpp"

namespace vibes::runtime {

/// The rooms, joined: producers -> intake -> outbox -> link -> Iggy, and the control plane beside
/// them.
///
/// Stop (SIGTERM, SIGINT): no new producers; what the kernel has of the connected ones is read; the
/// link drains until the queue is empty or drain_ms has passed; what is left then is written to the
/// journal, if there is one; producers get their last answers and end of file. A second signal
/// skips the drain.
class daemon {
 public:
  struct sockets {
    int events = -1;  // listening; taken over
    bool events_inherited = false;
    unix_listener events_file;  // its lock and path, when it is our own
    unix_listener admin;
  };

  daemon(const config::settings&, sockets, service_manager&);
  ~daemon();

  /// Opens the journal, when there is to be one. An error prevents a start: somebody else has it.
  error_code open_journal();

  /// Until stopped; gives what was left behind.
  upstream::left_behind run();

 private:
  void open_admin(unix_listener&&);
  control::status_sources sources();
  void on_link_news(const upstream::link_report&, upstream::link_news);
  void on_line_refused(const refused_line&);
  void keep_refused_event(const queue::entry&, const protocol::error_code&);
  void say_dead_letter_trouble();
  void on_signal();
  void begin_stop();
  bool journal_is_closed();
  void finish_stop();
  void on_journal_done();
  void watch_journal();
  void watch_drain();
  void tick_second();
  void tick_watchdog();

  const config::settings& settings_;
  service_manager& service_;
  time_point started_;
  bool events_inherited_;
  unix_listener events_file_;

  // Sessions that end with the loop still refer to these, so these end after it.
  producer_registry registry_;
  upstream::outbox outbox_;
  std::optional<dead_letter_file> dead_letters_;
  control::intake_counters counters_;
  ingest::event_scanner scanner_;
  queue::message_id_source ids_;
  intake intake_;
  std::vector<control::producer_info> shown_producers_;

  boost::asio::io_context loop_;
  link_set links_;
  std::optional<journal_driver> journal_;
  listener listener_;
  std::optional<admin_server> admin_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer second_timer_;
  boost::asio::steady_timer watchdog_timer_;
  boost::asio::steady_timer drain_timer_;
  control::rate_limiter refusal_limiter_;
  control::rate_limiter link_limiter_;
  control::rate_limiter loss_limiter_;
  control::rate_limiter dead_letter_limiter_;
  control::rate_limiter journal_limiter_;
  queue::journal_state last_journal_state_ = queue::journal_state::opening;
  bool journal_was_full_ = false;
  protocol::error_code last_logged_error_;
  std::uint64_t last_logged_losses_ = 0;
  std::uint64_t last_logged_drops_ = 0;  // of dead letters
  bool dead_letters_failing_ = false;    // as the log has it
  std::string last_status_;
  time_point drain_deadline_;
  bool stopping_ = false;
  bool link_stopped_ = false;
  bool finished_ = false;
  upstream::left_behind left_behind_;
};

}  // namespace vibes::runtime
