#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>

#include "daemon/command/commands.hpp"
#include "daemon/command/daemon_sockets.hpp"
#include "daemon/command/queue_offline.hpp"
#include "daemon/command/queue_requeue.hpp"
#include "daemon/control/text_forms.hpp"

namespace vibes::command {
namespace {

using config::exit_code;
using config::queue_action;
using config::queue_options;
namespace json = boost::json;

/// The daemon that is asked.
class daemon_end final : public queue_end {
 public:
  explicit daemon_end(std::string path) : path_(std::move(path)) {}
  outcome ask(const json::object& request, json::object& answer) override {
    return ask_daemon(path_, request, answer);
  }

 private:
  std::string path_;
};

std::string text(const json::value& of) {
  if (of.is_string()) return std::string(of.get_string());
  return of.is_null() ? "-" : json::serialize(of);
}

std::uint64_t number(const json::object& from, const char* key) {
  json::error_code error;
  const json::value* const found = from.if_contains(key);
  return found == nullptr ? 0 : found->to_number<std::uint64_t>(error);
}

void print_event(const json::object& event) {
  const auto cell = [&](const char* key) { return text(event.at(key)); };
  std::printf("%10s %10s %9s %8s %9s %-9s %s\n", cell("sequence").c_str(), cell("age_ms").c_str(),
              cell("partition").c_str(), cell("session_hash").c_str(), cell("bytes").c_str(),
              cell("state").c_str(), cell("message_id").c_str());
}

/// Asks for page after page, up to the event that was the newest at the first one; `visit` gets
/// each event, and says whether to go on.
template <class Visit>
outcome for_each_event(queue_end& from, const char* command, std::uint64_t page_max,
                       Visit&& visit) {
  std::uint64_t after = 0;
  std::optional<std::uint64_t> last;
  std::uint64_t unreadable = 0;
  const auto ended = [&]() -> outcome {
    if (unreadable == 0) return {};
    return {exit_code::failed, std::to_string(unreadable) + " events on disk could not be read"};
  };
  while (true) {
    json::object request{{"command", command}, {"after", after}};
    if (page_max > 0) request["limit"] = page_max;
    json::object page;
    if (outcome wrong = from.ask(request, page); !wrong.ok()) return wrong;
    if (!last) last = number(page, "last");
    for (const json::value& each : page.at("events").as_array()) {
      const json::object& event = each.as_object();
      if (number(event, "sequence") > *last || !visit(event)) return ended();
    }
    unreadable += number(page, "unreadable_events");
    if (page.at("next").is_null()) return ended();
    after = number(page, "next");
  }
}

outcome list(queue_end& from, const queue_options& options) {
  std::uint64_t shown = 0;
  bool more = false;
  if (!options.json) {
    std::printf("%10s %10s %9s %8s %9s %-9s %s\n", "sequence", "age ms", "partition", "session",
                "bytes", "state", "message id");
  }
  const std::uint64_t page_max = options.limit == 0 ? 0 : options.limit + 1;
  outcome ended = for_each_event(from, "queue_list", page_max, [&](const json::object& event) {
    more = options.limit > 0 && shown == options.limit;
    if (more) return false;
    ++shown;
    if (options.json) {
      std::printf("%s\n", json::serialize(event).c_str());
    } else {
      print_event(event);
    }
    return true;
  });
  std::fflush(stdout);
  if (ended.ok() && more) {
    std::cerr << "there is more: --limit 0 shows all\n";
  }
  return ended;
}

outcome show(queue_end& from, const queue_options& options) {
  json::object event;
  const json::object request{{"command", "queue_show"}, {"sequence", options.sequences.front()}};
  if (outcome wrong = from.ask(request, event); !wrong.ok()) return wrong;
  std::cout << (options.json ? json::serialize(event)
                             : control::payload_of(event).value_or(std::string()))
            << "\n";
  return {};
}

struct file_closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using owned_file = std::unique_ptr<std::FILE, file_closer>;

/// A new file, for its owner's eyes only: events may be anything.
owned_file create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return owned_file(descriptor < 0 ? nullptr : ::fdopen(descriptor, "wb"));
}

outcome export_events(queue_end& from, const queue_options& options) {
  owned_file file;
  if (!options.file.empty() && !(file = create(options.file))) {
    return {exit_code::cannot_create,
            "cannot create " + options.file + " (" + std::strerror(errno) + ")"};
  }
  std::FILE* const to = file ? file.get() : stdout;
  bool written = true;
  outcome ended = for_each_event(from, "queue_export", 0, [&](const json::object& event) {
    const std::string line = control::payload_of(event).value_or(std::string()) + "\n";
    written = std::fwrite(line.data(), 1, line.size(), to) == line.size();
    return written;
  });
  if (std::fflush(to) != 0 || !written) return {exit_code::failed, "the copy could not be written"};
  return ended;
}

outcome drop_all(queue_end& from) {
  json::object request{{"command", "queue_drop"}, {"all", true}};
  std::uint64_t dropped = 0;
  for (bool more = true; more;) {
    json::object answer;
    if (outcome wrong = from.ask(request, answer); !wrong.ok()) return wrong;
    dropped += number(answer, "dropped_events");
    request["up_to"] = answer.at("up_to");
    more = answer.at("more").as_bool();
  }
  std::cout << "dropped " << dropped << " events\n";
  return {};
}

outcome drop(queue_end& from, const queue_options& options) {
  if (options.all) return drop_all(from);
  // A request is bounded: 100 sequences are at most 2 KB of it.
  constexpr std::size_t sequences_max = 100;
  std::size_t dropped = 0;
  std::string kept;
  for (std::size_t at = 0; at < options.sequences.size(); at += sequences_max) {
    const std::size_t end = std::min(options.sequences.size(), at + sequences_max);
    const json::array some(options.sequences.begin() + static_cast<std::ptrdiff_t>(at),
                           options.sequences.begin() + static_cast<std::ptrdiff_t>(end));
    json::object answer;
    const json::object request{{"command", "queue_drop"}, {"sequences", some}};
    if (outcome wrong = from.ask(request, answer); !wrong.ok()) return wrong;
    dropped += answer.at("dropped").as_array().size();
    for (const json::value& each : answer.at("kept").as_array()) kept += " " + text(each);
  }
  std::cout << "dropped " << dropped << " events\n";
  if (kept.empty()) return {};
  return {exit_code::failed, "not dropped, because Iggy may have them or they do not wait:" + kept};
}

outcome tell(queue_end& from, const char* command) {
  json::object answer;
  return from.ask({{"command", command}}, answer);
}

outcome act(queue_end& from, const queue_options& options) {
  switch (options.action) {
    case queue_action::list: return list(from, options);
    case queue_action::show: return show(from, options);
    case queue_action::export_: return export_events(from, options);
    case queue_action::drop: return drop(from, options);
    case queue_action::pause: return tell(from, "queue_pause");
    case queue_action::resume: return tell(from, "queue_resume");
    case queue_action::requeue: break;
  }
  return {};
}

outcome run(const queue_options& options) {
  if (options.action == queue_action::requeue) return requeue(options);
  if (!options.journal.empty()) {
    return with_journal(options, [&](queue_end& from) { return act(from, options); });
  }
  const std::optional<std::string> path = admin_path(options.config, options.admin_socket);
  if (!path) return {exit_code::bad_configuration, "the settings have mistakes"};
  daemon_end daemon(*path);
  return act(daemon, options);
}

}  // namespace

int run_command(const queue_options& options) {
  outcome ended;
  try {
    ended = run(options);
  } catch (const std::exception& odd) {
    // Boost.JSON throws where an answer is not of the form that a daemon of ours gives it.
    ended = {exit_code::failed, "an answer that makes no sense (" + std::string(odd.what()) + ")"};
  }
  if (!ended.ok()) std::cerr << "vibes-ingestd queue: " << ended.complaint << "\n";
  return to_int(ended.code);
}

}  // namespace vibes::command
