#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>

#include "daemon/base/time.hpp"
#include "daemon/journal/journal_job.hpp"

namespace vibes::io {

/// Pages of what is on disk, for operators. One look at a time is with the journal's thread, so
/// that its jobs never wait for more than one. A look that has no answer within the limit is
/// answered with timed_out, whatever the disk does; there are as many as operators that wait
/// (admin_server::connections_max). Loop thread only.
class peek_requests {
 public:
  static constexpr auto answer_max = std::chrono::seconds(3);

  using request = journal::journal_job::read_request;
  using answer = std::function<void(result<journal::backlog_events>)>;

  /// `submit` hands a job to the journal's thread. Unanswered looks are forgotten at the end.
  peek_requests(boost::asio::io_context&, std::function<void(journal::journal_job&&)> submit,
                duration limit = answer_max);

  void ask(const request&, answer);
  /// The outcome of the look that is out.
  void take(result<journal::backlog_events>&&);
  /// The look that is out has been answered with timed_out, and the disk still has not answered.
  bool disk_hangs() const noexcept { return is_out_for_nobody_; }

 private:
  struct peek {
    request wanted;
    answer told;
    time_point until;
  };

  void submit_next();
  void arm_timer();
  void give_up_late();

  std::function<void(journal::journal_job&&)> submit_;
  const duration limit_;
  boost::asio::steady_timer timer_;
  std::deque<peek> waiting_;  // by `until`; the first is out, unless nobody waits for that any more
  bool is_out_ = false;
  bool is_out_for_nobody_ = false;
};

}  // namespace vibes::io
