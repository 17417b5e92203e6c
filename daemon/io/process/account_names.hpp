#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// Users and groups of the system, by number and by name.
namespace vibes::io {

/// "uid 1000" for one without a name.
std::string user_name(uid_t);
/// The number for one without a name.
std::string group_name(gid_t);
/// The number of a group's name; nothing when there is none.
std::optional<gid_t> find_group(const std::string& name);

}  // namespace vibes::io
