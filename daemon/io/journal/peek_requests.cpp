#include "daemon/io/journal/peek_requests.hpp"

#include <utility>

namespace vibes::io {
namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

peek_requests::peek_requests(boost::asio::io_context& loop,
                             std::function<void(journal::journal_job&&)> submit, duration limit)
    : submit_(std::move(submit)), limit_(limit), timer_(loop) {}

void peek_requests::ask(const request& wanted, answer told) {
  waiting_.push_back({wanted, std::move(told), now() + limit_});
  submit_next();
  if (waiting_.size() == 1) arm_timer();
}

void peek_requests::take(result<journal::backlog_events>&& found) {
  is_out_ = false;
  if (std::exchange(is_out_for_nobody_, false)) return submit_next();
  const answer told = std::move(waiting_.front().told);
  waiting_.pop_front();
  arm_timer();
  submit_next();
  told(std::move(found));
}

void peek_requests::submit_next() {
  if (is_out_ || waiting_.empty()) return;
  is_out_ = true;
  journal::journal_job job;
  job.peek = waiting_.front().wanted;
  submit_(std::move(job));
}

void peek_requests::arm_timer() {
  timer_.cancel();
  if (waiting_.empty()) return;
  timer_.expires_at(waiting_.front().until);
  timer_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) give_up_late();
  });
}

void peek_requests::give_up_late() {
  while (!waiting_.empty() && waiting_.front().until <= now()) {
    // The first of them may be out still: its outcome is nobody's then.
    is_out_for_nobody_ = is_out_;
    const answer told = std::move(waiting_.front().told);
    waiting_.pop_front();
    told(make_error_code(boost::system::errc::timed_out));
  }
  arm_timer();
}

}  // namespace vibes::io
