#include "daemon/cli/online_check.hpp"

#include "daemon/base/terminal_text.hpp"
#include "daemon/cli/consumer_setup.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
namespace json = boost::json;

online_answer what_is_there(const consumer::iggy_client& client, const std::string& topic) {
  const protocol::handshake_outcome& server = client.server();
  online_answer answer;
  answer.address = client.last_address();
  answer.generation = to_string(server.gen);
  answer.server_version = server.server_version;
  answer.partitions = server.places.partitions.size();
  answer.text = "Iggy " + (server.server_version.empty() ? "" : server.server_version + " ") +
                "at " + answer.address + " (generation " + answer.generation +
                ") takes the login; " + topic + " has " + std::to_string(*answer.partitions) +
                " partitions";
  return answer;
}

online_answer ask_one(const config::settings& settings) {
  consumer::iggy_client client(client_settings_of(settings));
  const std::string topic = one_line(settings.iggy.stream + "/" + settings.iggy.topic);
  const error_code error = client.connect();
  if (!error) return what_is_there(client, topic);
  online_answer answer;
  answer.address = client.last_address();
  if (is_missing(error) && settings.iggy.create) {
    answer.text = "Iggy at " + answer.address + " takes the login; " + topic +
                  " is not there yet, or not shown to this user: the daemon creates it";
    return answer;
  }
  client_failure why = explain(client, error);
  answer.code = why.code;
  answer.text = why.text + login_hint(settings, why.code);
  return answer;
}

}  // namespace

online_answer ask_iggy(const config::settings& settings) {
  std::optional<online_answer> failed;
  for (const std::string& each : settings.iggy.addresses) {
    config::settings one = settings;
    one.iggy.addresses = {each};
    online_answer answer = ask_one(one);
    if (answer.code == exit_code::ok) return answer;
    const bool says_more =
        failed && failed->code == exit_code::unavailable && answer.code != exit_code::unavailable;
    if (!failed || says_more) failed = std::move(answer);
  }
  return *failed;
}

json::object object_of(const online_answer& answer) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
  };
  return {{"ok", answer.code == exit_code::ok},
          {"exit_code", to_int(answer.code)},
          {"message", answer.text},
          {"address", answer.address},
          {"generation", or_null(answer.generation)},
          {"server_version", or_null(answer.server_version)},
          {"partitions", answer.partitions ? json::value(*answer.partitions) : json::value()}};
}

}  // namespace vibes::cli
