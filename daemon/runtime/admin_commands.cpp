#include "daemon/runtime/admin_commands.hpp"

#include "daemon/base/log.hpp"
#include "daemon/control/queue_commands.hpp"

namespace vibes::runtime {

namespace json = boost::json;

namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

/// Every event that an operator takes is worth a line: it is a loss that somebody wanted.
json::object drop(const json::object& request, upstream::outbox& queue) {
  const auto dropped = [&] { return queue.losses().of(queue::loss_reason::dropped_by_operator); };
  const std::uint64_t before = dropped();
  json::object answer = control::drop_from_queue(request, queue);
  if (const std::uint64_t gone = dropped() - before; gone > 0) {
    log(log_level::warning, "an operator dropped " + std::to_string(gone) + " queued events");
  }
  return answer;
}

}  // namespace

void add_queue_commands(admin_server::commands& to, upstream::outbox& queue,
                        std::function<void()> changed) {
  to["queue_list"] = [&queue](const json::object& request) {
    return control::list_queue(request, queue, now());
  };
  to["queue_show"] = [&queue](const json::object& request) {
    return control::show_event(request, queue, now());
  };
  to["queue_export"] = [&queue](const json::object& request) {
    return control::export_queue(request, queue);
  };
  to["queue_drop"] = [&queue, changed](const json::object& request) {
    json::object answer = drop(request, queue);
    changed();
    return answer;
  };
  to["queue_pause"] = [&queue](const json::object&) {
    if (!queue.paused()) log(log_level::warning, "paused by an operator: nothing goes to Iggy");
    return control::pause_queue(queue);
  };
  to["queue_resume"] = [&queue, changed](const json::object&) {
    if (queue.paused()) log(log_level::notice, "resumed by an operator");
    json::object answer = control::resume_queue(queue);
    changed();
    return answer;
  };
}

}  // namespace vibes::runtime
