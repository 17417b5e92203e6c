#include <boost/json/serialize.hpp>
#include <iostream>

#include "daemon/command/command_input.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/command/daemon_sockets.hpp"
#include "daemon/command/hook_event.hpp"

namespace vibes::command {
namespace {

using config::exit_code;
namespace json = boost::json;

// A payload larger than this is no hook's.
constexpr std::size_t input_bytes_max = std::size_t{1} << 30;

outcome all_of_standard_input(std::string& text) {
  result<command_input> input = command_input::open("-");
  result<std::string> all = input->read_all(input_bytes_max);
  if (!all) return cannot_read("-", all.error());
  text = std::move(*all);
  return {};
}

/// The lines to send, or what is wrong with them.
outcome gather_lines(const config::send_options& options, std::string& lines) {
  if (!options.hook.empty()) {
    if (options.events.size() > 1) return {exit_code::usage, "--hook takes one payload"};
    std::string payload;
    if (!options.events.empty())
      payload = options.events.front();
    else if (outcome wrong = all_of_standard_input(payload); !wrong.ok())
      return wrong;
    const result<std::string> wrapped = wrap_hook(options.hook, payload);
    if (!wrapped) return {exit_code::event_refused, "the hook's payload is not a JSON object"};
    lines = *wrapped + "\n";
    return {};
  }
  for (const std::string& each : options.events) {
    if (each.find('\n') != std::string::npos) {
      return {exit_code::event_refused, "an event is one line: take the line breaks out"};
    }
    lines += each + "\n";
  }
  if (options.events.empty()) {
    if (outcome wrong = all_of_standard_input(lines); !wrong.ok()) return wrong;
  }
  if (!lines.empty() && lines.back() != '\n') lines += '\n';
  return {};
}

std::size_t count_lines(const std::string& lines) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    if (lines.find_first_not_of(" \t\r", begin) < end) ++count;
    begin = end + 1;
  }
  return count;
}

/// Reads answers until every line is acknowledged or refused.
outcome await_answers(socket_sender& to, std::size_t lines) {
  std::size_t refused = 0;
  std::uint64_t acknowledged = 0;
  bool greeted = false;
  while (acknowledged < lines) {
    const result<std::string> line = to.read_line();
    if (!line) return failed(line.error(), "waiting for the answer");
    if (to.at_end()) {
      return {exit_code::unavailable, "the daemon closed before it had answered for every event"};
    }
    const std::optional<json::object> object = parse_answer(*line);
    if (!object) return {exit_code::failed, "an answer that is not JSON: " + *line};
    if (const json::value* const what = object->if_contains("error")) {
      ++refused;
      std::cerr << "vibes-ingestd send: " << json::serialize(*what) << "\n";
      if (!greeted) return {exit_code::failed, "the daemon refused the hello"};
    } else if (const json::value* const mark = object->if_contains("ack")) {
      json::error_code error;
      acknowledged = mark->to_number<std::uint64_t>(error);
    }
    greeted = true;
  }
  if (refused > 0)
    return {exit_code::event_refused, std::to_string(refused) + " events were refused"};
  return {};
}

outcome send_all(const config::send_options& options) {
  std::string lines;
  if (outcome wrong = gather_lines(options, lines); !wrong.ok()) return wrong;
  if (lines.empty()) return {};
  socket_sender to(std::chrono::steady_clock::now() +
                   std::chrono::milliseconds(options.deadline_ms));
  if (outcome wrong = connect_producer(to, options.socket); !wrong.ok()) return wrong;
  const bool answers = !options.ack.empty();
  if (answers) lines.insert(0, "{\"vibes_ingest\":{\"ack\":\"" + options.ack + "\"}}\n");
  if (const error_code error = to.write_all(lines)) return failed(error, "writing");
  if (const error_code error = to.finish_writing()) return failed(error, "writing");
  if (!answers) return {};
  return await_answers(to, count_lines(lines) - 1);
}

}  // namespace

int run_command(const config::send_options& options, command_output&) {
  const outcome ended = send_all(options);
  if (!ended.ok()) std::cerr << "vibes-ingestd send: " << ended.complaint << "\n";
  return to_int(ended.code);
}

}  // namespace vibes::command
