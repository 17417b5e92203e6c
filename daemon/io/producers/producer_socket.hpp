#pragma once

#include <sys/types.h>

#include <span>
#include <string_view>

namespace vibes::io {

// The two system calls on a producer's socket. Neither waits: -1 with errno EAGAIN when it would.

ssize_t read_lines_of_producer(int socket, std::span<char> into);
ssize_t write_answers_to_producer(int socket, std::string_view due);

}  // namespace vibes::io
