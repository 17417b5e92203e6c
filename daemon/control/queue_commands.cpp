#include "daemon/control/queue_commands.hpp"

#include "daemon/control/text_forms.hpp"

namespace vibes::control {

namespace json = boost::json;

namespace {

const char* state_name(queue::entry_state state) {
  switch (state) {
    case queue::entry_state::queued: return "queued";
    case queue::entry_state::in_flight: return "in_flight";
    case queue::entry_state::returned: break;
  }
  return "returned";
}

waiting_event waiting_in_memory(const queue::entry& of, const upstream::outbox& in,
                                time_point now) {
  waiting_event made;
  made.number = of.number;
  made.id = of.id;
  made.session = of.session;
  using std::chrono::milliseconds;
  made.age_ms = std::chrono::duration_cast<milliseconds>(now - of.arrived_at).count();
  made.partition = in.queue().partition_of(of);
  made.state = state_name(of.state);
  made.droppable = queue::replay_queue::droppable(of);
  made.payload = of.text();
  return made;
}

json::object page(const json::object& request, event_page::form form, const upstream::outbox& of,
                  time_point now, const queue_command_limits& limits) {
  json::object wrong;
  std::optional<page_request> asked = page_of(request, form, limits, wrong);
  if (!asked) return wrong;
  queue::sequence last = asked->after;
  std::optional<queue::sequence> next;
  of.queue().visit_after(asked->after, [&](const queue::entry& each) {
    if (!asked->page.add(waiting_in_memory(each, of, now))) {
      next = last;
      return false;
    }
    last = each.number;
    return true;
  });
  return std::move(asked->page).done(next, of.queue().last_sequence());
}

}  // namespace

json::object pause_queue(upstream::outbox& of) {
  of.pause();
  return {{"paused", true}};
}

json::object resume_queue(upstream::outbox& of) {
  of.resume();
  return {{"paused", false}};
}

json::object list_queue(const json::object& request, const upstream::outbox& of, time_point now,
                        const queue_command_limits& limits) {
  return page(request, event_page::form::list, of, now, limits);
}

json::object export_queue(const json::object& request, const upstream::outbox& of,
                          const queue_command_limits& limits) {
  return page(request, event_page::form::with_payloads, of, {}, limits);
}

json::object show_event(const json::object& request, const upstream::outbox& of, time_point now) {
  const auto wanted = number_in(request, "sequence", 0);
  if (!wanted || *wanted == 0) return bad_request("sequence");
  const queue::entry* const found = of.queue().find(*wanted);
  if (found == nullptr) return no_such_event(*wanted);
  json::object shown = describe(waiting_in_memory(*found, of, now));
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

json::object drop_all(const json::object& request, upstream::outbox& of,
                      const queue_command_limits& limits) {
  const auto up_to = number_in(request, "up_to", of.queue().last_sequence());
  if (!up_to) return bad_request("up_to");
  const std::uint64_t dropped = of.drop_up_to(*up_to, limits.drop_events_max);
  return {
      {"dropped_events", dropped}, {"up_to", *up_to}, {"more", dropped == limits.drop_events_max}};
}

}  // namespace

json::object drop_from_queue(const json::object& request, upstream::outbox& of,
                             const queue_command_limits& limits) {
  if (wants_all(request)) return drop_all(request, of, limits);
  json::object wrong;
  const auto wanted = sequences_in(request, wrong);
  return wanted ? drop_answer(*wanted, of.drop(*wanted)) : wrong;
}

}  // namespace vibes::control
