#include "daemon/io/admin/admin_commands.hpp"

#include "daemon/admin/queue_commands.hpp"
#include "daemon/base/log.hpp"
#include "daemon/io/process/wall_clock.hpp"

namespace vibes::io {

namespace json = boost::json;

namespace {

admin::clock_reading now() {
  return {std::chrono::steady_clock::now(), unix_time_us()};
}

/// A command that may have to see the disk before it can answer. `needed` says what of it, `answer`
/// answers.
template <class Needed, class Answer>
auto with_disk(store::outbox& queue, const peek_function& peek, Needed needed, Answer answer) {
  return [&queue, peek, needed, answer](const json::object& request,
                                        const admin_server::answer_to& told) {
    const std::optional<peek_requests::request> wanted = needed(request, queue);
    if (!wanted) return told(answer(request, nullptr));
    peek(*wanted, [request, told, answer](const result<journal::backlog_events>& found) {
      told(found ? answer(request, &*found) : admin::disk_failed(found.error()));
    });
  };
}

auto page_needed(const json::object& request, const store::outbox& queue) {
  return admin::disk_read_for_page(request, queue);
}

/// Every event that an operator takes is worth a line: it is a loss that somebody wanted.
json::object drop(const json::object& request, store::outbox& queue) {
  const auto dropped = [&] { return queue.losses().of(store::loss_reason::dropped_by_operator); };
  const std::uint64_t before = dropped();
  json::object answer = admin::drop_from_queue(request, queue);
  if (const std::uint64_t gone = dropped() - before; gone > 0) {
    log(log_level::warning, "an operator dropped " + std::to_string(gone) + " queued events");
  }
  return answer;
}

}  // namespace

void add_queue_commands(admin_server::commands& to, store::outbox& queue, const peek_function& peek,
                        const std::function<void()>& changed) {
  using on_disk = const journal::backlog_events*;
  to["queue_list"] =
      with_disk(queue, peek, page_needed, [&queue](const json::object& request, on_disk page) {
        return admin::list_queue(request, queue, now(), {}, page);
      });
  to["queue_export"] =
      with_disk(queue, peek, page_needed, [&queue](const json::object& request, on_disk page) {
        return admin::export_queue(request, queue, {}, page);
      });
  to["queue_show"] = with_disk(queue, peek, admin::disk_read_for_event,
                               [&queue](const json::object& request, on_disk page) {
                                 return admin::show_event(request, queue, now(), page);
                               });
  to["queue_drop"] = admin_server::at_once([&queue, changed](const json::object& request) {
    json::object answer = drop(request, queue);
    changed();
    return answer;
  });
  to["queue_pause"] = admin_server::at_once([&queue](const json::object&) {
    if (!queue.paused()) log(log_level::warning, "paused by an operator: nothing goes to Iggy");
    return admin::pause_queue(queue);
  });
  to["queue_resume"] = admin_server::at_once([&queue, changed](const json::object&) {
    if (queue.paused()) log(log_level::notice, "resumed by an operator");
    json::object answer = admin::resume_queue(queue);
    changed();
    return answer;
  });
}

}  // namespace vibes::io
