#include "daemon/io/sockets/accept_loop.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using io::accept_loop;

/// As if this process had no descriptor left, while it lives.
class no_descriptors {
 public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit now = before_;
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    now.rlim_cur = static_cast<rlim_t>(lowest_free);
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

 private:
  rlimit before_{};
};

struct accepting {
  temp_dir dir;
  boost::asio::io_context loop;
  std::vector<accept_loop::socket_type> accepted;
  std::vector<error_code> failures;
  std::size_t room = 100;
  std::vector<io::unix_listener> files;
  std::vector<std::shared_ptr<accept_loop>> loops;

  void listen(const std::string& name) {
    files.push_back(std::move(*listen_on(dir.file(name))));
    accept_loop::owner us;
    us.whom = "somebody";
    us.has_room = [this] { return accepted.size() < room; };
    us.accepted = [this](accept_loop::socket_type each) { accepted.push_back(std::move(each)); };
    us.failed = [this](const error_code& error) { failures.push_back(error); };
    loops.push_back(
        std::make_shared<accept_loop>(loop, files.back().release_descriptor(), std::move(us)));
    loops.back()->go_on();
  }
  ~accepting() {
    for (const auto& each : loops) each->close();
    poll();
  }
  void poll() {
    loop.restart();
    loop.poll();
  }
  owned_descriptor connect(const std::string& name) const {
    owned_descriptor made = stream_socket();
    REQUIRE(try_connect(made, dir.file(name)) == 0);
    return made;
  }
};

TEST_CASE("Several sockets share the room of their owner", "[accept]") {
  accepting at;
  at.listen("a");
  at.listen("b");
  at.room = 3;
  std::vector<owned_descriptor> peers;
  for (const char* const name : {"a", "b", "a", "b"}) peers.push_back(at.connect(name));
  at.poll();
  CHECK(at.accepted.size() == 3);
  at.accepted.pop_back();
  for (const auto& each : at.loops) each->go_on();
  at.poll();
  CHECK(at.accepted.size() == 3);
  CHECK(at.failures.empty());
}

// UBSan opens a pipe to look whether an object may be read: without descriptors it takes each for
// one of no type.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("Without descriptors it fails once and pauses, and goes on by itself", "[accept]") {
  accepting at;
  at.listen("a");
  const owned_descriptor peer = at.connect("a");
  {
    const no_descriptors now;
    for (int i = 0; i < 100; ++i) at.poll();
    REQUIRE(at.failures.size() == 1);
    CHECK(at.failures.front().value() == EMFILE);
    at.loops.front()->go_on();
    at.poll();
    CHECK(at.failures.size() == 1);
  }
  while (at.accepted.empty()) {
    at.loop.restart();
    at.loop.run_one();
  }
  CHECK(at.failures.size() == 1);
}
#endif

TEST_CASE("After the end nothing is accepted", "[accept]") {
  accepting at;
  at.listen("a");
  const owned_descriptor peer = at.connect("a");
  at.loops.front()->close();
  at.poll();
  CHECK(at.accepted.empty());
}

TEST_CASE("Who waits in the backlog can be taken at once", "[accept]") {
  accepting at;
  at.listen("a");
  std::vector<owned_descriptor> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(at.connect("a"));
  at.room = 2;
  at.loops.front()->accept_waiting();
  CHECK(at.accepted.size() == 2);
}

}  // namespace
}  // namespace vibes::test
