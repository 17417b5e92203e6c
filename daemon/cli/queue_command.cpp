#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <sstream>

#include "daemon/admin/text_forms.hpp"
#include "daemon/base/terminal_text.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/daemon_sockets.hpp"
#include "daemon/cli/queue_export.hpp"
#include "daemon/cli/queue_offline.hpp"
#include "daemon/cli/queue_requeue.hpp"
#include "daemon/cli/queue_walk.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
using config::queue_action;
using config::queue_options;
namespace json = boost::json;

/// The daemon that is asked.
class daemon_end final : public queue_end {
 public:
  explicit daemon_end(std::string path) : path_(std::move(path)) {}
  outcome ask(const json::object& request, json::object& answer) override {
    return ask_daemon(path_, request, answer);
  }

 private:
  std::string path_;
};

std::string text(const json::value& of) {
  if (of.is_string()) return one_line(of.get_string());
  return of.is_null() ? "-" : json::serialize(of);
}

/// A line of the table for people.
std::string table_line(const std::array<std::string, 7>& cells) {
  static constexpr std::array<int, 6> widths = {10, 10, 9, 8, 9, -9};
  std::ostringstream line;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    line << (widths[i] < 0 ? std::left : std::right) << std::setw(std::abs(widths[i])) << cells[i]
         << ' ';
  }
  line << cells.back() << "\n";
  return line.str();
}

std::string table_line(const json::object& event) {
  const auto cell = [&](const char* key) { return text(event.at(key)); };
  return table_line({cell("sequence"), cell("age_ms"), cell("partition"), cell("session_hash"),
                     cell("bytes"), cell("state"), cell("message_id")});
}

outcome list(queue_end& from, const queue_options& options, command_output& output) {
  std::uint64_t shown = 0;
  bool more = false;
  if (!options.json) {
    output.write(
        table_line({"sequence", "age ms", "partition", "session", "bytes", "state", "message id"}));
  }
  const std::uint64_t page_max = options.limit == 0 ? 0 : options.limit + 1;
  queue_walk walk(from, "queue_list", page_max);
  outcome ended = walk.for_each([&](const json::object& event) {
    more = options.limit > 0 && shown == options.limit;
    if (more) return false;
    ++shown;
    output.write(options.json ? json::serialize(event) + "\n" : table_line(event));
    return !output.failed();
  });
  if (ended.ok() && more) {
    complain("there is more: --limit 0 shows all");
  }
  return ended;
}

outcome show(queue_end& from, const queue_options& options, command_output& output) {
  json::object event;
  const json::object request{{"command", "queue_show"}, {"sequence", options.sequences.front()}};
  if (outcome wrong = from.ask(request, event); !wrong.ok()) return wrong;
  output.write(
      (options.json ? json::serialize(event) : admin::payload_of(event).value_or(std::string())) +
      "\n");
  return {};
}

outcome drop_all(queue_end& from, command_output& output) {
  json::object request{{"command", "queue_drop"}, {"all", true}};
  std::uint64_t dropped = 0;
  for (bool more = true; more;) {
    json::object answer;
    if (outcome wrong = from.ask(request, answer); !wrong.ok()) return wrong;
    dropped += number_in(answer, "dropped_events");
    request["up_to"] = answer.at("up_to");
    more = answer.at("more").as_bool();
  }
  output.write("dropped " + std::to_string(dropped) + " events\n");
  return {};
}

outcome drop(queue_end& from, const queue_options& options, command_output& output) {
  if (options.all) return drop_all(from, output);
  // A request is bounded: 100 sequences are at most 2 KB of it.
  constexpr std::size_t sequences_max = 100;
  std::size_t dropped = 0;
  std::string kept;
  for (std::size_t at = 0; at < options.sequences.size(); at += sequences_max) {
    const std::size_t end = std::min(options.sequences.size(), at + sequences_max);
    const json::array some(options.sequences.begin() + static_cast<std::ptrdiff_t>(at),
                           options.sequences.begin() + static_cast<std::ptrdiff_t>(end));
    json::object answer;
    const json::object request{{"command", "queue_drop"}, {"sequences", some}};
    if (outcome wrong = from.ask(request, answer); !wrong.ok()) return wrong;
    dropped += answer.at("dropped").as_array().size();
    for (const json::value& each : answer.at("kept").as_array()) kept += " " + text(each);
  }
  output.write("dropped " + std::to_string(dropped) + " events\n");
  if (kept.empty()) return {};
  return {exit_code::failed, "not dropped, because Iggy may have them or they do not wait:" + kept};
}

outcome tell(queue_end& from, const char* command) {
  json::object answer;
  return from.ask({{"command", command}}, answer);
}

outcome act(queue_end& from, const queue_options& options, command_output& output) {
  switch (options.action) {
    case queue_action::list: return list(from, options, output);
    case queue_action::show: return show(from, options, output);
    case queue_action::export_: return export_events(from, options, output);
    case queue_action::drop: return drop(from, options, output);
    case queue_action::pause: return tell(from, "queue_pause");
    case queue_action::resume: return tell(from, "queue_resume");
    case queue_action::requeue: break;
  }
  return {};
}

outcome run(const queue_options& options, command_output& output) {
  if (options.action == queue_action::requeue) return requeue(options, output);
  if (!options.journal.empty()) {
    return with_journal(options, [&](queue_end& from) { return act(from, options, output); });
  }
  const daemon_choice daemon(config::socket_kind::admin, options.admin_socket, options.config,
                             options.verbose);
  outcome ended = daemon.mistakes();
  daemon_end end(daemon.path());
  if (ended.ok()) ended = act(end, options, output);
  return daemon.explained(std::move(ended));
}

}  // namespace

int run_command(const queue_options& options, command_output& output) {
  outcome ended;
  try {
    ended = run(options, output);
  } catch (const std::exception& odd) {
    // Boost.JSON throws where an answer is not of the form that a daemon of ours gives it.
    ended = {exit_code::failed, "an answer that makes no sense (" + std::string(odd.what()) + ")"};
  }
  if (!ended.ok()) complain("vibes-ingestd queue: " + ended.complaint);
  return to_int(ended.code);
}

}  // namespace vibes::cli
