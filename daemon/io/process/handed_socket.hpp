#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace vibes::io {

/// The file of a listening socket that the service manager has made.
struct handed_socket {
  std::string path;
  mode_t mode = 0;  // the permission bits
  std::string group;
};
/// Nothing when it has no file that can be looked at.
std::optional<handed_socket> inspect_socket(int descriptor);

/// What a line of the unit says of it: its path, or its port; empty when it has neither. Also of a
/// FIFO or another file.
std::string place_of_socket(int descriptor);

}  // namespace vibes::io
