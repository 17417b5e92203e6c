#include "daemon/admin/stored_queue.hpp"

#include <algorithm>

namespace vibes::admin {

namespace json = boost::json;

namespace {

/// Of a directory that has no segment yet: as soon as one is made, it is of this writer.
constexpr std::uint64_t any_writer_id = 1;

/// Whatever its daemon does: an answer says that it is done.
journal::journal_limits syncing(journal::journal_limits limits) {
  limits.sync = journal::sync_policy::every_group;
  return limits;
}

bool is_journal(const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [](const std::string& each) {
    return each == journal::lock_name || journal::segment_id_of(each) != 0;
  });
}

}  // namespace

stored_queue::stored_queue(journal::file_system& files, purpose for_what,
                           journal::journal_limits limits)
    : read_only_(files),
      files_(for_what == purpose::peek ? read_only_ : files),
      journal_(files_, syncing(limits), any_writer_id) {}

result<journal::recovery_report> stored_queue::open() {
  const result<std::vector<std::string>> names = files_.list();
  if (!names) return names.error();
  if (!is_journal(*names)) return make_error_code(journal::journal_errc::no_journal);
  return journal_.open();
}

json::object stored_queue::answer(const json::object& request, std::uint64_t unix_us,
                                  const queue_command_limits& limits) {
  const json::value* const named = request.if_contains("command");
  const std::string command =
      named != nullptr && named->is_string() ? std::string(named->get_string()) : "";
  if (command == "queue_list") return page(request, event_page::form::list, unix_us, limits);
  if (command == "queue_export") {
    return page(request, event_page::form::with_payloads, unix_us, limits);
  }
  if (command == "queue_show") return show(request, unix_us);
  if (command == "queue_drop") return drop(request, unix_us);
  return mistake("unknown_command", "that needs a running daemon");
}

/// Iggy may have these: they are in batches that were written before they were sent.
journal::sequence_set stored_queue::sent() const {
  journal::sequence_set found;
  for (const journal::open_batch& each : journal_.batches()) found.unite(each.left);
  return found;
}

json::object stored_queue::page(const json::object& request, event_page::form form,
                                std::uint64_t unix_us, const queue_command_limits& limits) {
  json::object wrong;
  std::optional<page_request> asked = page_of(request, form, limits, wrong);
  if (!asked) return wrong;
  const store::sequence_number newest = journal_.next_sequence() - 1;
  if (asked->after >= newest) return std::move(asked->page).done(std::nullopt, newest);
  const result<journal::backlog_events> read =
      journal_.peek(asked->after + 1,
                    {std::max<std::size_t>(asked->page.events_max(), 1), limits.export_bytes_max});
  if (!read) return disk_failed(read.error());
  asked->page.add_unreadable(read->lost.count());
  const journal::sequence_set with_iggy = sent();
  store::sequence_number last = asked->after;
  bool is_full = false;
  journal::for_each_record(read->events.bytes(), [&](const journal::record_header& header,
                                                     protocol::const_bytes record) {
    const bool droppable = !with_iggy.contains(header.sequence);
    is_full = is_full ||
              !asked->page.add(waiting_on_disk(*journal::decode_event(record), droppable, unix_us));
    if (!is_full) last = header.sequence;
  });
  if (!is_full) last = read->next - 1;
  const bool is_end = read->at_end && !is_full;
  return std::move(asked->page).done(is_end ? std::nullopt : std::optional(last), newest);
}

json::object stored_queue::show(const json::object& request, std::uint64_t unix_us) {
  const auto wanted = number_in(request, "sequence", 0);
  if (!wanted || *wanted == 0) return bad_request("sequence");
  if (*wanted >= journal_.next_sequence()) return no_such_event(*wanted);
  const result<journal::backlog_events> read = journal_.peek(*wanted, {1, 1});
  if (!read) return disk_failed(read.error());
  if (read->lost.contains(*wanted)) return unreadable_event(*wanted);
  if (read->events.lowest() != *wanted) return no_such_event(*wanted);
  const auto found = journal::decode_event(read->events.bytes());
  return describe_with_payload(waiting_on_disk(*found, !sent().contains(*wanted), unix_us));
}

json::object stored_queue::drop(const json::object& request, std::uint64_t unix_us) {
  journal::sequence_set droppable = journal_.live();
  droppable.subtract(sent());
  if (wants_all(request)) {
    const auto up_to = number_in(request, "up_to", journal_.next_sequence() - 1);
    if (!up_to) return bad_request("up_to");
    journal::sequence_set gone;
    if (const auto end = std::min<store::sequence_number>(*up_to, journal::sequence_max); end > 0) {
      gone = droppable.intersection(journal::sequence_set({1, end}));
    }
    if (const error_code error = release(gone, unix_us)) return disk_failed(error);
    return {{"dropped_events", gone.count()}, {"up_to", *up_to}, {"more", false}};
  }
  json::object wrong;
  const auto wanted = sequences_in(request, wrong);
  if (!wanted) return wrong;
  std::vector<store::sequence_number> gone;
  journal::sequence_set gone_set;
  for (const store::sequence_number each : *wanted) {
    if (!droppable.contains(each)) continue;
    gone.push_back(each);
    gone_set.add(each);
  }
  if (const error_code error = release(gone_set, unix_us)) return disk_failed(error);
  return drop_answer(*wanted, gone);
}

error_code stored_queue::release(const journal::sequence_set& gone, std::uint64_t unix_us) {
  if (gone.empty()) return {};
  if (const error_code error = journal_.release(gone, unix_us)) return error;
  if (const error_code error = journal_.sync(unix_us)) return error;
  const bool is_written = journal_.usage().unwritten_releases == 0;
  return is_written ? error_code() : make_error_code(journal::journal_errc::no_room);
}

}  // namespace vibes::admin
