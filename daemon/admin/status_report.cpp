#include "daemon/admin/status_report.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "daemon/admin/journal_advice.hpp"
#include "daemon/admin/link_advice.hpp"
#include "daemon/admin/queue_cursor.hpp"
#include "daemon/base/terminal_text.hpp"

namespace vibes::admin {

namespace json = boost::json;

namespace {

std::int64_t milliseconds(duration span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

json::value link_error(const status_sources& from) {
  const link::link_report& link = from.link;
  if (!link.last_error_at) return nullptr;
  return json::object{{"code", link.last_error.value()},
                      {"category", link.last_error.category().name()},
                      {"during", std::string(to_string(link.last_error_during))},
                      {"message", explain_link_error(link, link.address)},
                      {"ago_ms", milliseconds(from.now - *link.last_error_at)}};
}

json::object link_object(const status_sources& from) {
  const link::link_report& link = from.link;
  json::object out{{"state", std::string(to_string(link.state))},
                   {"for_ms", milliseconds(from.now - link.state_since)},
                   {"address", link.address},
                   {"connections", link.connections},
                   {"failed_attempts", link.failed_attempts},
                   {"sends_in_flight", link.sends_in_flight}};
  out["generation"] = link.gen ? json::value(std::string(to_string(*link.gen))) : json::value();
  out["server_version"] = link.server_version;
  out["partitions"] = link.gen ? link.partitions_count : 0;
  out["handshake_ms"] = milliseconds(link.handshake);
  out["retry_delay_ms"] =
      link.state == link::link_state::backing_off ? milliseconds(link.retry_delay) : 0;
  out["last_error"] = link_error(from);
  json::array nodes;
  for (const link::link_report& each : from.node_links) {
    nodes.push_back({{"address", each.address},
                     {"state", std::string(to_string(each.state))},
                     {"sends_in_flight", each.sends_in_flight}});
  }
  out["further_nodes"] = std::move(nodes);
  return out;
}

json::object queue_object(const status_sources& from) {
  const store::queue_usage usage = from.outbox.queue().usage();
  return {{"events", usage.events},
          {"bytes", usage.bytes},
          {"events_max", from.outbox.queue().limits().events_max},
          {"bytes_max", from.outbox.queue().limits().bytes_max},
          {"in_flight", usage.unsettled_events},
          {"paused", from.outbox.paused()},
          {"oldest_age_ms", oldest_age_ms(from.outbox, {from.now, from.unix_us})}};
}

json::value journal_object(const status_sources& from) {
  const store::journal_scheduler& scheduler = from.outbox.journal();
  if (from.journal_directory.empty()) return nullptr;
  const journal::journal_usage& usage = scheduler.space().usage();
  const store::sequence_number newest = from.outbox.queue().last_number();
  json::object out{
      {"state", std::string(to_string(scheduler.health().state()))},
      {"directory", from.journal_directory},
      {"durable", scheduler.health().offers_durable()},
      {"full", scheduler.space().is_full()},
      {"bytes", usage.bytes},
      {"bytes_max", usage.bytes_cap},
      {"segments", usage.segments},
      {"live_events", usage.live_events},
      {"tail_events", scheduler.spilled().count()},
      {"pending_bytes", scheduler.spilled().pending_bytes()},
      {"not_durable_events", scheduler.health().offers_durable()
                                 ? newest - std::min(newest, scheduler.status().durable_through)
                                 : 0},
      {"recovered_events", scheduler.status().counters.recovered_events},
      {"spilled_events", scheduler.status().counters.spilled_events},
      {"read_back_events", scheduler.status().counters.read_back_events},
      {"recorded_batches", scheduler.status().counters.recorded_batches},
      {"moved_events", usage.moved_events},
      {"jobs", scheduler.status().counters.jobs},
      {"written_bytes", scheduler.status().counters.written_bytes},
      {"failures", scheduler.status().counters.failures},
      {"damaged_bytes",
       scheduler.status().recovery ? scheduler.status().recovery->damaged_bytes : 0}};
  out["last_error"] = nullptr;
  if (scheduler.health().last_error_at()) {
    out["last_error"] =
        json::object{{"code", scheduler.health().last_error().value()},
                     {"category", scheduler.health().last_error().category().name()},
                     {"message", explain_journal(scheduler, from.journal_directory)},
                     {"ago_ms", milliseconds(from.now - *scheduler.health().last_error_at())}};
  }
  return out;
}

json::object counters_object(const status_sources& from) {
  const store::outbox_counters& counted = from.outbox.counters();
  return {{"received_events", counted.received_events},
          {"recovered_events", from.outbox.journal().status().counters.recovered_events},
          {"committed_events", counted.committed_events},
          {"committed_batches", counted.committed_batches},
          {"committed_bytes", counted.committed_bytes},
          {"returned_batches", counted.returned_batches},
          {"resent_events", counted.resent_events}};
}

json::object losses_object(const status_sources& from) {
  json::object out;
  for (std::size_t i = 0; i < store::loss_reason_count; ++i) {
    const auto reason = static_cast<store::loss_reason>(i);
    out[std::string(to_string(reason))] = from.outbox.losses().of(reason);
  }
  out["total"] = from.outbox.losses().total();
  return out;
}

json::object intake_object(const status_sources& from) {
  json::object refused;
  for (const auto& [code, count] : from.intake.refused_by_code) refused[code] = count;
  return {{"connections_open", from.intake.connections_open},
          {"connections_accepted", from.intake.connections_accepted},
          {"connections_cut_off", from.intake.connections_cut_off},
          {"connections_max", from.intake.connections_max},
          {"accept_failures", from.intake.accept_failures},
          {"accept_error", from.intake.accept_error},
          {"bytes_read", from.intake.bytes_read},
          {"lines_refused", from.intake.lines_refused},
          {"refused_by_code", std::move(refused)},
          {"unknown_types", from.intake.unknown_types},
          {"partial_line_bytes", from.intake.partial_line_bytes}};
}

json::value dead_letter_value(const status_sources& from) {
  if (!from.dead_letters) return nullptr;
  const dead_letter_report& kept = *from.dead_letters;
  json::object out{{"path", kept.path},
                   {"entries", kept.entries},
                   {"bytes", kept.bytes},
                   {"dropped_entries", kept.dropped_entries},
                   {"rotated_entries", kept.rotated_entries},
                   {"failing", kept.failing},
                   {"last_error", nullptr}};
  if (kept.last_error_at) {
    out["last_error"] = {{"code", kept.last_error.value()},
                         {"message", kept.last_error.message()},
                         {"ago_ms", milliseconds(from.now - *kept.last_error_at)}};
  }
  return out;
}

json::array producers_array(const status_sources& from) {
  json::array out;
  for (const producer_info& each : from.producers) {
    out.push_back({{"connection", each.connection},
                   {"pid", each.pid},
                   {"uid", each.uid},
                   {"gid", each.gid},
                   {"ack", each.ack_level},
                   {"events", each.events},
                   {"refused", each.refused}});
  }
  return out;
}

constexpr std::size_t name_width = 26;

void append_section(std::string& to, std::string_view title, const json::object& values) {
  to += std::string(title) + "\n";
  for (const auto& [name, value] : values) {
    if (value.is_structured() || value.is_null()) continue;
    if (value.is_string() && value.get_string().empty()) continue;
    std::string key(name);
    std::ranges::replace(key, '_', ' ');
    to += "  " + key + std::string(key.size() < name_width ? name_width - key.size() : 1, ' ') +
          (value.is_string() ? one_line(value.get_string()) : json::serialize(value)) + "\n";
  }
}

json::array list_of(const json::object& of, std::string_view name) {
  const json::value* const found = of.if_contains({name.data(), name.size()});
  return found == nullptr || !found->is_array() ? json::array() : found->get_array();
}

/// Gives the part; nothing when it is null, or the daemon is of a version without it.
const json::object* append_part(std::string& to, std::string_view title, const json::object& of,
                                std::string_view name) {
  const json::value* const found = of.if_contains({name.data(), name.size()});
  const json::object* const part = found == nullptr ? nullptr : found->if_object();
  if (part != nullptr) append_section(to, title, *part);
  return part;
}

}  // namespace

json::object make_status(const status_sources& from) {
  return {{"version", VIBES_VERSION},
          {"pid", from.pid},
          {"uptime_ms", milliseconds(from.now - from.started)},
          {"stopping", from.stopping},
          {"link", link_object(from)},
          {"queue", queue_object(from)},
          {"journal", journal_object(from)},
          {"counters", counters_object(from)},
          {"losses", losses_object(from)},
          {"previous_run", previous_run_value(from.previous_run)},
          {"intake", intake_object(from)},
          {"dead_letter", dead_letter_value(from)},
          {"producers", producers_array(from)},
          {"log_lines_dropped", from.log_lines_dropped},
          {"warnings", json::array(from.warnings.begin(), from.warnings.end())}};
}

std::string status_line(const status_sources& from) {
  const link::link_report& link = from.link;
  std::string line;
  if (link.state == link::link_state::ready) {
    line = "connected to " + link.address;
    if (!link.server_version.empty()) line += " (Iggy " + link.server_version + ")";
  } else {
    line = "not connected to Iggy (" + std::string(to_string(link.state)) + ")";
  }
  if (from.outbox.paused()) line += ", paused";
  return line + ", " + std::to_string(from.outbox.queued_events()) + " queued, " +
         std::to_string(from.outbox.losses().total()) + " dropped";
}

std::string human_status(const json::object& status) {
  std::string out;
  append_section(out, "daemon", status);
  for (const std::string_view section :
       {"link", "queue", "journal", "counters", "losses", "intake"}) {
    const json::object* const values = append_part(out, section, status, section);
    if (values == nullptr) continue;
    append_part(out, "  last error", *values, "last_error");
    append_part(out, "  refused", *values, "refused_by_code");
  }
  if (const json::object* const run = append_part(out, "previous run", status, "previous_run")) {
    append_part(out, "  its losses", *run, "losses");
  }
  if (const json::object* const kept = append_part(out, "dead letters", status, "dead_letter")) {
    append_part(out, "  last error", *kept, "last_error");
  }
  const json::array warnings = list_of(status, "warnings");
  if (!warnings.empty()) out += "warnings\n";
  for (const json::value& each : warnings) out += "  " + one_line(each.as_string()) + "\n";
  const json::array producers = list_of(status, "producers");
  if (!producers.empty()) out += "producers\n";
  for (const json::value& each : producers) {
    const json::object& producer = each.as_object();
    out += "  pid " + json::serialize(producer.at("pid")) + " uid " +
           json::serialize(producer.at("uid")) + ": " + json::serialize(producer.at("events")) +
           " events, " + json::serialize(producer.at("refused")) + " lines refused, " +
           one_line(producer.at("ack").as_string()) + "\n";
  }
  return out;
}

}  // namespace vibes::admin
