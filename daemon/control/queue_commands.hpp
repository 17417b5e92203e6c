#pragma once

#include <boost/json/object.hpp>

#include "daemon/control/queue_answers.hpp"
#include "daemon/upstream/outbox.hpp"

namespace vibes::control {

// What operators ask of the queue, one request and one answer at a time; docs/operations.md lists
// fields. Answers are bounded: list and export come in pages, and a large drop in steps. A request
// that is not understood changes nothing and gets {"error":{"code","message"}}.

/// {"paused":true}, {"paused":false}
boost::json::object pause_queue(upstream::outbox&);
boost::json::object resume_queue(upstream::outbox&);

/// {"after":S,"limit":N}: events behind sequence S (0 or absent: from the oldest on), `next` to go
/// on after, or null at the end; `last` is the newest sequence there is.
boost::json::object list_queue(const boost::json::object& request, const upstream::outbox&,
                               time_point now, const queue_command_limits& = {});
/// The same with payloads: {"events":[{"sequence","payload"}...],"next","last"}.
boost::json::object export_queue(const boost::json::object& request, const upstream::outbox&,
                                 const queue_command_limits& = {});
/// {"sequence":S}: the event as in a list, with its payload.
boost::json::object show_event(const boost::json::object& request, const upstream::outbox&,
                               time_point now);

/// {"sequences":[S...]}: {"dropped":[S...],"kept":[S...]}, kept: it was put into a request, or is
/// not there.
/// {"all":true,"up_to":S}: all that may go up to S (absent: the newest), {"dropped_events":N,
/// "up_to":S,"more":B}; ask again with that up_to while there is more.
boost::json::object drop_from_queue(const boost::json::object& request, upstream::outbox&,
                                    const queue_command_limits& = {});

}  // namespace vibes::control
