#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vibes::config {

/// What --config or VIBES_INGESTD_CONFIG name. Without one config/places.hpp chooses.
struct config_file_option {
  std::string path;  // empty: not named
  bool named_by_user = false;
};

struct run_options {
  config_file_option config;
};

struct check_options {
  config_file_option config;
  std::string event_file;  // "-": standard input; empty: only the settings
  std::optional<std::uint32_t> partitions;
  bool online = false;
  bool json = false;
};

struct send_options {
  config_file_option config;
  std::vector<std::string> events;  // empty: lines of standard input
  std::string socket;               // empty: looked for (config/places.hpp)
  std::uint64_t deadline_ms = 1'000;
  std::string ack;   // "", "received", "durable" or "committed"
  std::string hook;  // a hook's type; empty: events as they are
  bool quiet_failure = false;
  bool verbose = false;  // say which daemon is asked
};

struct status_options {
  config_file_option config;
  std::string admin_socket;  // empty: looked for
  bool json = false;
  bool verbose = false;
};

enum class queue_action : std::uint8_t { list, show, export_, drop, pause, resume, requeue };

/// `queue` and what follows it; an action uses those that mean something to it.
struct queue_options {
  queue_action action = queue_action::list;
  config_file_option config;
  std::string admin_socket;  // empty: looked for
  std::string journal;  // a directory instead of a daemon; "auto": of the settings; empty: none
  std::string socket;   // requeue: the events' socket; empty: looked for
  std::string file;     // requeue: a dead letter file; export: empty for standard output
  std::string ack = "committed";
  std::uint64_t deadline_ms = 60'000;
  std::uint64_t limit = 100;             // 0: none
  std::vector<std::uint64_t> sequences;  // show: one
  bool all = false;
  bool yes = false;
  bool json = false;
  bool verbose = false;
};

struct tail_options {
  config_file_option config;
  bool follow = false;
  std::string group;  // a consumer's name; empty: a nameless reader that cannot commit
  bool commit = false;
  std::optional<std::uint32_t> partition;
  std::optional<std::string> session;
  std::string from;  // beginning, end, committed, N or -N
  std::optional<std::uint64_t> count;
  std::uint64_t timeout_ms = 1'000;
  bool json = false;
  bool verbose = false;
  std::string stream;
  std::string topic;
};

/// Help, version, or a mistake: print and end.
struct exit_now {
  int code = 0;
  std::string out;
  std::string err;  // one mistake, without a line's end; what it quotes is as it came
};

using command = std::variant<run_options, check_options, send_options, status_options,
                             queue_options, tail_options, exit_now>;

/// Never prints.
command parse_command_line(int argc, const char* const* argv);

/// Whether this is a `send` that ends with 0 whatever happens. Asked of the words themselves, so
/// that it holds for a command line with mistakes too.
bool failure_is_quiet(int argc, const char* const* argv);

}  // namespace vibes::config
