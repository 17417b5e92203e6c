#include "daemon/io/sockets/socket_peer.hpp"

#include <sys/socket.h>

namespace vibes::io {

admin::producer_info peer_of(int descriptor) noexcept {
  admin::producer_info peer;
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.pid = credentials.pid;
    peer.uid = credentials.uid;
    peer.gid = credentials.gid;
  }
  return peer;
}

}  // namespace vibes::io
