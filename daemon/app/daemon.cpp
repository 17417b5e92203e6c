#include "daemon/app/daemon.hpp"

#include <random>
#include <utility>

#include "daemon/admin/link_advice.hpp"
#include "daemon/app/limits.hpp"
#include "daemon/base/log.hpp"
#include "daemon/io/process/wall_clock.hpp"

namespace vibes::app {

namespace {

constexpr auto status_period = std::chrono::seconds(1);
constexpr auto repeated_line_period = std::chrono::seconds(10);

time_point now() {
  return std::chrono::steady_clock::now();
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

ingest::schema_mode schema_of(config::schema chosen) {
  return chosen == config::schema::strict ? ingest::schema_mode::strict
                                          : ingest::schema_mode::lenient;
}

/// Empty for a server that would not say its version to this user.
std::string named_version(const link::link_report& report) {
  return report.server_version.empty() ? "" : report.server_version + " ";
}

}  // namespace

daemon::daemon(const config::settings& settings, sockets from, io::service_manager& service,
               const signal_surroundings& surroundings)
    : settings_(settings),
      service_(service),
      surroundings_(surroundings),
      started_(now()),
      events_inherited_(from.events_inherited),
      events_file_(std::move(from.events_file)),
      outbox_(outbox_limits_of(settings, io::unix_time_us()), registry_, started_),
      scanner_(schema_of(settings.socket.schema)),
      ids_(fresh_seed()),
      intake_{outbox_,
              registry_,
              counters_,
              scanner_,
              ids_,
              dialogue_limits_of(settings),
              settings.socket.partial_lines_bytes_max,
              std::chrono::milliseconds(settings.socket.answer_wait_ms),
              [this] {
                links_.wake();
                if (journal_) journal_->wake();
                watch_memory();
              },
              [this](const io::refused_line& line) { on_line_refused(line); }},
      loop_(1),
      // Identities and secrets are made of these numbers too, and few are needed.
      links_(loop_, link_settings_of(settings), outbox_, fresh_seed,
             {[this](const link::link_report& of, link::link_event event) {
                on_link_event(of, event);
              },
              [this] {
                // Commits are settled in the journal, batches are written before they are sent.
                if (journal_) journal_->wake();
              },
              [this] {
                link_stopped_ = true;
                if (stop_) advance_stop();
              }}),
      listener_(loop_, from.events, from.connections_max, intake_),
      signals_(loop_),
      second_timer_(loop_),
      watchdog_timer_(loop_),
      stop_timer_(loop_),
      refusal_limiter_(repeated_line_period),
      link_limiter_(repeated_line_period),
      loss_limiter_(repeated_line_period),
      dead_letter_limiter_(repeated_line_period),
      journal_watch_(repeated_line_period),
      socket_file_limiter_(repeated_line_period) {
  counters_.connections_max = from.connections_max;
  if (!settings.dead_letter.path.empty()) {
    dead_letters_.emplace(settings.dead_letter.path, settings.dead_letter.bytes_max);
    outbox_.on_refusal([this](const store::entry& event, const protocol::error_code& why) {
      keep_refused_event(event, why);
    });
  }
  if (from.admin.descriptor() >= 0) open_admin(std::move(from.admin));
  for (const int each : handled_signals) signals_.add(each);
  wait_for_signal();
  io::release_signals();
}

daemon::~daemon() = default;

store::left_behind daemon::run() {
  listener_.start();
  if (admin_) admin_->start();
  links_.start();
  if (journal_) journal_->wake();
  tick_second();
  if (service_.watchdog_interval()) tick_watchdog();
  service_.ready(last_status_);
  running_ = true;
  if (stop_asked_) begin_stop(std::chrono::milliseconds(settings_.stop.drain_ms));
  loop_.run();
  return left_behind_;
}

void daemon::tick_second() {
  const std::string status = admin::status_line(sources());
  if (status != last_status_ && !stop_) {
    last_status_ = status;
    service_.status(status);
  }
  if (const std::uint64_t lost = outbox_.losses().total(); lost != last_logged_losses_) {
    if (loss_limiter_.admit(now())) {
      log(log_level::warning, std::to_string(lost - last_logged_losses_) +
                                  " events lost since the last such line; in all, " +
                                  admin::losses_text(outbox_.losses()));
      last_logged_losses_ = lost;
      note_run();
    }
  }
  say_dead_letter_trouble();
  if (!stop_) watch_socket_files();
  watch_memory();
  second_timer_.expires_after(status_period);
  second_timer_.async_wait([this](const error_code& error) {
    if (!error) tick_second();
  });
}

/// Half of what systemd asks for: one late turn of the loop is no reason to be killed.
void daemon::tick_watchdog() {
  service_.alive();
  watchdog_timer_.expires_after(*service_.watchdog_interval() / 2);
  watchdog_timer_.async_wait([this](const error_code& error) {
    if (!error) tick_watchdog();
  });
}

void daemon::on_link_event(const link::link_report& report, link::link_event event) {
  const std::string& address = report.address;
  switch (event) {
    case link::link_event::redirected:
      log(log_level::notice, "another node leads: leaving Iggy at " + address + " for it");
      break;
    case link::link_event::up:
      if (report.is_node_link) {
        log(log_level::notice, "connected to a further node of Iggy at " + address);
        break;
      }
      last_logged_error_ = {};
      log(log_level::notice, "connected to Iggy " + named_version(report) + "at " + address +
                                 " (generation " + std::string(to_string(*report.gen)) + ", " +
                                 std::to_string(report.partitions_count) + " partitions of " +
                                 settings_.iggy.stream + "/" + settings_.iggy.topic + ")");
      break;
    case link::link_event::topology_changed:
      log(log_level::notice, settings_.iggy.stream + "/" + settings_.iggy.topic + " now has " +
                                 std::to_string(report.partitions_count) + " partitions");
      break;
    case link::link_event::lost:
    case link::link_event::attempt_failed:
    case link::link_event::send_delayed:
    case link::link_event::event_refused: {
      if (stop_) {
        attempt_failed_in_stop_ |=
            event == link::link_event::attempt_failed && !report.is_node_link;
        break;
      }
      // A new kind of trouble is always said at once; the same again only now and then.
      const bool same = report.last_error == last_logged_error_;
      const auto kept_back = link_limiter_.admit(now());
      if (same && !kept_back) break;
      last_logged_error_ = report.last_error;
      log(event == link::link_event::event_refused ? log_level::error : log_level::warning,
          admin::explain_link_error(report, address) +
              (kept_back.value_or(0) > 0 ? "; " + std::to_string(*kept_back) + " more of late"
                                         : ""));
      break;
    }
    case link::link_event::none: break;
  }
}

void daemon::say_dead_letter_trouble() {
  if (!dead_letters_) return;
  const admin::dead_letter_report report = dead_letters_->report();
  if (report.failing == dead_letters_failing_ && report.dropped_entries == last_logged_drops_) {
    return;
  }
  if (!dead_letter_limiter_.admit(now())) return;
  if (report.failing || report.dropped_entries > last_logged_drops_) {
    log(log_level::warning, "dead letters are not written to " + report.path + " [" +
                                report.last_error.message() + "]; " +
                                std::to_string(report.dropped_entries) +
                                " dropped so far. Tried again every second");
  } else {
    log(log_level::notice, "dead letters are written again to " + report.path);
  }
  dead_letters_failing_ = report.failing;
  last_logged_drops_ = report.dropped_entries;
}

void daemon::keep_refused_event(const store::entry& event, const protocol::error_code& why) {
  dead_letters_->add({io::unix_time_us(), code_name(ingest::ingest_errc::refused_by_iggy), why,
                      event.origin, event.line, event.sequence, event.id, event.text(),
                      event.payload_size});
}

void daemon::on_line_refused(const io::refused_line& of) {
  if (dead_letters_) {
    dead_letters_->add(
        {of.unix_us, code_name(of.code), {}, of.from, of.line, {}, {}, of.text, of.whole_bytes});
  }
  const auto kept_back = refusal_limiter_.admit(now());
  if (!kept_back) return;
  log(log_level::warning,
      "refused a line of pid " + std::to_string(of.from.pid) + " uid " +
          std::to_string(of.from.uid) + ": " + std::string(code_name(of.code)) + ": " +
          std::string(advice(of.code)) +
          (*kept_back > 0 ? "; " + std::to_string(*kept_back) + " more of late" : ""));
}

}  // namespace vibes::app
