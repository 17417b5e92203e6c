#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vibes::config {

// One struct for each section of the file, one member for each key, under the same names. Sizes are
// bytes, times milliseconds, as the names say; ranges are in keys.cpp and docs/configuration.md.

enum class schema : std::uint8_t { lenient, strict };
enum class overflow : std::uint8_t { drop_oldest, drop_newest, block };
enum class generation : std::uint8_t { auto_, v0_4, v0_5, v0_6, v0_7, v0_8, v0_9, v0_10 };
enum class sync_policy : std::uint8_t { every_group, interval, never };
enum class log_severity : std::uint8_t { critical, error, warning, notice, info, debug };
enum class log_format : std::uint8_t { auto_, journal, text, json };

struct socket_settings {
  std::string path = "/run/vibes-ingestd/events.sock";
  std::string mode = "0660";
  std::string group;
  std::uint64_t max_event_bytes = 1'048'576;
  std::uint64_t connections_max = 1'024;
  std::uint64_t pending_answers_bytes_max = 262'144;
  std::uint64_t partial_lines_bytes_max = 67'108'864;
  std::uint64_t answer_wait_ms = 60'000;
  config::schema schema = config::schema::lenient;
};

struct iggy_settings {
  std::vector<std::string> addresses = {"127.0.0.1:8090"};
  std::string username = "iggy";
  std::string password = "iggy";
  std::string password_file;
  std::string token_file;
  std::string stream = "vibes";
  std::string topic = "events";
  bool create = true;
  std::uint64_t partitions = 8;
  config::generation generation = config::generation::auto_;
  std::uint64_t requests_in_flight_max = 4;
  bool producer_identity = true;
  std::uint64_t connect_timeout_ms = 5'000;
  std::uint64_t reply_timeout_ms = 10'000;
  std::uint64_t heartbeat_ms = 5'000;
  std::uint64_t backoff_min_ms = 50;
  std::uint64_t backoff_max_ms = 10'000;
  std::uint64_t backoff_reset_ms = 10'000;
  std::uint64_t topology_refresh_ms = 30'000;
};

struct batch_settings {
  std::uint64_t events_max = 5'000;
  std::uint64_t bytes_max = 1'048'576;
  std::uint64_t linger_ms = 5;
};

struct queue_settings {
  std::uint64_t events_max = 10'000;
  std::uint64_t bytes_max = 67'108'864;
  config::overflow overflow = config::overflow::drop_oldest;
  std::uint64_t block_ms = 1'000;
  std::uint64_t stall_ms = 1'000;
};

struct dead_letter_settings {
  std::string path;  // empty: off
  std::uint64_t bytes_max = 67'108'864;
};

struct journal_settings {
  std::string directory = "auto";
  std::uint64_t bytes_max = 1'073'741'824;
  sync_policy sync = sync_policy::every_group;
  std::uint64_t sync_interval_ms = 100;
  std::uint64_t lock_wait_ms = 20'000;
  /// Where it is then; empty: there is none. Resolved by load().
  std::string resolved_directory;
};

struct admin_settings {
  std::string socket = "/run/vibes-ingestd/admin.sock";
};

struct log_settings {
  log_severity level = log_severity::info;
  log_format format = log_format::auto_;
};

struct stop_settings {
  std::uint64_t drain_ms = 10'000;
};

/// Where a secret was found, for people; the secret itself is never shown.
struct secrets {
  std::string password;         // of [iggy] username
  std::string token;            // wins over the password when not empty
  std::string password_source;  // "the systemd credential iggy-password", "[iggy] password", ...
  std::string token_source;
};

/// A directory that the daemon makes at its start when it is missing, with its parents.
struct directory_to_make {
  std::string path;
  std::uint32_t mode = 0700;
};

struct settings {
  socket_settings socket;
  iggy_settings iggy;
  batch_settings batch;
  queue_settings queue;
  dead_letter_settings dead_letter;
  journal_settings journal;
  admin_settings admin;
  log_settings log;
  stop_settings stop;
  // Resolved from the above by load().
  config::secrets secrets;
  std::vector<directory_to_make> directories;
  std::vector<std::string> warnings;  // no mistakes: said by `check`, at the start, and by `status`
};

}  // namespace vibes::config
