#include "daemon/control/queue_commands.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstdio>
#include <optional>

#include "daemon/control/text_forms.hpp"

namespace vibes::control {

namespace json = boost::json;

namespace {

json::object mistake(const char* code, std::string message) {
  return {{"error", {{"code", code}, {"message", std::move(message)}}}};
}

json::object bad_request(const std::string& key) {
  return mistake("bad_request", key + " must be a whole number that is not negative");
}

/// Of a key that may be absent; `wrong` when it is there and no such number.
std::optional<std::uint64_t> number(const json::object& from, const char* key,
                                    std::uint64_t absent) {
  const json::value* const given = from.if_contains(key);
  if (given == nullptr) return absent;
  json::error_code error;
  const auto value = given->to_number<std::uint64_t>(error);
  if (error) return std::nullopt;
  return value;
}

const char* state_name(queue::entry_state state) {
  switch (state) {
    case queue::entry_state::queued: return "queued";
    case queue::entry_state::in_flight: return "in_flight";
    case queue::entry_state::returned: break;
  }
  return "returned";
}

json::object describe(const queue::entry& of, const upstream::outbox& in, time_point now) {
  std::array<char, 9> session{};
  std::snprintf(session.data(), session.size(), "%08x", static_cast<unsigned>(of.session));
  const auto partition = in.queue().partition_of(of);
  using std::chrono::milliseconds;
  return {{"sequence", of.number},
          {"age_ms", std::chrono::duration_cast<milliseconds>(now - of.arrived_at).count()},
          {"partition", partition ? json::value(*partition) : json::value()},
          {"session_hash", session.data()},
          {"bytes", of.payload_size},
          {"state", state_name(of.state)},
          {"droppable", queue::replay_queue::droppable(of)},
          {"message_id", id_text(of.id)}};
}

json::object page(json::array&& events, std::optional<queue::sequence> next,
                  const upstream::outbox& of) {
  return {{"events", std::move(events)},
          {"next", next ? json::value(*next) : json::value()},
          {"last", of.queue().last_sequence()}};
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
  const auto after = number(request, "after", 0);
  if (!after) return bad_request("after");
  const auto limit = number(request, "limit", limits.list_events_max);
  if (!limit) return bad_request("limit");
  const std::size_t events_max = std::min<std::uint64_t>(*limit, limits.list_events_max);
  json::array events;
  queue::sequence last = *after;
  std::optional<queue::sequence> next;
  of.queue().visit_after(*after, [&](const queue::entry& each) {
    if (events.size() == events_max) {
      next = last;
      return false;
    }
    last = each.number;
    events.push_back(describe(each, of, now));
    return true;
  });
  return page(std::move(events), next, of);
}

json::object export_queue(const json::object& request, const upstream::outbox& of,
                          const queue_command_limits& limits) {
  const auto after = number(request, "after", 0);
  if (!after) return bad_request("after");
  json::array events;
  std::size_t bytes = 0;
  queue::sequence last = *after;
  std::optional<queue::sequence> next;
  of.queue().visit_after(*after, [&](const queue::entry& each) {
    const bool full = bytes + each.payload_size > limits.export_bytes_max ||
                      events.size() == limits.list_events_max;
    if (!events.empty() && full) {
      next = last;
      return false;
    }
    last = each.number;
    bytes += each.payload_size;
    json::object& added = events.emplace_back(json::object{{"sequence", each.number}}).as_object();
    put_payload(added, each.text());
    return true;
  });
  return page(std::move(events), next, of);
}

json::object show_event(const json::object& request, const upstream::outbox& of, time_point now) {
  const auto wanted = number(request, "sequence", 0);
  if (!wanted || *wanted == 0) return bad_request("sequence");
  const queue::entry* const found = of.queue().find(*wanted);
  if (found == nullptr) {
    return mistake("no_such_event", "no event of sequence " + std::to_string(*wanted) +
                                        " waits: it was delivered, or lost, or never was");
  }
  json::object shown = describe(*found, of, now);
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
  const auto up_to = number(request, "up_to", of.queue().last_sequence());
  if (!up_to) return bad_request("up_to");
  const std::uint64_t dropped = of.drop_up_to(*up_to, limits.drop_events_max);
  return {
      {"dropped_events", dropped}, {"up_to", *up_to}, {"more", dropped == limits.drop_events_max}};
}

}  // namespace

json::object drop_from_queue(const json::object& request, upstream::outbox& of,
                             const queue_command_limits& limits) {
  const json::value* const all = request.if_contains("all");
  if (all != nullptr && all->is_bool() && all->get_bool()) return drop_all(request, of, limits);
  const json::value* const listed = request.if_contains("sequences");
  if (listed == nullptr || !listed->is_array()) {
    return mistake("bad_request", "say which: \"sequences\":[...], or \"all\":true");
  }
  std::vector<queue::sequence> wanted;
  for (const json::value& each : listed->get_array()) {
    json::error_code error;
    wanted.push_back(each.to_number<std::uint64_t>(error));
    if (error) return bad_request("each of sequences");
  }
  std::ranges::sort(wanted);
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const std::vector<queue::sequence> gone = of.drop(wanted);
  json::array dropped(gone.begin(), gone.end());
  json::array kept;
  for (const queue::sequence each : wanted) {
    if (!std::ranges::binary_search(gone, each)) kept.push_back(each);
  }
  return {{"dropped", std::move(dropped)}, {"kept", std::move(kept)}};
}

}  // namespace vibes::control
