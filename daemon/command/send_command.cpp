#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>
#include <iterator>

#include "config/exit_code.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/command/hook_event.hpp"
#include "daemon/command/socket_sender.hpp"

namespace vibes::command {
namespace {

using config::exit_code;
namespace json = boost::json;

struct outcome {
  exit_code code = exit_code::ok;
  std::string complaint;  // one line, when the code is not ok
};

std::string all_of_standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

/// The lines to send, or what is wrong with them.
outcome gather_lines(const config::send_options& options, std::string& lines) {
  if (!options.hook.empty()) {
    if (options.events.size() > 1) return {exit_code::usage, "--hook takes one payload"};
    const std::string payload =
        options.events.empty() ? all_of_standard_input() : options.events.front();
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
  if (options.events.empty()) lines = all_of_standard_input();
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

outcome failed(const error_code& error, const std::string& doing) {
  if (error == boost::system::errc::timed_out) {
    return {exit_code::timed_out, "the deadline passed while " + doing};
  }
  return {exit_code::unavailable, "failed while " + doing + ": " + error.message()};
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
    json::error_code error;
    const json::value answer = json::parse({line->data(), line->size()}, error);
    const json::object* const object = error ? nullptr : answer.if_object();
    if (object == nullptr) return {exit_code::failed, "an answer that is not JSON: " + *line};
    if (const json::value* const what = object->if_contains("error")) {
      ++refused;
      std::cerr << "vibes-ingestd send: " << json::serialize(*what) << "\n";
      if (!greeted) return {exit_code::failed, "the daemon refused the hello"};
    } else if (const json::value* const mark = object->if_contains("ack")) {
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
  if (outcome wrong = gather_lines(options, lines); wrong.code != exit_code::ok) return wrong;
  if (lines.empty()) return {};
  socket_sender to(std::chrono::steady_clock::now() +
                   std::chrono::milliseconds(options.deadline_ms));
  if (const error_code error = to.connect(options.socket)) {
    if (error == boost::system::errc::timed_out) return failed(error, "connecting");
    const bool forbidden = error == boost::system::errc::permission_denied;
    return {forbidden ? exit_code::not_permitted : exit_code::unavailable,
            "no daemon at " + options.socket + " (" + error.message() +
                "): start vibes-ingestd, or name its socket with --socket"};
  }
  const bool answers = !options.ack.empty();
  if (answers) lines.insert(0, "{\"vibes_ingest\":{\"ack\":\"" + options.ack + "\"}}\n");
  if (const error_code error = to.write_all(lines)) return failed(error, "writing");
  if (const error_code error = to.finish_writing()) return failed(error, "writing");
  if (!answers) return {};
  return await_answers(to, count_lines(lines) - 1);
}

}  // namespace

int run_command(const config::send_options& options) {
  const outcome ended = send_all(options);
  if (ended.code != exit_code::ok) std::cerr << "vibes-ingestd send: " << ended.complaint << "\n";
  return options.quiet_failure ? 0 : to_int(ended.code);
}

}  // namespace vibes::command
