#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "daemon/io/process/service_manager.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

constexpr int nothing = 0;
constexpr int failed = 201;
constexpr int silent_failure = 202;

/// What a process that gets these descriptors from systemd makes of them: how many it takes, all of
/// them and in order, `nothing` or `failed`, with the descriptor in the text. A process of its own,
/// because descriptors 3 and on are the agreement.
int taken_by_child(const std::vector<int>& handed_over, const char* names, bool to_this_process,
                   const std::string& in_text = "") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<int> high;
    for (const int each : handed_over) high.push_back(::fcntl(each, F_DUPFD, 100));
    for (std::size_t i = 0; i < high.size(); ++i) ::dup2(high[i], 3 + static_cast<int>(i));
    if (!handed_over.empty()) {
      const pid_t addressee = to_this_process ? ::getpid() : ::getppid();
      ::setenv("LISTEN_PID", std::to_string(addressee).c_str(), 1);
      ::setenv("LISTEN_FDS", std::to_string(handed_over.size()).c_str(), 1);
    }
    if (names != nullptr) ::setenv("LISTEN_FDNAMES", names, 1);
    const io::handed_over_sockets taken = io::sockets_of_service_manager();
    // Not passed on to children of the daemon.
    const bool passed_on = to_this_process && ::getenv("LISTEN_FDS") != nullptr;
    if (!taken.mistake.empty()) {
      ::_exit(taken.mistake.find(in_text) != std::string::npos ? failed : silent_failure);
    }
    for (std::size_t i = 0; i < taken.listening.size(); ++i) {
      if (taken.listening[i] != 3 + static_cast<int>(i)) ::_exit(silent_failure);
    }
    ::_exit(passed_on ? silent_failure : static_cast<int>(taken.listening.size()));
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

struct sockets {
  temp_dir dir;
  owned_descriptor listening = listening_at("events");
  owned_descriptor other = listening_at("other");
  owned_descriptor silent = bound_socket(dir.file("silent"));
  owned_descriptor datagram = bound_socket(dir.file("datagram"), SOCK_DGRAM);
  owned_descriptor inet{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

  owned_descriptor listening_at(const std::string& name) const {
    owned_descriptor made = bound_socket(dir.file(name));
    REQUIRE(::listen(made.get(), 1) == 0);
    return made;
  }
};

TEST_CASE("Every socket that is handed over is served, or the start is refused",
          "[inherited_socket]") {
  const sockets with;
  const int events = with.listening.get();
  const int other = with.other.get();
  struct {
    std::vector<int> handed_over;
    const char* names;
    int taken;
    const char* in_text = "";
  } const cases[] = {
      {{}, nullptr, nothing},
      {{events}, nullptr, 1},
      {{events}, "events", 1},
      {{events}, "whatever", 1},
      {{other, events}, "events:events", 2},
      {{other, events}, "vibes-ingestd.socket:vibes-ingestd.socket", 2},
      {{other, events}, nullptr, 2},
      {{other, events}, "other:events", failed, "descriptor 3 (\"other\")"},
      {{events, other}, "events:other", failed, "descriptor 4 (\"other\")"},
      {{other, events}, "other:another", failed, "descriptor 3 (\"other\")"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.handed_over.size(), each.names == nullptr ? "none" : each.names);
    CHECK(taken_by_child(each.handed_over, each.names, true, each.in_text) == each.taken);
  }
}

TEST_CASE("Sockets for another process are none of ours", "[inherited_socket]") {
  const sockets with;
  CHECK(taken_by_child({with.listening.get()}, "events", false) == nothing);
}

TEST_CASE("What is not a listening Unix stream socket is an error, wherever it stands",
          "[inherited_socket]") {
  const sockets with;
  const owned_descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  for (const int each : {with.silent.get(), with.datagram.get(), with.inet.get(), file.get()}) {
    CHECK(taken_by_child({each}, "events", true, "descriptor 3 (\"events\")") == failed);
    CHECK(taken_by_child({with.listening.get(), each}, "events:events", true,
                         "descriptor 4 (\"events\")") == failed);
  }
}

}  // namespace
}  // namespace vibes::test
