#include "daemon/io/producers/producer_socket.hpp"

#include <sys/socket.h>

#include "daemon/base/failpoint.hpp"

namespace vibes::io {

ssize_t read_lines_of_producer(int socket, std::span<char> into) {
  const ssize_t bytes = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
  if (bytes > 0) failpoint(failpoint_name::lines_after);
  return bytes;
}

ssize_t write_answers_to_producer(int socket, std::string_view due) {
  failpoint(failpoint_name::producer_ack_before);
  const ssize_t bytes = ::send(socket, due.data(), due.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (bytes > 0) failpoint(failpoint_name::producer_ack_after);
  return bytes;
}

}  // namespace vibes::io
