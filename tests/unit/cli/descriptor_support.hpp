#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <utility>

namespace vibes::test {

/// A pipe, whose ends can be closed one by one.
class pipe_ends {
 public:
  pipe_ends() {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
  }
  ~pipe_ends() {
    close_reader();
    close_writer();
  }
  pipe_ends(const pipe_ends&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() { close(ends_[0]); }
  void close_writer() { close(ends_[1]); }
  /// Somebody else has closed it.
  void forget_writer() { ends_[1] = -1; }
  void never_wait() const {
    ::fcntl(reader(), F_SETFL, O_NONBLOCK);
    ::fcntl(writer(), F_SETFL, O_NONBLOCK);
  }

  /// What can be read without waiting.
  std::string take() const {
    std::string all;
    std::array<char, 65'536> piece;
    ::fcntl(reader(), F_SETFL, O_NONBLOCK);
    for (ssize_t got = 0; (got = ::read(reader(), piece.data(), piece.size())) > 0;) {
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  static void close(int& descriptor) {
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
  }
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace vibes::test
