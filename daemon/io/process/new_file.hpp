#pragma once

#include <string>

#include "daemon/base/result.hpp"

// Files and directories that this process may make. What root makes belongs to whom the directory
// around it belongs: a command that root runs must not leave files that the daemon's user cannot
// open.

namespace vibes::io {

/// open(2) of a name in an open directory; makes the file, with mode 0600, when it is missing, or
/// with O_EXCL only then. Close-on-exec. -1 and errno on failure.
int open_or_make_at(int directory, const std::string& name, int flags);
/// The same for a path.
int open_or_make(const std::string& path, int flags);

/// mkdir(2); a directory that is there is no error and stays as it is. Its parent has to be there.
error_code make_directory(const std::string& path, unsigned mode);
/// The same with its parents, which get the same mode.
error_code make_directories(const std::string& path, unsigned mode);

}  // namespace vibes::io
