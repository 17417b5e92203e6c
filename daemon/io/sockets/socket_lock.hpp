#pragma once

#include <string>

#include "daemon/base/result.hpp"

/// The file PATH.lock, whose lock says that the socket at PATH has an owner.
namespace vibes::io {

/// Takes the lock and gives its descriptor, which holds it. The lock of somebody else is
/// address_in_use. The file is made when it is missing, and stays for ever: removing it could hand
/// one path to two owners.
result<int> lock_socket_path(const std::string& path);

/// Why the lock that belongs to this path cannot be opened, and what to do; empty when it can be,
/// or when there is none.
std::string explain_lock_file(const std::string& path);

}  // namespace vibes::io
