#pragma once

#include <boost/json/object.hpp>

#include "daemon/admin/queue_cursor.hpp"

namespace vibes::admin {

// What operators ask of the queue, one request and one answer at a time; docs/operations.md lists
// fields. Answers are bounded: list and export come in pages, and a large drop in steps. A request
// that is not understood changes nothing and gets {"error":{"code","message"}}.

/// {"paused":true}, {"paused":false}
boost::json::object pause_queue(store::outbox&);
boost::json::object resume_queue(store::outbox&);

/// List, export and show see memory at once; for events that are on disk only they need a read of
/// the disk first, which is given to them as `on_disk`. These say which, or nothing when the answer
/// can be given at once.
std::optional<journal::journal_job::read_request> disk_read_for_page(
    const boost::json::object& request, const store::outbox&, const queue_command_limits& = {});
std::optional<journal::journal_job::read_request> disk_read_for_event(
    const boost::json::object& request, const store::outbox&);

/// {"after":S,"limit":N}: events behind sequence S (0 or absent: from the oldest on), `next` to go
/// on after, or null at the end; `last` is the newest sequence there is. A page may have fewer
/// events than the limit, even none, and have a `next`. `unreadable_events` are those that the disk
/// did not give; absent when it gave all.
boost::json::object list_queue(const boost::json::object& request, const store::outbox&,
                               const clock_reading&, const queue_command_limits& = {},
                               const journal::backlog_events* on_disk = nullptr);
/// The same with payloads: {"events":[{"sequence","payload"}...],"next","last"}.
boost::json::object export_queue(const boost::json::object& request, const store::outbox&,
                                 const queue_command_limits& = {},
                                 const journal::backlog_events* on_disk = nullptr);
/// {"sequence":S}: the event as in a list, with its payload.
boost::json::object show_event(const boost::json::object& request, const store::outbox&,
                               const clock_reading&,
                               const journal::backlog_events* on_disk = nullptr);

/// {"sequences":[S...]}: {"dropped":[S...],"kept":[S...]}, kept: it was put into a request, or is
/// not there.
/// {"all":true,"up_to":S}: all that may go up to S (absent: the newest), {"dropped_events":N,
/// "up_to":S,"more":B}; ask again with that up_to while there is more.
boost::json::object drop_from_queue(const boost::json::object& request, store::outbox&,
                                    const queue_command_limits& = {});

}  // namespace vibes::admin
