#pragma once

#include "daemon/io/admin/admin_server.hpp"
#include "daemon/io/journal/disk_looks.hpp"
#include "daemon/store/outbox.hpp"

namespace vibes::io {

/// Reads a page of what is on disk.
using disk_look = std::function<void(const disk_looks::request&, disk_looks::answer)>;

/// Adds queue_list, queue_show, queue_export, queue_drop, queue_pause and queue_resume
/// (admin/queue_commands.hpp). `look` is used when the queue is on disk in part. `changed` is
/// called when the queue may go on, or has room, or something for the disk.
void add_queue_commands(admin_server::commands& to, store::outbox&, const disk_look& look,
                        const std::function<void()>& changed);

}  // namespace vibes::io
