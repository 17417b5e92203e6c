#include "daemon/cli/daemon_sockets.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/cli/complaint.hpp"

namespace vibes::cli {

using config::exit_code;
namespace json = boost::json;

namespace {

constexpr auto answer_deadline = std::chrono::seconds(5);

outcome no_answer(const std::string& path, const std::string& why, bool forbidden) {
  return {forbidden ? exit_code::not_permitted : exit_code::unavailable,
          "no answer at " + path + " (" + why +
              "): " + (forbidden ? "ask as the daemon's user, or root" : "is the daemon running?")};
}

}  // namespace

outcome failed(const error_code& error, const std::string& doing) {
  if (error == boost::system::errc::timed_out) {
    return {exit_code::timed_out, "the deadline passed while " + doing};
  }
  return {exit_code::unavailable, "failed while " + doing + ": " + error.message()};
}

outcome connect_producer(socket_sender& to, const std::string& path) {
  const error_code error = to.connect(path);
  if (!error) return {};
  if (error == boost::system::errc::timed_out) return failed(error, "connecting");
  const bool forbidden = error == boost::system::errc::permission_denied;
  return {forbidden ? exit_code::not_permitted : exit_code::unavailable,
          "no daemon at " + path + " (" + error.message() +
              "): start vibes-ingestd, or name its socket with --socket"};
}

std::optional<json::object> parse_answer(const std::string& line) {
  json::error_code error;
  json::value answer = json::parse({line.data(), line.size()}, error);
  if (error || !answer.is_object()) return std::nullopt;
  return std::move(answer.get_object());
}

daemon_choice::daemon_choice(config::socket_kind kind, const std::string& named,
                             const config::config_file_option& config, bool verbose)
    : chosen_(config::choose_socket(kind, named, config, config::surroundings_of_this_process())) {
  if (!verbose || !chosen_.mistakes.empty()) return;
  complain("asks " + chosen_.path + " (" + chosen_.whose + ")");
  for (const std::string& each : chosen_.notes) complain(each);
}

outcome daemon_choice::mistakes() const {
  if (chosen_.mistakes.empty()) return {};
  std::string all;
  for (const config::diagnostic& each : chosen_.mistakes)
    all += (all.empty() ? ": " : "; ") + each.text();
  return {exit_code::bad_configuration, "the settings have mistakes" + all};
}

outcome daemon_choice::explained(outcome ended) const {
  // A daemon that refuses events is the right one.
  const bool was_found = ended.ok() || ended.code == exit_code::event_refused;
  if (was_found || !chosen_.mistakes.empty()) return ended;
  ended.complaint += " [asked " + chosen_.path + ", " + chosen_.whose;
  for (const std::string& each : chosen_.notes) ended.complaint += "; " + each;
  ended.complaint += "]";
  return ended;
}

outcome complaint_in(const json::object& answer) {
  const json::value* const wrong = answer.if_contains("error");
  if (wrong == nullptr) return {};
  const json::value* const text =
      wrong->is_object() ? wrong->get_object().if_contains("message") : nullptr;
  return {exit_code::failed, text != nullptr && text->is_string() ? std::string(text->get_string())
                                                                  : json::serialize(*wrong)};
}

outcome ask_daemon(const std::string& path, const json::object& request, json::object& answer) {
  socket_sender to(std::chrono::steady_clock::now() + answer_deadline);
  error_code error = to.connect(path);
  if (!error) error = to.write_all(json::serialize(request) + "\n");
  result<std::string> line = error ? result<std::string>(error) : to.read_line();
  if (!line) {
    return no_answer(path, line.error().message(),
                     line.error() == boost::system::errc::permission_denied);
  }
  std::optional<json::object> parsed = parse_answer(*line);
  if (!parsed) return no_answer(path, "not an answer of vibes-ingestd", false);
  answer = std::move(*parsed);
  return complaint_in(answer);
}

}  // namespace vibes::cli
