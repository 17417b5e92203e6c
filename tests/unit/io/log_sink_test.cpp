#include "daemon/io/process/log_sink.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <regex>
#include <sstream>

#include "tests/support/scoped_variable.hpp"
#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

using io::log_form;
using namespace std::chrono_literals;

/// Puts the sink's lines into a buffer while it lives.
class running_log {
 public:
  running_log(std::streambuf* into, log_level threshold, log_form form)
      : before_(std::clog.rdbuf(into)) {
    io::start_log_sink(threshold, form);
  }
  ~running_log() {
    io::stop_log_sink();
    std::clog.rdbuf(before_);
  }
  running_log(const running_log&) = delete;
  running_log& operator=(const running_log&) = delete;

 private:
  std::streambuf* before_;
};

/// All that one line, or some, made the sink write.
template <class Act>
std::string written(log_level threshold, log_form form, Act act) {
  std::stringbuf into;
  {
    const running_log running(&into, threshold, form);
    act();
  }
  return into.str();
}

constexpr log_level all_levels[] = {log_level::critical, log_level::error, log_level::warning,
                                    log_level::notice,   log_level::info,  log_level::debug};
constexpr const char* names[] = {"critical", "error", "warning", "notice", "info", "debug"};

TEST_CASE("For the journal each line has its priority in front", "[log_sink]") {
  const std::string lines = written(log_level::debug, log_form::journal, [] {
    for (const log_level each : all_levels) log(each, "m");
  });
  CHECK(lines == "<2>m\n<3>m\n<4>m\n<5>m\n<6>m\n<7>m\n");
}

TEST_CASE("A level lets through itself and what is more serious", "[log_sink]") {
  std::string expected;
  for (const log_level threshold : all_levels) {
    CAPTURE(static_cast<int>(threshold));
    expected += "<" + std::to_string(static_cast<int>(threshold)) + ">m\n";
    CHECK(written(threshold, log_form::journal, [&] {
            for (const log_level each : all_levels) {
              CHECK(log_enabled(each) == (each <= threshold));
              log(each, "m");
            }
          }) == expected);
  }
}

TEST_CASE("A message is one line, whatever it holds", "[log_sink]") {
  struct {
    std::string message;
    std::string line;
  } const cases[] = {
      {"two\nlines", "two\\nlines"},
      {"forged\n<2>critical", "forged\\n<2>critical"},
      {"\r\n\t\x1b[31m", "\\r\\n\\t\\u001b[31m"},
      {std::string("a\0b", 3), "a\\u0000b"},
      {"\xc2\x9b"
       "31m, \xe2\x80\xae and \xff",
       "\\u009b31m, \\u202e and \\xff"},
      {"\xc3\xa4 stays, and so does %s", "\xc3\xa4 stays, and so does %s"},
      {"", ""},
  };
  for (const auto& each : cases) {
    CHECK(written(log_level::info, log_form::journal,
                  [&] { log(log_level::info, each.message); }) == "<6>" + each.line + "\n");
  }
}

TEST_CASE("A line of the log has a limit, whatever it quotes", "[log_sink]") {
  const std::string line = written(log_level::info, log_form::journal, [] {
    log(log_level::info, std::string(std::size_t{8} << 20, 'x'));
  });
  CHECK(line.size() < 4'200);
  CHECK_THAT(line, Catch::EndsWith("xxx... (8388608 bytes)\n"));
}

TEST_CASE("As text a line has the time, the level and the message", "[log_sink]") {
  for (std::size_t i = 0; i < std::size(all_levels); ++i) {
    const std::string line =
        written(log_level::debug, log_form::text, [&] { log(all_levels[i], "a message"); });
    CAPTURE(line);
    const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ )" + std::string(names[i]) +
                          ": a message\n");
    CHECK(std::regex_match(line, form));
  }
}

TEST_CASE("As JSON a line is an object", "[log_sink]") {
  const std::string message = "quoted \"text\"\nand a second line";
  for (std::size_t i = 0; i < std::size(all_levels); ++i) {
    const std::string line =
        written(log_level::debug, log_form::json, [&] { log(all_levels[i], message); });
    CAPTURE(line);
    REQUIRE(line.find('\n') == line.size() - 1);
    const boost::json::object read = boost::json::parse(line).as_object();
    CHECK(read.size() == 3);
    CHECK(read.at("level").as_string() == names[i]);
    CHECK(read.at("message").as_string() == "quoted \"text\"\\nand a second line");
    CHECK(std::regex_match(std::string(read.at("time").as_string()),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")));
  }
}

TEST_CASE("Standard error that is the journal's is seen as such", "[log_sink]") {
  struct stat error_stream {};
  REQUIRE(::fstat(STDERR_FILENO, &error_stream) == 0);
  const std::string device = std::to_string(error_stream.st_dev) + ":";
  const auto write = [] {
    return written(log_level::info, log_form::automatic, [] { log(log_level::info, "m"); });
  };
  {
    const scoped_variable same("JOURNAL_STREAM", device + std::to_string(error_stream.st_ino));
    CHECK(write() == "<6>m\n");
  }
  for (const std::optional<std::string>& other :
       {std::optional<std::string>(),
        std::optional(device + std::to_string(error_stream.st_ino + 1)),
        std::optional<std::string>("")}) {
    const scoped_variable variable("JOURNAL_STREAM", other);
    CHECK_THAT(write(), Catch::EndsWith("Z info: m\n"));
  }
}

/// Takes no line until it is told to, like a terminal on hold.
class stalled_buffer final : public std::stringbuf {
 public:
  void wait_until_stalled() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stalled_; });
  }
  void wait_for(const std::string& all) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return str() == all; });
  }
  void go_on() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 protected:
  std::streamsize xsputn(const char* from, std::streamsize count) override {
    std::unique_lock lock(mutex_);
    stalled_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    const std::streamsize taken = std::stringbuf::xsputn(from, count);
    changed_.notify_all();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stalled_ = false;
  bool open_ = false;
};

TEST_CASE("A reader that stalls stalls nobody: lines beyond the queue are dropped and counted",
          "[log_sink]") {
  const std::uint64_t before = io::log_lines_dropped();
  stalled_buffer into;
  {
    const running_log running(&into, log_level::info, log_form::journal);
    log(log_level::info, "first");
    into.wait_until_stalled();
    for (int i = 0; i < 1'024; ++i) log(log_level::info, "queued");
    CHECK(io::log_lines_dropped() - before == 0);
    for (int i = 0; i < 7; ++i) log(log_level::info, "dropped");
    CHECK(io::log_lines_dropped() - before == 7);
    into.go_on();
  }
  std::string expected = "<6>first\n";
  for (int i = 0; i < 1'024; ++i) expected += "<6>queued\n";
  CHECK(into.str() == expected);
}

TEST_CASE("A reader that never goes on is not waited for at the end", "[log_sink]") {
  // The sink's thread keeps the buffer after the sink was left.
  static stalled_buffer into;
  std::streambuf* const before = std::clog.rdbuf(&into);
  io::start_log_sink(log_level::info, log_form::journal);
  log(log_level::info, "stuck");
  into.wait_until_stalled();
  log(log_level::info, "behind it");
  CHECK_FALSE(io::stop_log_sink(10ms));
  into.go_on();
  into.wait_for("<6>stuck\n<6>behind it\n");
  std::clog.rdbuf(before);
  CHECK(io::stop_log_sink());
}

/// Fails as often as it is told to, like a disk that is full for a while.
class failing_buffer final : public std::stringbuf {
 public:
  int failures = 0;

 protected:
  std::streamsize xsputn(const char* from, std::streamsize count) override {
    if (failures > 0) return --failures, 0;
    return std::stringbuf::xsputn(from, count);
  }
};

TEST_CASE("A line that cannot be written is dropped and counted, and the next one is tried",
          "[log_sink]") {
  const std::uint64_t before = io::log_lines_dropped();
  failing_buffer into;
  into.failures = 2;
  {
    const running_log running(&into, log_level::info, log_form::journal);
    for (const char* const each : {"first", "second", "third"}) log(log_level::info, each);
  }
  CHECK(into.str() == "<6>third\n");
  CHECK(io::log_lines_dropped() - before == 2);
}

TEST_CASE("Without the sink a line goes to standard error, above the last threshold",
          "[log_sink]") {
  CHECK(written(log_level::notice, log_form::text, [] {}).empty());
  const temp_dir dir;
  const int before = ::dup(STDERR_FILENO);
  const int file = ::open(dir.file("log").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ::dup2(file, STDERR_FILENO);
  log(log_level::warning, "late");
  log(log_level::info, "too late");
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  ::close(file);
  CHECK(text_of(dir.file("log")) == "<4>late\n");
  io::stop_log_sink();
}

}  // namespace
}  // namespace vibes::test
