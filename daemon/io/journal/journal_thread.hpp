#pragma once

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "daemon/journal/journal_job.hpp"

namespace vibes::io {

struct journal_thread_options {
  journal::journal_limits limits;
  duration sync_interval = std::chrono::milliseconds(100);
  std::uint64_t writer_id = 1;  // for a new directory: random, not 0
  std::uint64_t (*wall_clock_us)() = nullptr;
};

/// The one thread that touches the journal's files. The loop hands it jobs and hears of each
/// outcome, on the loop's thread, in order. The syncs of the policy `interval` have outcomes of
/// their own, marked as unasked. Nothing but this hand-over is shared between the threads.
class journal_thread {
 public:
  using listener = std::function<void(journal::journal_outcome&&)>;
  /// Jobs that wait: one of the outbox, one look, and the notes of a run and of its stop.
  static constexpr std::size_t waiting_max = 4;

  /// The loop must outlive it. `heard` is called by the loop only, and not after the end of this
  /// object.
  journal_thread(boost::asio::io_context& loop, std::unique_ptr<journal::file_system>,
                 const journal_thread_options&, listener heard);
  /// Finishes what was submitted and syncs; takes as long as the disk does.
  ~journal_thread();
  journal_thread(const journal_thread&) = delete;
  journal_thread& operator=(const journal_thread&) = delete;

  /// At most waiting_max may be submitted and not begun.
  void submit(journal::journal_job&&);

 private:
  void run();
  bool take(journal::journal_job& job, bool& unasked);
  void post(journal::journal_outcome&&);

  boost::asio::io_context& loop_;
  const journal_thread_options options_;
  std::shared_ptr<listener> heard_;  // posted outcomes hold it weakly

  // The thread's own.
  std::unique_ptr<journal::file_system> files_;
  journal::journal journal_;
  journal::journal_worker worker_;

  // The hand-over.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<journal::journal_job> waiting_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace vibes::io
