#include "daemon/admin/queue_answers.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "daemon/admin/text_forms.hpp"

namespace vibes::admin {

namespace json = boost::json;

json::object mistake(const char* code, const std::string& message) {
  return {{"error", {{"code", code}, {"message", message}}}};
}

json::object bad_request(const std::string& key) {
  return mistake("bad_request", key + " must be a whole number that is not negative");
}

json::object no_such_event(store::sequence_number wanted) {
  return mistake("no_such_event", "no event of sequence " + std::to_string(wanted) +
                                      " waits: it was delivered, or lost, or never was");
}

json::object unreadable_event(store::sequence_number wanted) {
  return mistake("unreadable_event", "event " + std::to_string(wanted) +
                                         " is in the journal, but the disk does not give it back");
}

json::object disk_failed(const error_code& error) {
  if (error == boost::system::errc::timed_out) {
    return mistake("disk_late", "the journal's disk does not answer: what is on it is not shown");
  }
  return mistake("disk_failed", "the journal's disk failed: " + error.message());
}

std::optional<std::uint64_t> number_in(const json::object& request, const char* key,
                                       std::uint64_t absent) {
  const json::value* const given = request.if_contains(key);
  if (given == nullptr) return absent;
  json::error_code error;
  const auto value = given->to_number<std::uint64_t>(error);
  if (error) return std::nullopt;
  return value;
}

bool wants_all(const json::object& request) {
  const json::value* const all = request.if_contains("all");
  return all != nullptr && all->is_bool() && all->get_bool();
}

std::optional<std::vector<store::sequence_number>> sequences_in(const json::object& request,
                                                                json::object& wrong) {
  const json::value* const listed = request.if_contains("sequences");
  if (listed == nullptr || !listed->is_array()) {
    wrong = mistake("bad_request", "say which: \"sequences\":[...], or \"all\":true");
    return std::nullopt;
  }
  std::vector<store::sequence_number> wanted;
  for (const json::value& each : listed->get_array()) {
    json::error_code error;
    wanted.push_back(each.to_number<std::uint64_t>(error));
    if (!error) continue;
    wrong = bad_request("each of sequences");
    return std::nullopt;
  }
  std::ranges::sort(wanted);
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return wanted;
}

json::object drop_answer(const std::vector<store::sequence_number>& wanted,
                         const std::vector<store::sequence_number>& gone) {
  json::array kept;
  for (const store::sequence_number each : wanted) {
    if (!std::ranges::binary_search(gone, each)) kept.push_back(each);
  }
  return {{"dropped", json::array(gone.begin(), gone.end())}, {"kept", std::move(kept)}};
}

waiting_event waiting_on_disk(const journal::event_record& of, bool droppable,
                              std::uint64_t unix_us) {
  waiting_event made;
  made.sequence = of.sequence;
  made.id = of.id;
  made.session = of.session;
  const std::uint64_t age_us = unix_us - std::min(unix_us, of.origin_time_us);
  made.age_ms = static_cast<std::int64_t>(age_us / 1'000);
  made.state = droppable ? "on_disk" : "returned";
  made.droppable = droppable;
  made.payload = {reinterpret_cast<const char*>(of.payload.data()), of.payload.size()};
  return made;
}

json::object describe(const waiting_event& of) {
  std::array<char, 9> session{};
  std::snprintf(session.data(), session.size(), "%08x", static_cast<unsigned>(of.session));
  return {{"sequence", of.sequence},
          {"age_ms", of.age_ms},
          {"partition", of.partition ? json::value(*of.partition) : json::value()},
          {"session_hash", session.data()},
          {"bytes", of.payload.size()},
          {"state", of.state},
          {"droppable", of.droppable},
          {"message_id", id_text(of.id)}};
}

json::object describe_with_payload(const waiting_event& of) {
  json::object described = describe(of);
  put_payload(described, of.payload);
  return described;
}

bool event_page::add(const waiting_event& each) {
  if (events_.size() >= events_max_) return false;
  if (form_ == form::list) {
    events_.push_back(describe(each));
    return true;
  }
  if (!events_.empty() && bytes_ + each.payload.size() > bytes_max_) return false;
  bytes_ += each.payload.size();
  put_payload(events_.emplace_back(json::object{{"sequence", each.sequence}}).as_object(),
              each.payload);
  return true;
}

json::object event_page::done(std::optional<store::sequence_number> next,
                              store::sequence_number last) && {
  json::object page{{"events", std::move(events_)},
                    {"next", next ? json::value(*next) : json::value()},
                    {"last", last}};
  if (unreadable_events_ > 0) page["unreadable_events"] = unreadable_events_;
  return page;
}

std::optional<page_request> page_of(const json::object& request, event_page::form form,
                                    const queue_command_limits& limits, json::object& wrong) {
  const auto after = number_in(request, "after", 0);
  const auto limit = form == event_page::form::list
                         ? number_in(request, "limit", limits.list_events_max)
                         : limits.list_events_max;
  if (!after || !limit) {
    wrong = bad_request(after ? "limit" : "after");
    return std::nullopt;
  }
  const std::size_t events_max = std::min<std::uint64_t>(*limit, limits.list_events_max);
  return page_request{*after, event_page(form, events_max, limits.export_bytes_max)};
}

}  // namespace vibes::admin
