#include "daemon/cli/send_exchange.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "daemon/cli/daemon_sockets.hpp"

namespace vibes::cli {

using config::exit_code;
namespace json = boost::json;

send_exchange::send_exchange(const std::string& ack, duration patience, time_point now)
    : answers_wanted_(!ack.empty()), patience_(patience), progress_at_(now) {
  if (answers_wanted_) waiting_ = "{\"vibes_ingest\":{\"ack\":\"" + ack + "\"}}\n";
  released_bytes_ = waiting_.size();
}

bool send_exchange::wants_input() const noexcept {
  return !ended_ && !input_over_ && !writing_over_ && waiting_.size() < waiting_bytes_max;
}

void send_exchange::input(std::string_view piece, time_point now) {
  if (piece.empty() || ended_ || writing_over_) return;
  const bool owed = daemon_owes();
  waiting_ += piece;
  inside_line_ = piece.back() != '\n';
  release();
  if (!owed && daemon_owes()) progress_at_ = now;
}

void send_exchange::input_ended(time_point now) {
  if (inside_line_) input("\n", now);
  input_over_ = true;
}

void send_exchange::input_failed(outcome why, time_point now) {
  input_trouble_ = std::move(why);
  input_ended(now);
}

/// Lets lines go as long as the window has room; the line that is begun goes as it comes.
void send_exchange::release() {
  while (released_bytes_ < waiting_.size()) {
    if (answers_wanted_ && lines_out_ >= lines_answered_ + window_lines_max) return;
    std::string_view part = std::string_view(waiting_).substr(released_bytes_);
    const std::size_t end = part.find('\n');
    part = part.substr(0, end == std::string_view::npos ? part.size() : end + 1);
    if (part.find_first_not_of(" \t\r\n") != std::string_view::npos) line_has_text_ = true;
    if (end != std::string_view::npos && std::exchange(line_has_text_, false)) ++lines_out_;
    released_bytes_ += part.size();
  }
}

std::string_view send_exchange::output() const noexcept {
  return ended_ ? std::string_view() : std::string_view(waiting_).substr(0, released_bytes_);
}

void send_exchange::wrote(std::size_t bytes, time_point now) {
  waiting_.erase(0, bytes);
  released_bytes_ -= bytes;
  if (bytes > 0) progress_at_ = now;
}

void send_exchange::write_failed(const std::string& why) {
  writing_over_ = true;
  write_trouble_ = why;
  waiting_.clear();
  released_bytes_ = 0;
  if (!answers_wanted_) end({exit_code::unavailable, "failed while writing: " + why});
}

bool send_exchange::closes_writing() const noexcept {
  return !ended_ && !writing_over_ && input_over_ && waiting_.empty();
}

void send_exchange::writing_closed(time_point now) {
  if (!daemon_owes()) progress_at_ = now;
  writing_over_ = true;
  if (!answers_wanted_) end();
}

void send_exchange::received(std::string_view bytes, time_point now) {
  while (!bytes.empty() && !ended_) {
    const std::size_t end = bytes.find('\n');
    answer_ += bytes.substr(0, end);
    if (answer_.size() > answer_bytes_max) {
      return end_with_nonsense(answer_);
    }
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    take_answer(std::exchange(answer_, {}), now);
  }
}

void send_exchange::take_answer(const std::string& line, time_point now) {
  const std::optional<json::object> answer = parse_answer(line);
  if (!answer) return end_with_nonsense(line);
  const bool first = !std::exchange(greeted_, true);
  if (const json::value* const what = answer->if_contains("error")) {
    refusals_.push_back(json::serialize(*what));
    if (first) return end({exit_code::failed, "the daemon refused the hello"});
    ++lines_refused_;
    progress_at_ = now;
  } else if (const json::value* const mark = answer->if_contains("ack")) {
    json::error_code error;
    const auto answered = mark->to_number<std::uint64_t>(error);
    if (error || answered < lines_answered_) return end_with_nonsense(line);
    lines_answered_ = answered;
    progress_at_ = now;
    release();
  }
}

void send_exchange::closed_by_daemon() {
  if (ended_) return;
  if (answers_wanted_ && all_answered()) return end();
  if (!answers_wanted_) {
    return end({exit_code::unavailable, "the daemon closed before the end of the input"});
  }
  end({exit_code::unavailable,
       "the daemon closed before it had answered for every event" + how_far()});
}

bool send_exchange::all_answered() const noexcept {
  return greeted_ && input_over_ && writing_over_ && write_trouble_.empty() &&
         lines_answered_ >= lines_out_;
}

bool send_exchange::daemon_owes() const noexcept {
  if (released_bytes_ > 0) return true;
  return answers_wanted_ && (!greeted_ || writing_over_ || lines_answered_ < lines_out_);
}

std::optional<time_point> send_exchange::deadline() const noexcept {
  if (ended_ || !daemon_owes()) return std::nullopt;
  return progress_at_ + patience_;
}

void send_exchange::tick(time_point now) {
  const std::optional<time_point> due = deadline();
  if (!due || now < *due) return;
  // A daemon that has answered for everything need not close in time as well.
  if (all_answered()) return end();
  const bool waits_for_answers = answers_wanted_ && released_bytes_ == 0;
  end({exit_code::timed_out, std::string("the deadline passed while ") +
                                 (waits_for_answers ? "waiting for the answer" : "writing") +
                                 how_far()});
}

/// For a user who wants to go on where this ended.
std::string send_exchange::how_far() const {
  if (!answers_wanted_) return {};
  return "; it has answered for " + std::to_string(lines_answered_) + " of " +
         std::to_string(lines_out_) + " lines";
}

void send_exchange::end_with_nonsense(const std::string& line) {
  end({exit_code::failed, "an answer that makes no sense: " + line.substr(0, 200)});
}

void send_exchange::end(outcome failure) {
  ended_ = true;
  failure_ = std::move(failure);
}

outcome send_exchange::verdict() const {
  if (!failure_.ok()) return failure_;
  if (!input_trouble_.ok()) return input_trouble_;
  if (lines_refused_ == 0) return {};
  return {exit_code::event_refused, std::to_string(lines_refused_) + " events were refused"};
}

std::vector<std::string> send_exchange::take_refusals() {
  return std::exchange(refusals_, {});
}

}  // namespace vibes::cli
