#include "daemon/io/journal/journal_thread.hpp"

#include <boost/asio/post.hpp>

#include "daemon/base/assert.hpp"
#include "daemon/base/failpoint.hpp"

namespace vibes::io {

journal_thread::journal_thread(boost::asio::io_context& loop,
                               std::unique_ptr<journal::file_system> files,
                               const journal_thread_options& options, listener heard)
    : loop_(loop),
      options_(options),
      heard_(std::make_shared<listener>(std::move(heard))),
      files_(std::move(files)),
      journal_(*files_, options.limits, options.writer_id),
      worker_(journal_, options.sync_interval) {
  VIBES_ASSERT(options.wall_clock_us != nullptr);
  thread_ = std::thread([this] { run(); });
}

journal_thread::~journal_thread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void journal_thread::submit(journal::journal_job&& job) {
  {
    const std::lock_guard lock(mutex_);
    VIBES_ASSERT(waiting_.size() < waiting_max);
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
}

/// Waits for a job, or for the time to sync. False when it is time to stop.
bool journal_thread::take(journal::journal_job& job, bool& unasked) {
  std::unique_lock lock(mutex_);
  const auto has_work = [this] { return stopping_ || !waiting_.empty(); };
  if (const auto sync_at = worker_.sync_at()) {
    wake_.wait_until(lock, *sync_at, has_work);
  } else {
    wake_.wait(lock, has_work);
  }
  unasked = waiting_.empty();
  if (unasked) return !stopping_;
  job = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

void journal_thread::run() {
  bool unasked = false;
  for (journal::journal_job job; take(job, unasked); job = {}) {
    const bool releases = !job.settled.empty();
    if (releases) failpoint(failpoint_name::journal_release_before);
    journal::journal_outcome outcome =
        worker_.execute(std::move(job), std::chrono::steady_clock::now(), options_.wall_clock_us());
    if (releases) failpoint(failpoint_name::journal_release_after);
    outcome.unasked = unasked;
    post(std::move(outcome));
  }
  if (!journal_.is_open()) return;
  journal::journal_job last;
  last.sync = true;
  journal::journal_outcome outcome =
      worker_.execute(std::move(last), std::chrono::steady_clock::now(), options_.wall_clock_us());
  outcome.unasked = true;
  post(std::move(outcome));
}

void journal_thread::post(journal::journal_outcome&& outcome) {
  boost::asio::post(loop_, [heard = std::weak_ptr(heard_), outcome = std::move(outcome)]() mutable {
    if (const auto listening = heard.lock()) (*listening)(std::move(outcome));
  });
}

}  // namespace vibes::io
