#include "daemon/io/journal/journal_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>

#include "daemon/io/journal/posix_file_system.hpp"
#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

using namespace io;

journal::journal_job job_of(std::uint64_t first, std::uint64_t last) {
  journal::journal_job job;
  const std::string payload = "{\"type\":\"test\"}";
  for (std::uint64_t each = first; each <= last; ++each) {
    job.records.add({each, {1, each}, 3, 4, std::as_bytes(std::span(payload))});
  }
  return job;
}

/// A loop and a journal's thread on a directory, and what the loop heard.
class thread_fixture {
 public:
  explicit thread_fixture(const temp_dir& dir, journal::sync_policy policy) {
    journal_thread_options options;
    options.limits = journal::journal_limits_for(4 << 20, policy);
    options.sync_interval = std::chrono::milliseconds(1);
    options.wall_clock_us = [] { return std::uint64_t{1}; };
    thread.emplace(loop, std::make_unique<posix_file_system>(*posix_file_system::open(dir.path())),
                   options,
                   [this](journal::journal_outcome&& each) { heard.push_back(std::move(each)); });
    journal::journal_job open;
    open.open = true;
    thread->submit(std::move(open));
  }

  /// Runs the loop until it has heard something that fits.
  template <class Fits>
  void wait_for(Fits fits) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (heard.empty() || !fits(heard.back())) {
      REQUIRE(std::chrono::steady_clock::now() < until);
      loop.run_one_for(std::chrono::seconds(60));
    }
  }

  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{
      loop.get_executor()};  // an idle loop would stop for good
  std::vector<journal::journal_outcome> heard;
  std::optional<journal_thread> thread;
};

TEST_CASE("The loop hears how far events are durable", "[journal_thread]") {
  const temp_dir dir;
  thread_fixture fixture(dir, journal::sync_policy::every_group);
  for (std::uint64_t at = 1; at <= 1'000; at += 10) {
    fixture.thread->submit(job_of(at, at + 9));
    fixture.wait_for([&](const auto& outcome) { return outcome.durable_through == at + 9; });
  }
  CHECK(fixture.heard.front().recovered.has_value());
  std::uint64_t before = 0;
  for (const journal::journal_outcome& each : fixture.heard) {
    CHECK(!each.write_error);
    CHECK(each.durable_through >= before);
    before = each.durable_through;
  }
}

TEST_CASE("What was submitted is done before the thread ends", "[journal_thread]") {
  const temp_dir dir;
  {
    thread_fixture fixture(dir, journal::sync_policy::never);
    fixture.thread->submit(job_of(1, 500));
    fixture.thread.reset();
    CHECK(fixture.heard.empty());
    fixture.loop.poll();
    CHECK(fixture.heard.empty());  // nobody is there to be told
  }
  thread_fixture again(dir, journal::sync_policy::never);
  again.wait_for([](const auto& outcome) { return outcome.recovered.has_value(); });
  CHECK(again.heard.back().recovered->live_events == 500);
  CHECK(again.heard.back().next_sequence == 501);
}

TEST_CASE("Under interval the thread comes back by itself to sync", "[journal_thread]") {
  const temp_dir dir;
  thread_fixture fixture(dir, journal::sync_policy::interval);
  fixture.thread->submit(job_of(1, 5));
  // Both jobs have their outcome then; a later one can only be of the sync that was due.
  fixture.wait_for([](const auto& outcome) { return outcome.usage.live_events == 5; });
  const std::size_t before = fixture.heard.size();
  fixture.wait_for([&](const auto&) { return fixture.heard.size() > before; });
  CHECK(!fixture.heard.back().write_error);
}

}  // namespace
}  // namespace vibes::test
