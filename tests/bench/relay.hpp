#pragma once

#include <ostream>
#include <string>

namespace vibes::bench {

/// The yardstick: one thread that moves bytes from every connection of a Unix socket to one TCP
/// connection, and understands nothing of them. Until it is killed.
int run_relay(const std::string& socket, unsigned short target_port);

/// Accepts one connection, reads it to its end, and prints one JSON object: bytes, and seconds from
/// the first byte to the last.
int run_sink(unsigned short port, std::ostream& out);

}  // namespace vibes::bench
