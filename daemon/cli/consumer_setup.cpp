#include "daemon/cli/consumer_setup.hpp"

#include "daemon/admin/link_advice.hpp"
#include "daemon/app/limits.hpp"
#include "daemon/base/endpoint_name.hpp"
#include "daemon/link/retry_decision.hpp"
#include "protocol/error.hpp"

namespace vibes::cli {

consumer::client_settings client_settings_of(const config::settings& from) {
  consumer::client_settings client;
  for (const std::string& each : from.iggy.addresses) {
    endpoint_name parts = endpoint_of(each);
    client.addresses.push_back({std::move(parts.host), std::move(parts.port)});
  }
  client.handshake = app::handshake_plan_of(from);
  client.handshake.create = false;
  client.connect_timeout = std::chrono::milliseconds(from.iggy.connect_timeout_ms);
  client.reply_timeout = std::chrono::milliseconds(from.iggy.reply_timeout_ms);
  client.topology_refresh = std::chrono::milliseconds(from.iggy.topology_refresh_ms);
  return client;
}

bool is_missing(const error_code& error) {
  return error == protocol::make_error_code(protocol::wire_errc::stream_missing) ||
         error == protocol::make_error_code(protocol::wire_errc::topic_missing);
}

client_failure explain(const consumer::iggy_client& client, const error_code& error) {
  link::link_report report;
  report.last_error = error;
  report.last_error_during = client.last_command();
  report.server_window = client.window();
  report.last_error_in_connect = client.failed_in_connect();
  report.last_error_before_login = client.failed_before_login();
  report.generation_set = client.settings().handshake.wanted.has_value();
  const bool refused =
      link::classify(client.last_command(), error) == link::retry_decision::wait_for_operator;
  return {refused ? config::exit_code::not_permitted : config::exit_code::unavailable,
          is_missing(error)
              ? "Iggy at " + client.last_address() +
                    " has no such stream or topic, or does not show it to this user: the "
                    "daemon creates it when it first connects"
              : admin::explain_link_error(report, client.last_address()),
          refused && (error.category() == protocol::iggy_category() ||
                      error.category() == protocol::eviction_category())};
}

std::string login_hint(const config::settings& from, config::exit_code code) {
  if (code != config::exit_code::not_permitted) return {};
  const config::secrets& used = from.secrets;
  return " [logged in with " +
         (used.token.empty()
              ? "user " + from.iggy.username + " and the password from " + used.password_source
              : "the token from " + used.token_source) +
         "; a service may have another secret from systemd: name its file in "
         "VIBES_INGESTD_IGGY_PASSWORD_FILE or _TOKEN_FILE]";
}

}  // namespace vibes::cli
