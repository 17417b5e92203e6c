#pragma once

#include "daemon/io/admin/admin_server.hpp"
#include "daemon/io/journal/peek_requests.hpp"
#include "daemon/store/outbox.hpp"

namespace vibes::io {

/// Reads a page of what is on disk.
using peek_function = std::function<void(const peek_requests::request&, peek_requests::answer)>;

/// Adds queue_list, queue_show, queue_export, queue_drop, queue_pause and queue_resume
/// (admin/queue_commands.hpp). `look` is used when the queue is on disk in part. `changed` is
/// called when the queue may go on, or has room, or something for the disk.
void add_queue_commands(admin_server::commands& to, store::outbox&, const peek_function& peek,
                        const std::function<void()>& changed);

}  // namespace vibes::io
