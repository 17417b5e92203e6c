#include "config/keys.hpp"

#include <algorithm>
#include <cctype>

namespace vibes::config {
namespace {

constexpr std::uint64_t kib = 1'024;
constexpr std::uint64_t mib = kib * kib;
constexpr std::uint64_t gib = kib * mib;
constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::size_t path_max = 107;  // of a Unix socket's name, without its final zero

template <class Enum>
choice_key choice(Enum& target, std::vector<std::string> names) {
  return {std::move(names), [&target] { return static_cast<std::size_t>(target); },
          [&target](std::size_t index) { target = static_cast<Enum>(index); }};
}

/// As it can be written into the file again: in quotes, on one line.
std::string toml_text(std::string_view value) {
  std::string quoted = "\"";
  for (const char each : value) {
    const auto octet = static_cast<unsigned char>(each);
    if (octet < 0x20 || octet == 0x7f) {
      constexpr std::string_view digits = "0123456789abcdef";
      quoted += "\\u00";
      quoted += digits[octet >> 4];
      quoted += digits[octet & 0xf];
      continue;
    }
    if (each == '"' || each == '\\') quoted += '\\';
    quoted += each;
  }
  return quoted + "\"";
}

std::string check_mode(std::string_view mode) {
  const bool octal = mode.size() == 4 && mode[0] == '0' &&
                     std::ranges::all_of(mode, [](char c) { return c >= '0' && c <= '7'; });
  return octal ? "" : "must be four octal digits such as \"0660\"";
}

std::string check_absolute(std::string_view path) {
  return path.starts_with('/') ? "" : "must be an absolute path";
}

std::string check_absolute_or_empty(std::string_view path) {
  return path.empty() ? "" : check_absolute(path);
}

std::string check_journal(std::string_view directory) {
  return directory.empty() || directory == "auto" || directory.starts_with('/')
             ? ""
             : "must be \"auto\", empty, or an absolute path";
}

void bind_socket(std::vector<key_binding>& keys, socket_settings& to) {
  keys.push_back({"socket", "path", text_key{&to.path, 1, path_max, check_absolute}});
  keys.push_back({"socket", "mode", text_key{&to.mode, 0, 64, check_mode}});
  keys.push_back({"socket", "group", text_key{&to.group, 0, 64}});
  keys.push_back({"socket", "max_event_bytes", integer_key{&to.max_event_bytes, 64, 10'000'000}});
  keys.push_back({"socket", "connections_max", integer_key{&to.connections_max, 1, 100'000}});
  keys.push_back({"socket", "pending_answers_bytes_max",
                  integer_key{&to.pending_answers_bytes_max, 4 * kib, gib}});
  keys.push_back({"socket", "partial_lines_bytes_max",
                  integer_key{&to.partial_lines_bytes_max, 64 * kib, 64 * gib}});
  keys.push_back({"socket", "answer_wait_ms", integer_key{&to.answer_wait_ms, 0, hour_ms}});
  keys.push_back({"socket", "schema", choice(to.schema, {"lenient", "strict"})});
}

void bind_iggy(std::vector<key_binding>& keys, iggy_settings& to) {
  keys.push_back({"iggy", "addresses", list_key{&to.addresses, check_address}});
  keys.push_back({"iggy", "username", text_key{&to.username, 3, 50}});
  keys.push_back({"iggy", "password", text_key{&to.password, 3, 100}});
  keys.push_back({"iggy", "password_file", text_key{&to.password_file, 0, 4'095}});
  keys.push_back({"iggy", "token_file", text_key{&to.token_file, 0, 4'095}});
  keys.push_back({"iggy", "stream", text_key{&to.stream, 1, 255}});
  keys.push_back({"iggy", "topic", text_key{&to.topic, 1, 255}});
  keys.push_back({"iggy", "create", boolean_key{&to.create}});
  keys.push_back({"iggy", "partitions", integer_key{&to.partitions, 1, 1'000}});
  keys.push_back(
      {"iggy", "generation",
       choice(to.generation, {"auto", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.10"})});
  keys.push_back(
      {"iggy", "requests_in_flight_max", integer_key{&to.requests_in_flight_max, 1, 64}});
  keys.push_back({"iggy", "producer_identity", boolean_key{&to.producer_identity}});
  keys.push_back({"iggy", "connect_timeout_ms", integer_key{&to.connect_timeout_ms, 10, hour_ms}});
  keys.push_back({"iggy", "reply_timeout_ms", integer_key{&to.reply_timeout_ms, 10, hour_ms}});
  keys.push_back({"iggy", "heartbeat_ms", integer_key{&to.heartbeat_ms, 100, hour_ms}});
  keys.push_back({"iggy", "backoff_min_ms", integer_key{&to.backoff_min_ms, 1, hour_ms}});
  keys.push_back({"iggy", "backoff_max_ms", integer_key{&to.backoff_max_ms, 1, hour_ms}});
  keys.push_back({"iggy", "backoff_reset_ms", integer_key{&to.backoff_reset_ms, 0, hour_ms}});
  keys.push_back(
      {"iggy", "topology_refresh_ms", integer_key{&to.topology_refresh_ms, 100, hour_ms}});
}

}  // namespace

std::vector<key_binding> bind_keys(settings& to) {
  std::vector<key_binding> keys;
  bind_socket(keys, to.socket);
  bind_iggy(keys, to.iggy);
  keys.push_back({"batch", "events_max", integer_key{&to.batch.events_max, 1, 1'000'000}});
  keys.push_back({"batch", "bytes_max", integer_key{&to.batch.bytes_max, kib, 64 * mib}});
  keys.push_back({"batch", "linger_ms", integer_key{&to.batch.linger_ms, 0, 60'000}});
  keys.push_back({"queue", "events_max", integer_key{&to.queue.events_max, 2, 1'000'000'000}});
  keys.push_back({"queue", "bytes_max", integer_key{&to.queue.bytes_max, 64 * kib, 1'024 * gib}});
  keys.push_back(
      {"queue", "overflow", choice(to.queue.overflow, {"drop_oldest", "drop_newest", "block"})});
  keys.push_back({"queue", "block_ms", integer_key{&to.queue.block_ms, 0, hour_ms}});
  keys.push_back({"queue", "stall_ms", integer_key{&to.queue.stall_ms, 0, hour_ms}});
  keys.push_back(
      {"dead_letter", "path", text_key{&to.dead_letter.path, 0, 4'093, check_absolute_or_empty}});
  keys.push_back(
      {"dead_letter", "bytes_max", integer_key{&to.dead_letter.bytes_max, 64 * kib, 1'024 * gib}});
  keys.push_back(
      {"journal", "directory", text_key{&to.journal.directory, 0, 4'000, check_journal}});
  keys.push_back({"journal", "bytes_max", integer_key{&to.journal.bytes_max, mib, 1'024 * gib}});
  keys.push_back(
      {"journal", "sync", choice(to.journal.sync, {"every_group", "interval", "never"})});
  keys.push_back(
      {"journal", "sync_interval_ms", integer_key{&to.journal.sync_interval_ms, 1, 60'000}});
  keys.push_back({"journal", "lock_wait_ms", integer_key{&to.journal.lock_wait_ms, 0, 20'000}});
  keys.push_back({"admin", "socket", text_key{&to.admin.socket, 1, path_max, check_absolute}});
  keys.push_back(
      {"log", "level",
       choice(to.log.level, {"critical", "error", "warning", "notice", "info", "debug"})});
  keys.push_back({"log", "format", choice(to.log.format, {"auto", "journal", "text", "json"})});
  keys.push_back({"stop", "drain_ms", integer_key{&to.stop.drain_ms, 0, hour_ms}});
  return keys;
}

std::string key_binding::path() const {
  return "[" + std::string(section) + "] " + std::string(name);
}

std::string key_binding::environment_variable() const {
  std::string variable = "VIBES_INGESTD_" + std::string(section) + "_" + std::string(name);
  std::ranges::transform(variable, variable.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return variable;
}

std::string key_binding::current_text() const {
  struct shower {
    std::string operator()(const integer_key& key) const { return std::to_string(*key.target); }
    std::string operator()(const text_key& key) const { return toml_text(*key.target); }
    std::string operator()(const boolean_key& key) const { return *key.target ? "true" : "false"; }
    std::string operator()(const choice_key& key) const {
      return "\"" + key.names[key.get()] + "\"";
    }
    std::string operator()(const list_key& key) const {
      std::string all;
      for (const std::string& each : *key.target)
        all += (all.empty() ? "" : ", ") + toml_text(each);
      return "[" + all + "]";
    }
  };
  return std::visit(shower{}, value);
}

std::string check_address(std::string_view address) {
  const std::string wanted = "must be host:port or [v6]:port, such as \"127.0.0.1:8090\"";
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wanted;
  const std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (!bracketed && host.find_first_of(":[] \t") != std::string_view::npos) return wanted;
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return wanted;
  const unsigned long number = std::stoul(std::string(port));
  return number >= 1 && number <= 65'535 ? "" : "has a port outside 1 to 65535";
}

}  // namespace vibes::config
