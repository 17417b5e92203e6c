#pragma once

#include "daemon/runtime/admin_server.hpp"
#include "daemon/upstream/outbox.hpp"

namespace vibes::runtime {

/// Adds queue_list, queue_show, queue_export, queue_drop, queue_pause and queue_resume
/// (control/queue_commands.hpp). `changed` is called when the queue may go on, or has room.
void add_queue_commands(admin_server::commands& to, upstream::outbox&,
                        std::function<void()> changed);

}  // namespace vibes::runtime
