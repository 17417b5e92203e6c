#include "daemon/io/process/process_setup.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <thread>

#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

/// How a process of its own ends that does this; what `act` gives is its exit code.
template <class Act>
int status_of_child(Act act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act());
  int status = 0;
  return ::waitpid(child, &status, 0) == child ? status : -1;
}

TEST_CASE("What is opened after the standard streams never becomes one of them", "[process]") {
  const temp_dir dir;
  const std::string path = dir.file("lock");
  for (int closed = 0; closed < 8; ++closed) {
    CAPTURE(closed);
    const int status = status_of_child([&] {
      for (int each = 0; each <= 2; ++each) {
        if ((closed >> each & 1) != 0) ::close(each);
      }
      if (!io::open_standard_streams()) return 1;
      const int opened = ::open(path.c_str(), O_CREAT | O_RDWR, 0600);
      if (opened <= 2) return 2;
      char byte = 0;
      // As it is with a closed one: nobody takes silence for success.
      if ((closed & 1) != 0 && (::read(0, &byte, 1) >= 0 || errno != EBADF)) return 3;
      for (int each = 1; each <= 2; ++each) {
        const bool was_closed = (closed >> each & 1) != 0;
        if (was_closed && (::write(each, "x", 1) >= 0 || errno != EBADF)) return 4;
      }
      return 0;
    });
    CHECK(status == 0);
    CHECK(text_of(path).empty());
  }
}

TEST_CASE("Signals that are ignored end nothing, and the others wait for their handlers",
          "[process]") {
  const int status = status_of_child([] {
    io::hold_signals(false);
    for (const int each : ignored_signals) ::raise(each);
    for (const int each : handled_signals) ::raise(each);
    int waiting = 0;
    sigset_t pending;
    ::sigpending(&pending);
    for (const int each : handled_signals) waiting += sigismember(&pending, each);
    // A thread that is started now takes none of them either.
    std::thread([] { ::raise(SIGTERM); }).join();
    return waiting;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == static_cast<int>(handled_signals.size()));
}

TEST_CASE("A signal that came during the start is there when handlers are", "[process]") {
  const int status = status_of_child([] {
    io::hold_signals(false);
    ::raise(SIGTERM);
    std::signal(SIGTERM, [](int) { ::_exit(7); });
    io::release_signals();
    return 0;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("A file size limit is an error of the write", "[process]") {
  const temp_dir dir;
  const int status = status_of_child([&] {
    io::hold_signals(false);
    const rlimit limit{4, 4};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const int file = ::open(dir.file("file").c_str(), O_CREAT | O_WRONLY, 0600);
    if (::write(file, "123456", 6) != 4) return 1;
    return ::write(file, "56", 2) < 0 && errno == EFBIG ? 0 : 2;
  });
  CHECK(status == 0);
}

TEST_CASE("Whether a hangup was ignored is seen before anything changes that", "[process]") {
  for (const bool ignored : {false, true}) {
    const int status = status_of_child([&] {
      std::signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL);
      return io::hold_signals(false).hangup_ignored ? 1 : 0;
    });
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == (ignored ? 1 : 0));
  }
}

TEST_CASE("A process that cannot end by itself is left in time, with its code", "[process]") {
  const int status = status_of_child([] {
    io::hold_signals(false);
    io::leave_within(1, 5);
    while (true) ::pause();
    return 0;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 5);
}

}  // namespace
}  // namespace vibes::test
