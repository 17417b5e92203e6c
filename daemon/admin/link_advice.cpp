#include "daemon/admin/link_advice.hpp"

#include <algorithm>
#include <array>

#include "daemon/base/name_lookup.hpp"
#include "daemon/link/retry_decision.hpp"
#include "protocol/error.hpp"

namespace vibes::admin {
namespace {

using protocol::eviction_errc;
using protocol::iggy_errc;
using protocol::wire_errc;

template <class Code>
struct advice {
  Code code;
  std::string_view text;
};
template <class Code>
advice(Code, std::string_view) -> advice<Code>;

// Texts follow "Iggy at ADDRESS ".
constexpr std::array status_advice = {
    advice{iggy_errc::invalid_credentials,
           "refused the user name or password: set [iggy] username and password_file (servers "
           "from 0.6 on generate a password at their first start)"},
    advice{iggy_errc::invalid_username, "finds the user name malformed: set [iggy] username"},
    advice{iggy_errc::invalid_password, "finds the password malformed: set [iggy] password_file"},
    advice{iggy_errc::user_inactive,
           "says that this user is inactive: activate it, or use another"},
    advice{iggy_errc::invalid_token, "refused the personal access token: set [iggy] token_file"},
    advice{iggy_errc::token_expired,
           "says that the personal access token has expired: make a new one"},
    advice{iggy_errc::resource_not_found,
           "does not know the personal access token: set [iggy] token_file"},
    advice{iggy_errc::unauthorized,
           "does not give this user the right to do that: grant it read and send rights on the "
           "topic, and create rights or create the stream and topic yourself"},
    advice{iggy_errc::invalid_stream_name, "refused the stream's name: change [iggy] stream"},
    advice{iggy_errc::invalid_topic_name, "refused the topic's name: change [iggy] topic"},
    advice{iggy_errc::too_many_partitions, "refused the partition count: lower [iggy] partitions"},
    advice{iggy_errc::disconnected, "is shutting down"},
    advice{iggy_errc::not_accepted, "does not accept it at the moment: another node may lead"},
    advice{iggy_errc::not_primary, "does not lead this partition any more"},
    advice{iggy_errc::topic_full, "says that the topic is full: raise its size limit"},
};

constexpr std::array wire_advice = {
    advice{wire_errc::malformed,
           "does not answer in Iggy's protocol: is this the TCP port (8090 by default), and not "
           "HTTP, TLS or another service?"},
    advice{wire_errc::stream_missing,
           "has no such stream, and [iggy] create is off: create it, or turn create on"},
    advice{wire_errc::topic_missing,
           "has no such topic, and it could not be created: create it, or turn [iggy] create on"},
    advice{wire_errc::no_partitions, "has the topic, but without partitions: add some to it"},
    advice{
        wire_errc::too_many_partitions,
        "has the topic with more partitions than this program serves: name another one in [iggy] "
        "topic, with at most 10000"},
    advice{wire_errc::generation_mismatch,
           "is not of the generation that [iggy] generation names (set it to \"auto\"), or that it "
           "seemed to be at first"},
    advice{wire_errc::unsupported_generation,
           "is a version that this program does not speak (it speaks 0.4 to 0.10)"},
    advice{wire_errc::no_leader,
           "is a cluster in which no node leads at the moment: are enough of its nodes running?"},
    advice{wire_errc::login_withheld,
           "hangs up, or answers in another protocol, before the login: it may expect TLS, which "
           "this program "
           "does not speak, or be another service (no user name, password or token was sent)"},
    advice{wire_errc::unconfirmed_send,
           "took a new batch for one that it has had before: sending it again in a new session"},
};

constexpr std::array eviction_advice = {
    advice{eviction_errc::invalid_credentials,
           "refused the user name or password: set [iggy] username and password_file (servers "
           "from 0.6 on generate a password at their first start)"},
    advice{eviction_errc::invalid_token,
           "refused the personal access token, or it has expired: set [iggy] token_file"},
    advice{eviction_errc::user_inactive,
           "says that this user is inactive: activate it, or use another"},
    advice{eviction_errc::incompatible_protocol,
           "speaks another version of its protocol than [iggy] generation names: set it to "
           "\"auto\""},
    advice{eviction_errc::stale_client, "has not heard from us for too long"},
    advice{eviction_errc::no_session, "does not know our session any more"},
};

template <class Code, std::size_t N>
std::string_view find(const std::array<advice<Code>, N>& table, int code) {
  const auto* const found = std::ranges::find_if(
      table, [&](const advice<Code>& each) { return static_cast<int>(each.code) == code; });
  return found == table.end() ? std::string_view() : found->text;
}

bool in_login(const link::link_report& report) {
  return !report.last_error_in_connect && link::is_login(report.last_error_during);
}

std::string_view transport_advice(const link::link_report& report) {
  using namespace boost::system;
  const protocol::error_code& error = report.last_error;
  if (error.category() == name_category()) {
    return "cannot be reached, its name has no address: check [iggy] addresses and the name server";
  }
  if (error == errc::connection_refused) return "refuses connections: is the server running?";
  if (error == errc::timed_out && report.last_error_in_connect) {
    return "does not accept the connection in time: check the address and the network";
  }
  if (error == errc::timed_out && (report.last_error_in_probe || report.last_error_before_login)) {
    return "does not answer the question which server it is: a stuck server, or another service";
  }
  if (error == errc::timed_out && in_login(report))
    return "does not answer the login: a stuck server?";
  if (error == errc::timed_out) return "does not answer in time";
  // End of stream has no portable name; the peer closing without an answer is what is left.
  if (in_login(report)) {
    return "closed the connection at the login: not an Iggy server?";
  }
  return {};
}

/// A server that cannot read the login of the generation in the settings, or the ping before it, is
/// silent, hangs up, says so, or says something that is none of its words.
bool misses_generation(const link::link_report& report) {
  const protocol::error_code& error = report.last_error;
  const bool unreadable = error == make_error_code(wire_errc::malformed) ||
                          error == make_error_code(iggy_errc::invalid_command) ||
                          error == make_error_code(iggy_errc::invalid_format);
  const bool of_transport = error.category() != protocol::iggy_category() &&
                            error.category() != protocol::wire_category() &&
                            error.category() != protocol::eviction_category();
  return report.generation_set && (in_login(report) || report.last_error_before_login) &&
         (unreadable || of_transport);
}

}  // namespace

std::string explain_link_error(const link::link_report& report, const std::string& address) {
  const protocol::error_code& error = report.last_error;
  std::string_view known;
  if (misses_generation(report)) {
    known =
        "does not understand the login: it may be of another generation than [iggy] generation "
        "names (set it to \"auto\")";
  } else if (error == make_error_code(iggy_errc::resource_not_found) && !in_login(report)) {
    known =
        "does not have what it was asked for: the stream, the topic or the partition may be gone";
  } else if (error.category() == protocol::iggy_category()) {
    known = find(status_advice, error.value());
  } else if (error.category() == protocol::wire_category()) {
    known = find(wire_advice, error.value());
  } else if (error.category() == protocol::eviction_category()) {
    known = find(eviction_advice, error.value());
  } else {
    known = transport_advice(report);
  }
  std::string line = "Iggy at " + address + " ";
  if (!known.empty()) {
    line += known;
  } else if (report.last_error_in_connect) {
    line += "cannot be reached";
  } else {
    line += "failed during " + std::string(to_string(report.last_error_during));
  }
  line += " [" + error.message() + "]";
  if (report.server_window && !report.last_error_in_connect)
    line += " (it accepts " + to_string(*report.server_window) + ")";
  if (!report.server_version.empty()) line += " (server " + report.server_version + ")";
  return line;
}

}  // namespace vibes::admin
