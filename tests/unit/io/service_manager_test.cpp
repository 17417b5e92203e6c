#include "daemon/io/process/service_manager.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/scoped_variable.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using io::service_manager;

/// Stands in for systemd: a datagram socket that NOTIFY_SOCKET names.
class notify_socket {
 public:
  notify_socket() : socket_(bound_socket(dir_.file("notify"), SOCK_DGRAM)) {}

  std::string path() const { return dir_.file("notify"); }
  /// The datagrams that have come.
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    char text[4'096];
    while (true) {
      const ssize_t size = ::recv(socket_.get(), text, sizeof text, MSG_DONTWAIT);
      if (size < 0) return all;
      all.emplace_back(text, static_cast<std::size_t>(size));
    }
  }

 private:
  temp_dir dir_;
  owned_descriptor socket_;
};

void say_everything(service_manager& manager) {
  manager.ready("connected");
  manager.status("3 queued");
  manager.alive();
  manager.extend_timeout(1'500ms);
  manager.failed(error_code(EACCES, boost::system::system_category()), "cannot listen");
  manager.stopping("draining");
}

TEST_CASE("systemd is told in the words of sd_notify", "[service_manager]") {
  const notify_socket systemd;
  const scoped_variable named("NOTIFY_SOCKET", systemd.path());
  service_manager manager;
  CHECK(systemd.heard().empty());
  say_everything(manager);
  CHECK(systemd.heard() == std::vector<std::string>{
                               "READY=1\nSTATUS=connected",
                               "STATUS=3 queued",
                               "WATCHDOG=1",
                               "EXTEND_TIMEOUT_USEC=1500000",
                               "ERRNO=13\nSTATUS=cannot listen",
                               "STOPPING=1\nSTATUS=draining",
                           });
}

TEST_CASE("What systemd is told holds no assignment that a text brought along",
          "[service_manager]") {
  const notify_socket systemd;
  const scoped_variable named("NOTIFY_SOCKET", systemd.path());
  service_manager manager;
  const std::string forged = "connected to Iggy 0.8.0\nWATCHDOG=trigger\r\x1b";
  manager.ready(forged);
  manager.status(forged);
  manager.stopping(forged);
  manager.failed(error_code(EACCES, boost::system::system_category()), forged);
  const std::string shown = "STATUS=connected to Iggy 0.8.0\\nWATCHDOG=trigger\\r\\u001b";
  CHECK(systemd.heard() == std::vector<std::string>{"READY=1\n" + shown, shown,
                                                    "STOPPING=1\n" + shown, "ERRNO=13\n" + shown});
}

TEST_CASE("Nothing is sent when systemd did not start the daemon", "[service_manager]") {
  const notify_socket systemd;
  const scoped_variable none("NOTIFY_SOCKET", std::nullopt);
  service_manager manager;
  say_everything(manager);
  CHECK(systemd.heard().empty());
}

TEST_CASE("A manager that was gone is told again when it is back", "[service_manager]") {
  const temp_dir dir;
  const scoped_variable named("NOTIFY_SOCKET", dir.file("gone"));
  service_manager manager;
  say_everything(manager);
  const owned_descriptor back = bound_socket(dir.file("gone"), SOCK_DGRAM);
  manager.status("as it is now");
  char text[100];
  const ssize_t size = ::recv(back.get(), text, sizeof text, MSG_DONTWAIT);
  REQUIRE(size > 0);
  CHECK(std::string(text, static_cast<std::size_t>(size)) == "STATUS=as it is now");
}

TEST_CASE("A manager that does not read is not waited for without a limit", "[service_manager]") {
  const notify_socket systemd;
  const scoped_variable named("NOTIFY_SOCKET", systemd.path());
  const owned_descriptor other(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un address = unix_address(systemd.path());
  while (::sendto(other.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) == 1) {
  }
  REQUIRE(errno == EAGAIN);
  service_manager manager;
  say_everything(manager);
  for (const std::string& each : systemd.heard()) CHECK(each == "x");
  manager.status("read again");
  CHECK(systemd.heard() == std::vector<std::string>{"STATUS=read again"});
}

TEST_CASE("An abstract address is understood", "[service_manager]") {
  const std::string name = "vibes-test-" + std::to_string(::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const owned_descriptor systemd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(systemd.get(), reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())) == 0);
  const scoped_variable named("NOTIFY_SOCKET", "@" + name);
  service_manager().alive();
  char text[100];
  CHECK(::recv(systemd.get(), text, sizeof text, MSG_DONTWAIT) == 10);
}

TEST_CASE("Who started the process is known by what it left in the environment",
          "[service_manager]") {
  const std::string self = std::to_string(::getpid());
  const std::string other = std::to_string(::getppid());
  struct {
    std::optional<std::string> notify;
    std::optional<std::string> exec_pid;
    bool present;
  } const cases[] = {
      {std::nullopt, std::nullopt, false},
      {"/run/systemd/notify", std::nullopt, true},
      {std::nullopt, self, true},
      {std::nullopt, other, false},  // of a service whose child started us
  };
  for (const auto& each : cases) {
    CAPTURE(each.notify.value_or("none"), each.exec_pid.value_or("none"));
    const scoped_variable notify("NOTIFY_SOCKET", each.notify);
    const scoped_variable exec_pid("SYSTEMD_EXEC_PID", each.exec_pid);
    CHECK(service_manager().is_present() == each.present);
  }
}

TEST_CASE("The watchdog's interval is the one meant for this process", "[service_manager]") {
  const std::string self = std::to_string(::getpid());
  const std::string other = std::to_string(::getppid());
  struct {
    std::optional<std::string> interval_us;
    std::optional<std::string> pid;
    std::optional<duration> expected;
  } const cases[] = {
      {"2500000", self, 2'500ms},       {"1", std::nullopt, 1us},
      {"2500000", other, std::nullopt}, {std::nullopt, self, std::nullopt},
      {"0", self, std::nullopt},        {"soon", self, std::nullopt},
  };
  for (const auto& each : cases) {
    CAPTURE(each.interval_us.value_or("none"), each.pid.value_or("none"));
    const scoped_variable interval("WATCHDOG_USEC", each.interval_us);
    const scoped_variable pid("WATCHDOG_PID", each.pid);
    CHECK((service_manager().watchdog_interval() == each.expected));
  }
}

TEST_CASE("A new status does not break a datagram apart", "[service_manager]") {
  const notify_socket systemd;
  const scoped_variable named("NOTIFY_SOCKET", systemd.path());
  service_manager manager;
  const std::string status(2'000, 's');
  manager.status(status);
  CHECK(systemd.heard() == std::vector<std::string>{"STATUS=" + status});
}

}  // namespace
}  // namespace vibes::test
