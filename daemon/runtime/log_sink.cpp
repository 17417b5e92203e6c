#include "daemon/runtime/log_sink.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/core/null_deleter.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/log/core.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/bounded_fifo_queue.hpp>
#include <boost/log/sinks/text_ostream_backend.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/smart_ptr/make_shared.hpp>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>

namespace vibes::runtime {
namespace {

namespace logging = boost::log;

constexpr std::size_t queued_lines_max = 1'024;

std::atomic<std::uint64_t> dropped_lines = 0;

/// Boost.Log's drop_on_overflow, counting.
struct drop_and_count {
  template <class Lock>
  static bool on_overflow(const logging::record_view&, Lock&) {
    dropped_lines.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  static void on_queue_space_available() {}
  static void interrupt() {}
};

using backend_type = logging::sinks::text_ostream_backend;
using sink_type = logging::sinks::asynchronous_sink<
    backend_type, logging::sinks::bounded_fifo_queue<queued_lines_max, drop_and_count>>;

struct running_sink {
  boost::shared_ptr<sink_type> sink;
  log_form form = log_form::text;
  log_level threshold = log_level::info;
};
running_sink current;

const char* name_of(log_level level) {
  switch (level) {
    case log_level::critical: return "critical";
    case log_level::error: return "error";
    case log_level::warning: return "warning";
    case log_level::notice: return "notice";
    case log_level::info: return "info";
    case log_level::debug: return "debug";
  }
  return "unknown";
}

/// Whether standard error is the stream that systemd connected to the journal.
bool stderr_is_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat found {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &found) != 0) return false;
  return std::string(stream) == std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
}

std::string time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string format_line(log_level level, std::string_view message) {
  switch (current.form) {
    case log_form::journal:
      return "<" + std::to_string(static_cast<int>(level)) + ">" + std::string(message);
    case log_form::json:
      return boost::json::serialize(boost::json::object{
          {"time", time_text()}, {"level", name_of(level)}, {"message", std::string(message)}});
    case log_form::automatic:
    case log_form::text: break;
  }
  return time_text() + " " + name_of(level) + ": " + std::string(message);
}

void write_line(log_level level, std::string_view message) {
  // A message is one line, whatever bytes it quotes.
  std::string line = format_line(level, message);
  for (char& each : line) {
    if (static_cast<unsigned char>(each) < 0x20) each = ' ';
  }
  logging::sources::logger_mt logger;
  if (logging::record record = logger.open_record()) {
    logging::record_ostream out(record);
    out << line;
    out.flush();
    logger.push_record(std::move(record));
  }
}

}  // namespace

void start_log_sink(log_level threshold, log_form form) {
  if (form == log_form::automatic) form = stderr_is_journal() ? log_form::journal : log_form::text;
  const auto backend = boost::make_shared<backend_type>();
  backend->add_stream(boost::shared_ptr<std::ostream>(&std::clog, boost::null_deleter()));
  backend->auto_flush(true);
  current = {boost::make_shared<sink_type>(backend), form, threshold};
  logging::core::get()->add_sink(current.sink);
  set_log_sink(write_line, threshold);
}

void stop_log_sink() {
  if (!current.sink) return;
  set_log_sink(nullptr, current.threshold);
  logging::core::get()->remove_sink(current.sink);
  current.sink->stop();
  current.sink->flush();
  current.sink.reset();
}

std::uint64_t log_lines_dropped() noexcept {
  return dropped_lines.load(std::memory_order_relaxed);
}

}  // namespace vibes::runtime
