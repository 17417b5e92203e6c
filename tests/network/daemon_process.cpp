#include "tests/network/daemon_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <csignal>
#include <stdexcept>

extern char** environ;

namespace vibes::test {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

constexpr std::chrono::seconds start_limit{30};

}  // namespace

daemon_process::daemon_process(const std::string& settings) {
  const std::string file = directory_.write(
      "settings.toml", "[socket]\npath = \"" + socket() + "\"\n[admin]\nsocket = \"" +
                           directory_.file("admin.sock") + "\"\n[log]\nformat = \"text\"\n" +
                           settings);
  std::string program = VIBES_DAEMON_PROGRAM;
  std::string run = "run", option = "--config", path = file;
  char* arguments[] = {program.data(), run.data(), option.data(), path.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, directory_.file("log").c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  // Sockets of Asio are inherited: one that this process closes would live on in the daemon.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  const int failure = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error("cannot start " + program);

  try {
    wait_until_it_answers();
  } catch (...) {
    end_at_once();
    throw;
  }
}

void daemon_process::wait_until_it_answers() {
  asio::io_context loop;
  const auto end = std::chrono::steady_clock::now() + start_limit;
  while (true) {
    try {
      if (!status().empty()) return;
    } catch (const boost::system::system_error&) {
      // It does not listen yet.
    }
    const bool ended = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (ended) pid_ = -1;
    if (ended || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("the daemon does not answer: " + log());
    asio::steady_timer pause(loop, std::chrono::milliseconds(10));
    pause.wait();
  }
}

daemon_process::~daemon_process() {
  end_at_once();
}

void daemon_process::end_at_once() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

boost::json::object daemon_process::status() const {
  asio::io_context loop;
  stream_protocol::socket admin(loop);
  admin.connect(stream_protocol::endpoint(directory_.file("admin.sock")));
  asio::write(admin, asio::buffer(std::string("{\"command\":\"status\"}\n")));
  std::string answer;
  asio::read_until(admin, asio::dynamic_buffer(answer), '\n');
  return boost::json::parse(answer).as_object();
}

int daemon_process::stop() {
  ::kill(pid_, SIGTERM);
  int ended = 0;
  ::waitpid(pid_, &ended, 0);
  pid_ = -1;
  return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
}

}  // namespace vibes::test
