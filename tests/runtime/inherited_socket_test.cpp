#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "daemon/runtime/service_manager.hpp"
#include "tests/kit/temp_dir.hpp"
#include "tests/runtime/socket_kit.hpp"

namespace vibes::test {
namespace {

constexpr int nothing = 200;
constexpr int failed = 201;

/// What a process that gets these descriptors from systemd makes of them: the descriptor it takes,
/// `nothing` or `failed`. A process of its own, because descriptors 3 and on are the agreement.
int taken_by_child(const std::vector<int>& handed_over, const char* names, bool to_this_process) {
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
    const result<std::optional<int>> taken = runtime::inherited_socket();
    // Not passed on to children of the daemon.
    const bool passed_on = to_this_process && ::getenv("LISTEN_FDS") != nullptr;
    ::_exit(!taken || passed_on ? failed : taken->value_or(nothing));
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

TEST_CASE("The events' socket is the one of that name, or the only one", "[inherited_socket]") {
  const sockets with;
  const int events = with.listening.get();
  const int other = with.other.get();
  struct {
    std::vector<int> handed_over;
    const char* names;
    int taken;
  } const cases[] = {
      {{}, nullptr, nothing},
      {{events}, nullptr, 3},
      {{events}, "events", 3},
      {{events}, "whatever", 3},
      {{other, events}, "other:events", 4},
      {{events, other}, "events:other", 3},
      {{other, events}, "other:another", failed},
      {{other, events}, nullptr, failed},
  };
  for (const auto& each : cases) {
    CAPTURE(each.handed_over.size(), each.names == nullptr ? "none" : each.names);
    CHECK(taken_by_child(each.handed_over, each.names, true) == each.taken);
  }
}

TEST_CASE("Sockets for another process are none of ours", "[inherited_socket]") {
  const sockets with;
  CHECK(taken_by_child({with.listening.get()}, "events", false) == nothing);
}

TEST_CASE("What is not a listening Unix stream socket is an error", "[inherited_socket]") {
  const sockets with;
  const owned_descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  for (const int each : {with.silent.get(), with.datagram.get(), with.inet.get(), file.get()}) {
    CHECK(taken_by_child({each}, "events", true) == failed);
  }
}

}  // namespace
}  // namespace vibes::test
