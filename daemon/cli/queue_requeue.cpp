#include "daemon/cli/queue_requeue.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "daemon/admin/dead_letter.hpp"
#include "daemon/cli/command_input.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/ingest/event_scanner.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
namespace json = boost::json;

// What is on its way before its answers are read: more of it could be more answers than the daemon
// keeps for a producer.
constexpr std::size_t window_lines_max = 256;
constexpr std::size_t window_bytes_max = 1 << 20;

class requeuer {
 public:
  explicit requeuer(const config::queue_options& options)
      : options_(options),
        to_(std::chrono::steady_clock::now() + std::chrono::milliseconds(options.deadline_ms)) {}

  outcome run(const std::string& socket, command_output& output) {
    std::error_code unknown;
    // What comes in meanwhile, our own refusals for example, is not for this turn.
    std::uint64_t bytes_left = std::filesystem::file_size(options_.file, unknown);
    std::ifstream file(options_.file, std::ios::binary);
    if (unknown) return cannot_read(options_.file, unknown);
    if (!file) return cannot_read(options_.file, {errno, boost::system::system_category()});
    if (outcome wrong = greet(socket); !wrong.ok()) return wrong;
    for (std::string line; bytes_left > 0 && std::getline(file, line);) {
      bytes_left -= std::min<std::uint64_t>(bytes_left, line.size() + 1);
      ++file_line_;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      ++entries_;
      take(line);
      const bool full = sent_lines_.size() - acknowledged_ + waiting_ >= window_lines_max;
      if (!full && window_.size() < window_bytes_max) continue;
      if (outcome wrong = send_window(); !wrong.ok()) return stopped(std::move(wrong));
    }
    if (outcome wrong = send_window(); !wrong.ok()) return stopped(std::move(wrong));
    if (file.bad()) {
      return stopped(cannot_read(options_.file, {EIO, boost::system::system_category()}));
    }
    output.write("requeued " + std::to_string(sent_lines_.size() - refused_lines_.size()) + " of " +
                 std::to_string(entries_) + " entries of " + options_.file + "\n");
    const std::uint64_t left = refused_lines_.size() + not_sent_;
    if (left == 0) return {};
    return {exit_code::event_refused, std::to_string(left) + " entries were not taken"};
  }

 private:
  static void say(std::uint64_t file_line, const std::string& what) {
    complain("line " + std::to_string(file_line) + ": " + what);
  }

  outcome greet(const std::string& socket) {
    if (outcome wrong = connect_producer(to_, socket); !wrong.ok()) return wrong;
    const std::string hello = R"({"vibes_ingest":{"ack":")" + options_.ack + "\"}}\n";
    if (const error_code error = to_.write_all(hello)) return failed(error, "writing");
    const result<std::string> line = to_.read_line();
    if (!line) return failed(line.error(), "waiting for the daemon's greeting");
    const std::optional<json::object> answer = parse_answer(*line);
    const json::value* const greeting = answer ? answer->if_contains("vibes_ingest") : nullptr;
    if (greeting == nullptr || !greeting->is_object()) {
      return {exit_code::failed, "the daemon refused the hello: " + *line};
    }
    json::error_code unknown;
    if (const json::value* const limit = greeting->get_object().if_contains("max_event_bytes")) {
      event_bytes_max_ = limit->to_number<std::uint64_t>(unknown);
    }
    return {};
  }

  /// Into the window, or why not. What is no event yet is not sent: the daemon would refuse it, and
  /// keep it once more.
  void take(const std::string& line) {
    const std::optional<admin::kept_letter> letter = admin::parse_dead_letter(line);
    std::string why;
    if (!letter) {
      why = "not a dead letter";
    } else if (letter->truncated) {
      why = "not sent: only its beginning was kept (" + letter->code + ")";
    } else if (letter->payload.size() > event_bytes_max_) {
      why = "not sent: line_too_long: longer than the daemon's max_event_bytes";
    } else if (const auto scanned = scanner_.scan(letter->payload); !scanned) {
      const auto code = static_cast<ingest::ingest_errc>(scanned.error().value());
      why = "not sent: still " + std::string(code_name(code)) + ": " + std::string(advice(code));
    } else if (letter->payload.find('\n') != std::string::npos) {
      why = "not sent: it has a line break";
    } else {
      window_ += letter->payload + "\n";
      lines_in_window_.push_back(file_line_);
      ++waiting_;
      return;
    }
    ++not_sent_;
    say(file_line_, why);
  }

  outcome send_window() {
    if (window_.empty()) return {};
    sent_lines_.insert(sent_lines_.end(), lines_in_window_.begin(), lines_in_window_.end());
    lines_in_window_.clear();
    waiting_ = 0;
    if (const error_code error = to_.write_all(window_)) return failed(error, "writing");
    window_.clear();
    while (acknowledged_ < sent_lines_.size()) {
      const result<std::string> line = to_.read_line();
      if (!line) return failed(line.error(), "waiting for the answer");
      if (to_.at_end()) return {exit_code::unavailable, "the daemon closed before it had answered"};
      const std::optional<json::object> answer = parse_answer(*line);
      if (!answer) return {exit_code::failed, "an answer that is not JSON: " + *line};
      if (outcome wrong = take_answer(*answer); !wrong.ok()) return wrong;
    }
    return {};
  }

  outcome take_answer(const json::object& answer) {
    json::error_code error;
    if (const json::value* const mark = answer.if_contains("ack")) {
      acknowledged_ = mark->to_number<std::uint64_t>(error);
    } else if (const json::value* const what = answer.if_contains("error");
               what != nullptr && what->is_object()) {
      const json::object& refusal = what->get_object();
      const json::value* const line = refusal.if_contains("line");
      const auto number = line != nullptr ? line->to_number<std::uint64_t>(error) : 0;
      if (number == 0 || number > sent_lines_.size()) error = json::error::not_exact;
      if (!error) {
        refused_lines_.push_back(number);
        say(sent_lines_[number - 1],
            "refused again: " + text_of(refusal, "code") + ": " + text_of(refusal, "message"));
      }
    }
    if (error || acknowledged_ > sent_lines_.size()) {
      return {exit_code::failed, "an answer that makes no sense"};
    }
    return {};
  }

  static std::string text_of(const json::object& from, const char* key) {
    const json::value* const found = from.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
  }

  /// Before the end: what is known of the entries so far.
  outcome stopped(outcome why) const {
    const auto refused = std::ranges::count_if(
        refused_lines_, [this](std::uint64_t line) { return line <= acknowledged_; });
    const std::uint64_t taken = acknowledged_ - static_cast<std::uint64_t>(refused);
    std::string known = "; " + std::to_string(taken) + " entries were taken";
    if (acknowledged_ < sent_lines_.size()) {
      known += ", those from line " + std::to_string(sent_lines_[acknowledged_]) +
               " on are not known to be";
    }
    why.complaint += known;
    return why;
  }

  const config::queue_options& options_;
  socket_sender to_;
  ingest::event_scanner scanner_{ingest::schema_mode::lenient};
  std::uint64_t event_bytes_max_ = ~std::uint64_t{0};
  std::string window_;
  std::vector<std::uint64_t> lines_in_window_;  // of the file
  std::vector<std::uint64_t> sent_lines_;       // of the file, by line of the connection
  std::vector<std::uint64_t> refused_lines_;    // of the connection
  std::size_t waiting_ = 0;
  std::uint64_t file_line_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t not_sent_ = 0;
};

}  // namespace

outcome requeue(const config::queue_options& options, command_output& output) {
  const daemon_choice daemon(config::socket_kind::events, options.socket, options.config,
                             options.verbose);
  outcome ended = daemon.mistakes();
  if (ended.ok()) ended = requeuer(options).run(daemon.path(), output);
  return daemon.explained(std::move(ended));
}

}  // namespace vibes::cli
