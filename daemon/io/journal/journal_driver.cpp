#include "daemon/io/journal/journal_driver.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <utility>

#include "daemon/base/failpoint.hpp"
#include "daemon/io/journal/reopening_directory.hpp"

namespace vibes::io {
namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

journal_driver::journal_driver(boost::asio::io_context& loop, store::outbox& outbox,
                               const std::string& directory, const journal_thread_options& options,
                               std::function<void()> done)
    : loop_(loop),
      outbox_(outbox),
      done_(std::move(done)),
      timer_(loop),
      peeks_(loop, [this](journal::journal_job&& job) { thread_.submit(std::move(job)); }),
      thread_(loop, std::make_unique<reopening_directory>(directory), options,
              [this](journal::journal_outcome&& outcome) { take(std::move(outcome)); }) {}

error_code journal_driver::open(const std::function<bool()>& given_up) {
  const auto going = boost::asio::make_work_guard(loop_);
  wake();
  while (outbox_.journal().health().state() == store::journal_state::opening && !given_up()) {
    loop_.run_one();
  }
  return outbox_.journal().health().last_error();
}

void journal_driver::take(journal::journal_outcome&& outcome) {
  if (outcome.peeked) return peeks_.take(std::move(*outcome.peeked));
  if (outcome.noted) {
    const auto told = std::move(notes_out_.front());
    notes_out_.pop_front();
    return told(*outcome.noted);
  }
  std::optional<result<std::string>> note = std::move(outcome.note);
  failpoint(failpoint_name::journal_outcome_before);
  outbox_.journal_done(std::move(outcome), now());
  if (note && heard_note_) std::exchange(heard_note_, nullptr)(std::move(*note));
  done_();
  failpoint(failpoint_name::journal_outcome_after);
}

void journal_driver::note(std::string text, std::function<void(const error_code&)> done) {
  notes_out_.push_back(std::move(done));
  journal::journal_job job;
  job.note = std::move(text);
  thread_.submit(std::move(job));
}

void journal_driver::wake() {
  if (std::optional<journal::journal_job> job = outbox_.next_journal_job(now(), closing_)) {
    thread_.submit(std::move(*job));
  }
  arm_timer();
}

void journal_driver::arm_timer() {
  const time_point wanted = outbox_.journal_wake_at().value_or(time_point::max());
  if (wanted == timer_at_) return;
  timer_at_ = wanted;
  if (wanted == time_point::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(wanted);
  timer_.async_wait([this](const error_code& error) {
    if (error) return;
    timer_at_ = time_point::max();
    wake();
  });
}

}  // namespace vibes::io
