#include "daemon/app/daemon.hpp"

#include <random>
#include <utility>

#include "daemon/app/limits.hpp"
#include "daemon/io/process/wall_clock.hpp"

namespace vibes::app {

namespace {

constexpr auto status_period = std::chrono::seconds(1);

time_point now() {
  return std::chrono::steady_clock::now();
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

stop_limits stop_limits_of(const config::settings& settings) {
  stop_limits limits;
  limits.drain = std::chrono::milliseconds(settings.stop.drain_ms);
  return limits;
}

}  // namespace

daemon::daemon(const config::settings& settings, start_sockets from, io::service_manager& service,
               const signal_surroundings& surroundings)
    : settings_(settings),
      service_(service),
      started_(now()),
      reporter_({settings.iggy.stream, settings.iggy.topic, settings.journal.resolved_directory}),
      stop_(stop_limits_of(settings), surroundings),
      outbox_(outbox_limits_of(settings, io::unix_time_us()), registry_, started_),
      intake_(settings, outbox_, registry_, fresh_seed(),
              {[this] { on_work_arrived(); },
               [this](const io::refused_line& line) { on_line_refused(line); }}),
      loop_(1),
      // Identities and secrets are made of these numbers too, and few are needed.
      links_(loop_, link_settings_of(settings), outbox_, fresh_seed,
             {[this](const link::link_report& of, link::link_event event) {
                on_link_event(of, event);
              },
              [this] {
                // Commits are settled in the journal, batches are written before they are sent.
                if (journal_) journal_->wake();
                go_on_stopping_at(now());
              },
              [this] { tell_stop(stop_event::link_stopped); }}),
      producers_(loop_, from.events, from.connections_max, std::move(from.events_file),
                 intake_.shared),
      signals_(loop_),
      second_timer_(loop_),
      watchdog_timer_(loop_),
      stop_timer_(loop_) {
  intake_.counters.connections_max = from.connections_max;
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
  producers_.start();
  if (admin_) admin_->start();
  links_.start();
  if (journal_) journal_->wake();
  tick_second();
  if (service_.watchdog_interval()) tick_watchdog();
  service_.ready(last_status_);
  stop_.tell(stop_event::started, now());
  go_on_stopping();
  loop_.run();
  return left_behind_;
}

void daemon::wake_links_and_journal() {
  links_.wake();
  if (journal_) journal_->wake();
}

void daemon::on_work_arrived() {
  wake_links_and_journal();
  watch_memory();
}

void daemon::tick_second() {
  tell_status();
  if (const auto line = reporter_.losses(outbox_.losses(), now())) {
    log(*line);
    note_run();
  }
  if (dead_letters_) {
    if (const auto line = reporter_.dead_letters(dead_letters_->report(), now())) log(*line);
  }
  if (!stop_.is_under_way()) watch_socket_files();
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
  if (event == link::link_event::attempt_failed && !report.is_node_link) {
    stop_.tell(stop_event::link_attempt_failed, now());
  }
  const auto line = reporter_.link_event(report, event, stop_.is_under_way(), now());
  if (line) log(*line);
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
  if (const auto line = reporter_.line_refused(of.from, of.code, now())) log(*line);
}

}  // namespace vibes::app
