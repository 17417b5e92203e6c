#include "protocol/reply.hpp"

namespace vibes::protocol {

std::string cluster_node::address() const {
  const std::string port = ":" + std::to_string(tcp_port);
  return ip.find(':') != std::string::npos ? "[" + ip + "]" + port : ip + port;
}

}  // namespace vibes::protocol
