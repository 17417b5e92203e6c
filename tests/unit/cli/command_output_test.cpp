#include "daemon/cli/command_output.hpp"

#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "config/exit_code.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/cli/descriptor_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using boost::system::errc::errc_t;
using cli::command_output;

/// A device that is always full.
int full_disk() {
  return ::open("/dev/full", O_WRONLY | O_CLOEXEC);
}

TEST_CASE("What is written arrives with the flush, whole and in order", "[command_output]") {
  pipe_ends pipe;
  command_output output(pipe.writer());
  output.write("one\n");
  output.write("two\n");
  CHECK(pipe.take().empty());
  CHECK_FALSE(output.flush());
  CHECK(pipe.take() == "one\ntwo\n");
}

constexpr const char* steering = "\x1b[31m \xc2\x9b \xe2\x80\xae \xff\tand\n";

TEST_CASE("A terminal is shown text that steers nothing", "[command_output]") {
  const int screen = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(::grantpt(screen) == 0);
  REQUIRE(::unlockpt(screen) == 0);
  const int shell_side = ::open(::ptsname(screen), O_RDWR | O_NOCTTY | O_CLOEXEC);
  command_output output(shell_side);
  output.write(steering);
  CHECK_FALSE(output.flush());
  char shown[256];
  const ssize_t size = ::read(screen, shown, sizeof shown);
  ::close(shell_side);
  ::close(screen);
  REQUIRE(size > 0);
  CHECK_THAT(std::string(shown, static_cast<std::size_t>(size)),
             Catch::StartsWith("\\u001b[31m \\u009b \\u202e \\xff") && Catch::EndsWith("and\r\n"));
}

TEST_CASE("A pipe gets the very bytes", "[command_output]") {
  pipe_ends pipe;
  command_output output(pipe.writer());
  output.write(steering);
  CHECK_FALSE(output.flush());
  CHECK(pipe.take() == steering);
}

TEST_CASE("Much output is handed over before the flush", "[command_output]") {
  const temp_dir dir;
  const int file = ::open(dir.file("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  command_output output(file);
  for (int i = 0; i < 100; ++i) output.write(std::string(1'000, 'x'));
  struct stat now {};
  REQUIRE(::fstat(file, &now) == 0);
  CHECK(now.st_size >= 65'536);
  CHECK_FALSE(output.close());
  CHECK(text_of(dir.file("out")).size() == 100'000);
}

TEST_CASE("A full disk is an error of the flush, and stays one", "[command_output]") {
  command_output output(full_disk());
  output.write("lost");
  CHECK_FALSE(output.failed());
  CHECK(output.flush() == errc_t::no_space_on_device);
  output.write("lost too");
  CHECK(output.flush() == errc_t::no_space_on_device);
  CHECK(output.failed());
  CHECK(exit_code_after(output, 0) == 74);
}

TEST_CASE("A reader that has gone is an error, with nothing to be told", "[command_output]") {
  pipe_ends pipe;
  command_output output(pipe.writer());
  pipe.close_reader();
  output.write("for nobody");
  CHECK(output.flush() == errc_t::broken_pipe);
  CHECK(exit_code_after(output, 0) == 74);
  pipe.forget_writer();
}

TEST_CASE("An error of a command gives way to that of its output", "[command_output]") {
  command_output output(full_disk());
  output.write("lost");
  CHECK(exit_code_after(output, to_int(config::exit_code::event_refused)) == 74);
}

TEST_CASE("A command that writes nothing needs no output", "[command_output]") {
  command_output closed(-1);
  CHECK(exit_code_after(closed, 65) == 65);
  command_output full(full_disk());
  CHECK(exit_code_after(full, 0) == 0);
}

TEST_CASE("Output that is closed is an error as soon as there is any", "[command_output]") {
  command_output output(-1);
  output.write("lost");
  CHECK(exit_code_after(output, 0) == 74);
}

TEST_CASE("A reader that goes is seen without a write", "[command_output]") {
  pipe_ends pipe;
  command_output output(pipe.writer());
  CHECK_FALSE(output.reader_leaves());
  std::thread reader([&] { pipe.close_reader(); });
  CHECK(output.reader_leaves(60'000ms));
  reader.join();
  CHECK(output.error() == errc_t::broken_pipe);
}

TEST_CASE("A file, a device and a socket that is read have nobody who goes", "[command_output]") {
  const temp_dir dir;
  CHECK_FALSE(command_output(::open(dir.file("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600))
                  .reader_leaves());
  CHECK_FALSE(command_output(::open("/dev/null", O_WRONLY | O_CLOEXEC)).reader_leaves());
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  command_output output(ends[0]);
  CHECK_FALSE(output.reader_leaves());
  ::close(ends[1]);
  CHECK(output.reader_leaves());
  ::close(ends[0]);
}

TEST_CASE("A pipe that must not wait is waited for", "[command_output]") {
  pipe_ends pipe;
  pipe.never_wait();
  command_output output(pipe.writer());
  std::string got;
  std::thread reader([&] {
    while (got.size() < 1'000'000) got += pipe.take();
  });
  output.write(std::string(1'000'000, 'x'));
  CHECK_FALSE(output.flush());
  reader.join();
  CHECK(got.size() == 1'000'000);
}

volatile std::sig_atomic_t interrupted = 0;

TEST_CASE("A write that nobody reads ends with an interruption", "[command_output]") {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };  // without SA_RESTART
  struct sigaction before {};
  REQUIRE(::sigaction(SIGUSR1, &action, &before) == 0);
  pipe_ends pipe;
  command_output output(pipe.writer());
  output.give_up_on(interrupted);
  const pthread_t writer = ::pthread_self();
  std::atomic<bool> done = false;
  // One signal may come before the write waits.
  std::thread somebody([&] {
    while (!done) {
      ::pthread_kill(writer, SIGUSR1);
      std::this_thread::yield();
    }
  });
  output.write(std::string(1'000'000, 'x'));
  CHECK(output.flush() == errc_t::interrupted);
  done = true;
  somebody.join();
  ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace vibes::test
