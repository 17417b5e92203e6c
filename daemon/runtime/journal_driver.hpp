#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "daemon/runtime/disk_looks.hpp"
#include "daemon/runtime/journal_thread.hpp"
#include "daemon/upstream/outbox.hpp"

namespace vibes::runtime {

/// Carries the outbox's jobs to the journal's thread, one at a time, and their outcomes back.
/// Decides nothing. Loop thread only.
class journal_driver {
 public:
  /// `done` is called after each outcome: there may be room, news, or another job.
  journal_driver(boost::asio::io_context&, upstream::outbox&, const std::string& directory,
                 const journal_thread_options&, std::function<void()> done);

  /// The first opening, before anything but signals is in the loop. Gives what is wrong with the
  /// directory. Ends without having opened it when `given_up` says so.
  error_code open(const std::function<bool()>& given_up);

  /// The outbox may have a job.
  void wake();
  /// What is on disk, for an operator; the outbox hears nothing of it.
  void look(const disk_looks::request& wanted, disk_looks::answer told) {
    looks_.ask(wanted, std::move(told));
  }
  /// The journal's thread may never come back from what an operator wanted to see.
  bool look_hangs() const noexcept { return looks_.disk_hangs(); }
  /// From now on jobs are closing ones: everything that can be is written.
  void close() noexcept { closing_ = true; }

 private:
  void take(queue::journal_outcome&&);
  void arm_timer();

  boost::asio::io_context& loop_;
  upstream::outbox& outbox_;
  std::function<void()> done_;
  boost::asio::steady_timer timer_;
  time_point timer_at_ = time_point::max();
  bool closing_ = false;
  disk_looks looks_;
  journal_thread thread_;  // last: it ends first
};

}  // namespace vibes::runtime
