#include "daemon/io/process/log_sink.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/log/core.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/bounded_fifo_queue.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/smart_ptr/make_shared.hpp>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <mutex>
#include <string>

namespace vibes::io {
namespace {

namespace logging = boost::log;

constexpr std::size_t queued_lines_max = 1'024;

std::atomic<std::uint64_t> dropped_lines = 0;

/// Lines that the sink has and has not written.
class line_count {
 public:
  void add(int lines) {
    const std::lock_guard lock(mutex_);
    count_ += lines;
    if (count_ == 0) none_.notify_all();
  }
  bool wait_for_none(duration limit) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;
};
line_count unwritten;

/// Boost.Log's drop_on_overflow, counting.
struct drop_and_count {
  template <class Lock>
  static bool on_overflow(const logging::record_view&, Lock&) {
    dropped_lines.fetch_add(1, std::memory_order_relaxed);
    unwritten.add(-1);
    return false;
  }
  static void on_queue_space_available() {}
  static void interrupt() {}
};

/// A line that cannot be written is dropped; the next one is tried again, since a full disk or a
/// file size limit need not stay. Boost's own backend gives a stream up that has failed once.
class standard_error final
    : public logging::sinks::basic_formatted_sink_backend<char,
                                                          logging::sinks::synchronized_feeding> {
 public:
  void consume(const logging::record_view&, const string_type& line) {
    std::clog.clear();
    std::clog << line + '\n' << std::flush;
    if (!std::clog) dropped_lines.fetch_add(1, std::memory_order_relaxed);
    unwritten.add(-1);
  }
};

using sink_type = logging::sinks::asynchronous_sink<
    standard_error, logging::sinks::bounded_fifo_queue<queued_lines_max, drop_and_count>>;

struct running_sink {
  boost::shared_ptr<sink_type> sink;
  log_form form = log_form::text;
  log_level threshold = log_level::info;
};
running_sink current;

/// Whether standard error is the stream that systemd connected to the journal.
bool stderr_is_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat found {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &found) != 0) return false;
  return std::string(stream) == std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
}

void write_line(log_level level, std::string_view message) {
  logging::sources::logger_mt logger;
  if (logging::record record = logger.open_record()) {
    logging::record_ostream out(record);
    out << format_log_line(current.form, level, message, std::time(nullptr));
    out.flush();
    unwritten.add(1);
    logger.push_record(std::move(record));
  }
}

}  // namespace

void start_log_sink(log_level threshold, log_form form) {
  if (form == log_form::automatic) form = stderr_is_journal() ? log_form::journal : log_form::text;
  current = {boost::make_shared<sink_type>(boost::make_shared<standard_error>()), form, threshold};
  logging::core::get()->add_sink(current.sink);
  set_log_sink(write_line, threshold);
}

bool stop_log_sink(duration limit) {
  if (!current.sink) return true;
  set_log_sink(nullptr, current.threshold);
  logging::core::get()->remove_sink(current.sink);
  // stop() joins the sink's thread, which may be in a write that never ends. And no thread is made
  // to wait for it: there may be no memory left for one.
  if (!unwritten.wait_for_none(limit)) return false;
  current.sink->stop();
  current.sink->flush();
  current.sink.reset();
  return true;
}

std::uint64_t log_lines_dropped() noexcept {
  return dropped_lines.load(std::memory_order_relaxed);
}

}  // namespace vibes::io
