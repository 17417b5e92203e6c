#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vibes::test {

using frame_bytes = std::vector<std::byte>;

/// One request of a recorded session and the reply it got (tests/golden/README.md).
struct exchange {
  frame_bytes request;
  frame_bytes reply;
};

/// Version is that of a file in tests/golden, such as "0.8.0". Throws when it is not as expected.
std::vector<exchange> recorded_session(const std::string& version);

frame_bytes from_hex(const std::string& text);
std::string to_hex(const frame_bytes& bytes);

}  // namespace vibes::test
