#include "daemon/admin/queue_commands.hpp"

#include "daemon/admin/text_forms.hpp"

namespace vibes::admin {

namespace json = boost::json;

namespace {

json::object page(const json::object& request, event_page::form form, const store::outbox& of,
                  const clock_reading& at, const queue_command_limits& limits,
                  const journal::backlog_events* on_disk) {
  json::object wrong;
  std::optional<page_request> asked = page_of(request, form, limits, wrong);
  return asked ? fill_page(std::move(*asked), of, at, on_disk) : wrong;
}

json::object show_from_spill(store::sequence_number wanted, const store::outbox& of,
                             const clock_reading& at, const journal::backlog_events* on_disk) {
  const store::spill& spilled = of.journal().spilled();
  json::object shown;
  const auto show = [&](const journal::event_record& found) {
    if (found.sequence == wanted) shown = describe_with_payload(waiting_in_spill(found, of, at));
    return false;
  };
  if (spilled.is_pending(wanted)) {
    spilled.visit_pending(wanted, show);
  } else if (on_disk == nullptr || wanted >= spilled.disk_end()) {
    return disk_busy();
  } else if (on_disk->lost.contains(wanted)) {
    return unreadable_event(wanted);
  } else if (!on_disk->events.empty()) {
    show(*journal::decode_event(on_disk->events.bytes()));
  }
  return shown.empty() ? no_such_event(wanted) : shown;
}

}  // namespace

json::object pause_queue(store::outbox& of) {
  of.pause();
  return {{"paused", true}};
}

json::object resume_queue(store::outbox& of) {
  of.resume();
  return {{"paused", false}};
}

std::optional<journal::journal_job::read_request> disk_read_for_page(
    const json::object& request, const store::outbox& of, const queue_command_limits& limits) {
  json::object wrong;
  const auto asked = page_of(request, event_page::form::list, limits, wrong);
  if (!asked) return std::nullopt;
  return disk_read_for(of, asked->after, asked->page.events_max(), limits.export_bytes_max);
}

std::optional<journal::journal_job::read_request> disk_read_for_event(const json::object& request,
                                                                      const store::outbox& of) {
  const auto wanted = number_in(request, "sequence", 0);
  const store::spill& spilled = of.journal().spilled();
  if (!wanted || !spilled.events().contains(*wanted) || spilled.is_pending(*wanted))
    return std::nullopt;
  return journal::journal_job::read_request{*wanted, {1, 1}};
}

json::object list_queue(const json::object& request, const store::outbox& of,
                        const clock_reading& at, const queue_command_limits& limits,
                        const journal::backlog_events* on_disk) {
  return page(request, event_page::form::list, of, at, limits, on_disk);
}

json::object export_queue(const json::object& request, const store::outbox& of,
                          const queue_command_limits& limits,
                          const journal::backlog_events* on_disk) {
  return page(request, event_page::form::with_payloads, of, time_point(), limits, on_disk);
}

json::object show_event(const json::object& request, const store::outbox& of,
                        const clock_reading& at, const journal::backlog_events* on_disk) {
  const auto wanted = number_in(request, "sequence", 0);
  if (!wanted || *wanted == 0) return bad_request("sequence");
  if (of.journal().spilled().events().contains(*wanted)) {
    return show_from_spill(*wanted, of, at, on_disk);
  }
  const store::entry* const found = of.queue().find(*wanted);
  if (found == nullptr) return no_such_event(*wanted);
  json::object shown = describe(waiting_in_memory(*found, of, at));
  if (found->origin.connection != 0) {
    shown["connection"] = found->origin.connection;
    shown["pid"] = found->origin.pid;
    shown["uid"] = found->origin.uid;
    shown["line"] = found->line;
  }
  put_payload(shown, found->text());
  return shown;
}

namespace {

json::object drop_all(const json::object& request, store::outbox& of,
                      const queue_command_limits& limits) {
  const auto up_to = number_in(request, "up_to", of.queue().last_sequence());
  if (!up_to) return bad_request("up_to");
  const std::uint64_t dropped = of.drop_up_to(*up_to, limits.drop_events_max);
  return {
      {"dropped_events", dropped}, {"up_to", *up_to}, {"more", dropped == limits.drop_events_max}};
}

}  // namespace

json::object drop_from_queue(const json::object& request, store::outbox& of,
                             const queue_command_limits& limits) {
  if (wants_all(request)) return drop_all(request, of, limits);
  json::object wrong;
  const auto wanted = sequences_in(request, wrong);
  return wanted ? drop_answer(*wanted, of.drop(*wanted)) : wrong;
}

}  // namespace vibes::admin
