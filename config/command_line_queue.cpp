#include <limits>

#include "config/command_line_parts.hpp"

namespace vibes::config {
namespace {

constexpr std::uint64_t sequence_max = std::numeric_limits<std::uint64_t>::max();

CLI::App& add_action(CLI::App& to, queue_options& options, queue_action action,
                     const std::string& name, const std::string& text) {
  CLI::App* const made = to.add_subcommand(name, text);
  add_config(*made, options.config);
  add_verbose(*made, options.verbose);
  made->final_callback([&options, action] { options.action = action; });
  return *made;
}

bool needs_daemon(queue_action action) {
  return action == queue_action::pause || action == queue_action::resume ||
         action == queue_action::requeue;
}

/// Those that need a running daemon know the option too, so that they can say so.
CLI::Option& add_journal(CLI::App& to, queue_options& options) {
  return *to.add_option("--journal", options.journal,
                        "no daemon runs: the directory of its journal; auto: that of the settings")
              ->type_name("DIR")
              ->check(not_empty());
}

/// An action that asks the running daemon.
CLI::App& add_asking(CLI::App& to, queue_options& options, queue_action action,
                     const std::string& name, const std::string& text) {
  CLI::App& made = add_action(to, options, action, name, text);
  CLI::Option* const socket =
      made.add_option("--admin-socket", options.admin_socket, "the daemon's admin socket")
          ->type_name("PATH")
          ->check(not_empty());
  CLI::Option& journal = add_journal(made, options);
  if (needs_daemon(action)) {
    journal.group("");
  } else {
    journal.excludes(socket);
  }
  return made;
}

void add_requeue(CLI::App& to, queue_options& options) {
  CLI::App& requeue = add_action(to, options, queue_action::requeue, "requeue",
                                 "hand the entries of a dead letter file to the daemon again");
  requeue.add_option("--dead-letter", options.file, "the file")
      ->type_name("FILE")
      ->check(not_empty())
      ->required();
  requeue
      .add_option("--socket", options.socket,
                  "the events' socket (default: the daemon's that is found)")
      ->type_name("PATH")
      ->check(not_empty());
  requeue.add_option("--ack", options.ack, "an event counts as taken when it is this")
      ->check(one_of({"received", "durable", "committed"}))
      ->capture_default_str();
  add_journal(requeue, options).group("");
  requeue.add_option("--deadline-ms", options.deadline_ms, "give up after this long")
      ->check(whole_number(1, 3'600'000))
      ->capture_default_str();
}

}  // namespace

void add_queue(CLI::App& to, queue_options& options) {
  to.require_subcommand(1);
  CLI::App& list = add_asking(to, options, queue_action::list, "list", "what waits, oldest first");
  list.add_option("--limit", options.limit, "at most so many events; 0: all")
      ->check(whole_number(0, 1'000'000'000))
      ->capture_default_str();
  list.add_flag("--json", options.json, "one JSON object a line");
  CLI::App& show = add_asking(to, options, queue_action::show, "show", "one waiting event, whole");
  show.add_option("sequence", options.sequences, "its sequence, as list shows it")
      ->required()
      ->check(whole_number(0, sequence_max))
      ->expected(1);
  show.add_flag("--json", options.json, "as JSON, with all that is known of it");
  CLI::App& copy = add_asking(to, options, queue_action::export_, "export",
                              "a copy of every waiting event, one a line, oldest first");
  copy.add_option("file", options.file, "a new file (default: standard output)")
      ->type_name("FILE")
      ->check(not_empty());
  CLI::App& drop = add_asking(to, options, queue_action::drop, "drop",
                              "take events out of the queue for good; their producers are told");
  drop.add_option("sequence", options.sequences, "their sequences, as list shows them")
      ->check(whole_number(0, sequence_max));
  drop.add_flag("--all", options.all, "all that were never put into a request to Iggy");
  drop.add_flag("--yes", options.yes, "yes, they are lost then");
  add_asking(to, options, queue_action::pause, "pause",
             "send nothing to Iggy until resume: events queue up");
  add_asking(to, options, queue_action::resume, "resume", "send again");
  add_requeue(to, options);
}

std::string check_together(const queue_options& queue) {
  if (!queue.journal.empty() && needs_daemon(queue.action)) {
    return "pause, resume and requeue need a running daemon: --journal is not for them";
  }
  if (queue.action != queue_action::drop) return {};
  if (queue.all == !queue.sequences.empty()) return "drop takes sequences, or --all";
  return queue.yes ? "" : "dropped events are lost: say --yes to that";
}

}  // namespace vibes::config
