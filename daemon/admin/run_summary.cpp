#include "daemon/admin/run_summary.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/admin/text_forms.hpp"
#include "daemon/base/terminal_text.hpp"

namespace vibes::admin {

namespace json = boost::json;

namespace {

constexpr std::uint64_t version = 1;

std::optional<std::uint64_t> number_at(const json::object& from, std::string_view name) {
  const json::value* const found = from.if_contains({name.data(), name.size()});
  if (found == nullptr) return std::nullopt;
  boost::system::error_code wrong;
  const auto number = found->to_number<std::uint64_t>(wrong);
  return wrong ? std::nullopt : std::optional(number);
}

std::string text_at(const json::object& from, std::string_view name) {
  const json::value* const found = from.if_contains({name.data(), name.size()});
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

template <class Visit>
void for_each_reason(Visit&& visit) {
  for (std::size_t i = 0; i < store::loss_reason_count; ++i) {
    visit(static_cast<store::loss_reason>(i));
  }
}

json::object losses_object(const store::loss_ledger& of) {
  json::object out;
  for_each_reason([&](store::loss_reason each) { out[to_string(each)] = of.of(each); });
  return out;
}

}  // namespace

std::string encode_run(const run_summary& of) {
  return json::serialize(json::object{{"version", version},
                                      {"at_us", of.at_us},
                                      {"clean", of.clean},
                                      {"events_left", of.events_left},
                                      {"losses", losses_object(of.losses)},
                                      {"stream", of.stream},
                                      {"topic", of.topic}}) +
         "\n";
}

std::optional<run_summary> decode_run(std::string_view text) {
  boost::system::error_code wrong;
  const json::value parsed = json::parse({text.data(), text.size()}, wrong);
  const json::object* const from = wrong ? nullptr : parsed.if_object();
  if (from == nullptr || number_at(*from, "version") != version) return std::nullopt;
  const json::value* const clean = from->if_contains("clean");
  const json::value* const losses = from->if_contains("losses");
  const auto at_us = number_at(*from, "at_us");
  const auto events_left = number_at(*from, "events_left");
  if (!at_us || !events_left || clean == nullptr || !clean->is_bool() || losses == nullptr ||
      !losses->is_object()) {
    return std::nullopt;
  }
  run_summary made{*at_us, clean->get_bool(),        *events_left,
                   {},     text_at(*from, "stream"), text_at(*from, "topic")};
  for_each_reason([&](store::loss_reason each) {
    made.losses.add(each, number_at(losses->get_object(), to_string(each)).value_or(0));
  });
  return made;
}

json::value previous_run_value(const std::optional<run_summary>& of) {
  if (!of) return nullptr;
  json::object losses = losses_object(of->losses);
  losses["total"] = of->losses.total();
  return json::object{{"at", time_text(of->at_us)},
                      {"clean", of->clean},
                      {"events_left", of->events_left},
                      {"losses", std::move(losses)}};
}

std::string moved_backlog_text(const run_summary& previous, const run_summary& now) {
  const bool is_known = !previous.stream.empty() && !previous.topic.empty();
  const bool is_same = previous.stream == now.stream && previous.topic == now.topic;
  if (!is_known || is_same || now.events_left == 0) return {};
  return std::to_string(now.events_left) +
         (now.events_left == 1 ? " queued event was" : " queued events were") +
         " taken for topic " + one_line(previous.topic) + " of stream " +
         one_line(previous.stream) + ", and will go to topic " + now.topic + " of stream " +
         now.stream + ", as the settings say now";
}

std::string losses_text(const store::loss_ledger& of) {
  if (of.total() == 0) return {};
  std::string reasons;
  for_each_reason([&](store::loss_reason each) {
    if (of.of(each) == 0) return;
    reasons += (reasons.empty() ? "" : ", ") + std::string(to_string(each)) + " " +
               std::to_string(of.of(each));
  });
  return std::to_string(of.total()) + (of.total() == 1 ? " event was" : " events were") +
         " lost (" + reasons + ")";
}

}  // namespace vibes::admin
