#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <string>

#include "daemon/io/journal/journal_thread.hpp"
#include "daemon/io/journal/peek_requests.hpp"
#include "daemon/store/outbox.hpp"

namespace vibes::io {

/// Carries the outbox's jobs to the journal's thread, one at a time, and their outcomes back.
/// Decides nothing. Loop thread only.
class journal_driver {
 public:
  /// `done` is called after each outcome: there may be room, news, or another job.
  journal_driver(boost::asio::io_context&, store::outbox&, const std::string& directory,
                 const journal_thread_options&, std::function<void()> done);

  /// Hears once, by the first opening that works, what the last run has noted: empty when nothing.
  void on_last_note(std::function<void(result<std::string>&&)> heard) {
    heard_note_ = std::move(heard);
  }
  /// What this run says of itself to the next one. `done` hears when it is on the disk, or why not.
  void note(std::string text, std::function<void(const error_code&)> done);
  bool is_noting() const noexcept { return !notes_out_.empty(); }

  /// The first opening, before anything but signals is in the loop. Gives what is wrong with the
  /// directory. Ends without having opened it when `given_up` says so.
  error_code open(const std::function<bool()>& given_up);

  /// The outbox may have a job.
  void wake();
  /// What is on disk, for an operator; the outbox hears nothing of it.
  void peek(const peek_requests::request& wanted, peek_requests::answer told) {
    peeks_.ask(wanted, std::move(told));
  }
  /// The journal's thread may never come back from what an operator wanted to see.
  bool peek_hangs() const noexcept { return peeks_.disk_hangs(); }
  /// From now on jobs are closing ones: everything that can be is written.
  void close() noexcept { closing_ = true; }

 private:
  void take(journal::journal_outcome&&);
  void arm_timer();

  boost::asio::io_context& loop_;
  store::outbox& outbox_;
  std::function<void()> done_;
  boost::asio::steady_timer timer_;
  time_point timer_at_ = time_point::max();
  bool closing_ = false;
  std::function<void(result<std::string>&&)> heard_note_;
  std::deque<std::function<void(const error_code&)>> notes_out_;
  peek_requests peeks_;
  journal_thread thread_;  // last: it ends first
};

}  // namespace vibes::io
