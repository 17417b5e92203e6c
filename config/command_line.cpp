#include "config/command_line.hpp"

#include <cstdlib>
#include <limits>
#include <sstream>
#include <string_view>

#include "config/command_line_parts.hpp"
#include "config/exit_code.hpp"
#include "config/nearest.hpp"
#include "config/places.hpp"

namespace vibes::config {
namespace {

constexpr std::uint64_t deadline_ms_max = 3'600'000;

constexpr const char* examples = R"(Examples:
  vibes-ingestd run --config /etc/vibes-ingestd/vibes-ingestd.toml
  vibes-ingestd check --event sample.ndjson
  echo '{"type":"server_started","port":8080}' | vibes-ingestd send --ack committed
  vibes-ingestd send --hook pre_tool_use --quiet-failure < payload.json
  vibes-ingestd status
  vibes-ingestd queue list
  vibes-ingestd tail --follow --session 3535585c-1b7e-4a62-9d1c-000000000001
Exit codes: docs/exit-codes.md; 0 is success, 64 a wrong command line, 78 wrong settings.)";

config_file_option default_config() {
  const char* const named = std::getenv("VIBES_INGESTD_CONFIG");
  if (named != nullptr && *named != '\0') return {named, true};
  return {};
}

void add_check(CLI::App& to, check_options& options) {
  add_config(to, options.config);
  to.add_option("--event", options.event_file,
                "also say what would become of each line of this file (- for standard input)")
      ->type_name("FILE")
      ->check(not_empty());
  to.add_option("--partitions", options.partitions, "partition count to reckon with")
      ->check(whole_number(1, 10'000));
  to.add_flag("--online", options.online,
              "ask Iggy: the login, stream and topic, and how many partitions there are");
  to.add_flag("--json", options.json, "one JSON object a line");
}

void add_send(CLI::App& to, send_options& options) {
  add_config(to, options.config);
  add_verbose(to, options.verbose);
  to.add_option("event", options.events,
                "events; without any, each line of standard input is one, and goes as it comes");
  to.add_option("--socket", options.socket, "the daemon's socket (default: that which is found)")
      ->type_name("PATH")
      ->check(not_empty());
  to.add_option("--deadline-ms", options.deadline_ms,
                "give up when the daemon owes something and does nothing for this long")
      ->check(whole_number(1, deadline_ms_max))
      ->capture_default_str();
  to.add_option("--ack", options.ack, "wait until the events are received, durable or committed")
      ->check(one_of({"received", "durable", "committed"}));
  to.add_option("--hook", options.hook,
                "wrap a hook's payload (standard input or one argument) as an event of this hook")
      ->type_name("TYPE")
      ->check(not_empty());
  to.add_flag("--quiet-failure", options.quiet_failure,
              "exit 0 whatever happens: a hook must not fail its caller");
}

void add_tail(CLI::App& to, tail_options& options) {
  add_config(to, options.config);
  add_verbose(to, options.verbose);
  to.add_flag("--follow", options.follow, "go on when there is nothing more");
  to.add_option("--group", options.group, "read as this named consumer")
      ->type_name("NAME")
      ->check(not_empty());
  to.add_flag("--commit", options.commit, "store how far was read, under the name of --group");
  to.add_option("--partition", options.partition, "read this partition only")
      ->check(whole_number(0, std::numeric_limits<std::uint32_t>::max()));
  to.add_option("--session", options.session, "show this session only (it has one partition)");
  to.add_option("--from", options.from,
                "where to begin: beginning, end, committed, an offset, or -N for N before the end")
      ->type_name("WHERE")
      ->check(not_empty());
  to.add_option("--count", options.count, "end after this many events")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
  to.add_option("--timeout-ms", options.timeout_ms,
                "without --follow: end when nothing has come for this long")
      ->check(whole_number(0, deadline_ms_max))
      ->capture_default_str();
  to.add_flag("--json", options.json, "one JSON object a line");
  to.add_option("--stream", options.stream, "instead of the settings' stream")->check(not_empty());
  to.add_option("--topic", options.topic, "instead of the settings' topic")->check(not_empty());
}

/// What the options cannot say of themselves.
std::string check_together(const tail_options& tail) {
  if (tail.commit && tail.group.empty()) return "--commit needs --group NAME to commit under";
  if (tail.partition && tail.session)
    return "--session has its own partition: leave out --partition";
  if (tail.from == "committed" && tail.group.empty()) return "--from committed needs --group NAME";
  if (tail.from.empty() || tail.from == "beginning" || tail.from == "end" ||
      tail.from == "committed") {
    return {};
  }
  const std::string digits = tail.from.substr(tail.from.starts_with('-') ? 1 : 0);
  const bool number = !digits.empty() && digits.size() <= 18 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  return number ? ""
                : "--from must be beginning, end, committed, an offset or -N" +
                      did_you_mean(tail.from, {"beginning", "end", "committed"});
}

/// What the parser found, and the word that will have been at the bottom of it.
std::string explain(const CLI::ParseError& error, const std::string& unknown) {
  const std::string text = error.what();
  if (unknown.empty()) return text;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown;
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) return text + ": " + unknown;
  return text;
}

exit_now mistake(std::string text) {
  return {to_int(exit_code::usage), {}, std::move(text)};
}

}  // namespace

void add_config(CLI::App& to, config_file_option& option) {
  option = default_config();
  to.add_option_function<std::string>(
        "--config",
        [&option](const std::string& path) {
          option = {path, true};
        },
        "the settings (default: $VIBES_INGESTD_CONFIG, else your own, else " +
            std::string(default_path) + ")")
      ->type_name("FILE")
      ->check(not_empty());
}

void add_verbose(CLI::App& to, bool& verbose) {
  to.add_flag("-v,--verbose", verbose, "say on standard error which daemon or settings are used");
}

command parse_command_line(int argc, const char* const* argv) {
  run_options run;
  check_options check;
  send_options send;
  status_options status;
  queue_options queue;
  tail_options tail;

  CLI::App app("Takes VibesEvent JSON from a local socket and forwards it to Apache Iggy.",
               "vibes-ingestd");
  app.set_version_flag("--version", "vibes-ingestd " VIBES_VERSION);
  app.footer(examples);
  app.require_subcommand(1);
  CLI::App* const run_app = app.add_subcommand("run", "the daemon itself, in the foreground");
  add_config(*run_app, run.config);
  CLI::App* const check_app = app.add_subcommand(
      "check", "say every mistake in the settings, and what events would become");
  add_check(*check_app, check);
  CLI::App* const send_app = app.add_subcommand("send", "hand events to the daemon");
  add_send(*send_app, send);
  CLI::App* const status_app = app.add_subcommand("status", "how the running daemon is");
  add_config(*status_app, status.config);
  add_verbose(*status_app, status.verbose);
  status_app->add_option("--admin-socket", status.admin_socket, "the daemon's admin socket")
      ->check(not_empty());
  status_app->add_flag("--json", status.json, "as JSON");
  CLI::App* const queue_app =
      app.add_subcommand("queue", "see and change what the daemon keeps for Iggy");
  add_queue(*queue_app, queue);
  CLI::App* const tail_app = app.add_subcommand("tail", "read events back from Iggy");
  add_tail(*tail_app, tail);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream ignored;
    if (app.exit(error, out, ignored) == 0) return exit_now{0, out.str(), {}};
    return mistake(explain(error, unknown_word(app, argc, argv)));
  }
  if (*run_app) return run;
  if (*check_app) return check;
  if (*send_app) return send;
  if (*status_app) return status;
  const std::string wrong = *queue_app ? check_together(queue) : check_together(tail);
  if (!wrong.empty()) return mistake(wrong);
  if (*queue_app) return queue;
  return tail;
}

bool failure_is_quiet(int argc, const char* const* argv) {
  bool sending = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") return false;
    if (sending && word == "--quiet-failure") return true;
    if (!sending && !word.starts_with('-')) {
      if (word != "send") return false;
      sending = true;
    }
  }
  return false;
}

}  // namespace vibes::config
