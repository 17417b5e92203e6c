#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/played_journal.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// The link with a work source that records: a batch with a stamp is written before it is sent.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;
using store::journal_state;

store::outbox_limits recording_outbox() {
  store::outbox_limits limits = eager_outbox();
  limits.journal.emplace().journal = small_journal;
  return limits;
}

/// A link to a 0.10, whose outbox has a journal.
struct recording_simulation {
  recording_simulation() { at.become_ready(2); }

  vsr_send sends_when_written() {
    promise(at.coordinator.silent(), "something is sent before it is written");
    journal.work();
    at.wake();
    return at.coordinator.expect_send();
  }

  vsr_simulation at{generation::iggy_0_10, vsr_settings(), recording_outbox()};
  played_journal journal{at.box, at.now};
};

TEST_CASE("A batch with a stamp is sent when it is on the disk, and not before",
          "[link][vsr][recording]") {
  recording_simulation with;
  with.at.offer(0);
  CHECK(with.at.coordinator.silent());
  REQUIRE(with.journal.takes_job());
  with.at.pass(1s);
  CHECK(with.at.coordinator.silent());
  with.journal.ends_job();
  CHECK(with.at.box.journal().status().counters.recorded_batches == 1);
  with.at.wake();
  const vsr_send sent = with.at.coordinator.expect_send();
  CHECK(lines(sent) == numbered{1});
  CHECK(sent.stamp == seen_stamp{0x77, 0, 0});
  with.at.coordinator.accept(sent);
  CHECK(with.at.box.empty());
}

enum class came_back : std::uint8_t { before_its_job, during_its_job, when_written };

/// A batch of partition 0 that the link has asked to be recorded, and loses its connection before
/// it could send it. Gives the number of the last request of the next connection's handshake.
std::uint64_t comes_back_unsent(recording_simulation& with, came_back when) {
  vsr_simulation& at = with.at;
  at.offer(0);
  promise(at.coordinator.silent(), "it is sent before it is written");
  if (when != came_back::before_its_job) promise(with.journal.takes_job(), "nothing to write");
  if (when == came_back::when_written) with.journal.ends_job();
  at.coordinator.fails();
  if (when == came_back::during_its_job) with.journal.ends_job();
  at.coordinator.closes();
  at.wait();
  at.log_in();
  at.coordinator.gets(code::nodes, payload::nodes(at.gen, {{1, true}}));
  at.coordinator.gets(code::get_stream, payload::stream(at.gen));
  return at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}, at.incarnations))
      .number;
}

/// What is sent then, which is the first sending of that batch.
vsr_send first_sending(recording_simulation& with, came_back when) {
  vsr_simulation& at = with.at;
  at.offer(1);
  const vsr_send earlier = with.sends_when_written();
  at.coordinator.accept(earlier);
  const std::uint64_t newest = comes_back_unsent(with, when);
  const vsr_send sent =
      when == came_back::when_written ? at.coordinator.expect_send() : with.sends_when_written();
  CHECK(lines(sent) == numbered{2});
  CHECK(sent.stamp == seen_stamp{0x77, 0, 0});
  CHECK(sent.request.session == earlier.request.session);
  CHECK(newest > earlier.request.number);
  CHECK(sent.request.number == newest + 1);
  return sent;
}

constexpr came_back always[] = {came_back::before_its_job, came_back::during_its_job,
                                came_back::when_written};

TEST_CASE("A recorded batch that came back unsent gets a number of its own",
          "[link][vsr][recording]") {
  for (const came_back when : always) {
    CAPTURE(static_cast<int>(when));
    recording_simulation with;
    vsr_simulation& at = with.at;
    const vsr_send sent = first_sending(with, when);
    at.offer(1);
    const vsr_send next = with.sends_when_written();
    CHECK(next.request.number == sent.request.number + 1);
    at.coordinator.accept(next);
    at.coordinator.accept(sent);
    CHECK(at.box.empty());
  }
}

TEST_CASE("A recorded batch that came back unsent cannot have been there before",
          "[link][vsr][recording]") {
  for (const came_back when : always) {
    CAPTURE(static_cast<int>(when));
    recording_simulation with;
    with.at.coordinator.answer_send(first_sending(with, when), 59);
    CHECK(with.at.reports.of_line(2).empty());
    CHECK(with.at.coordinator.link.report().last_error == protocol::wire_errc::unconfirmed_send);
  }
}

TEST_CASE("No request takes the number of a batch that came back unsent",
          "[link][vsr][recording]") {
  recording_simulation with;
  vsr_simulation& at = with.at;
  const std::uint64_t newest = comes_back_unsent(with, came_back::before_its_job);
  at.offer(1);
  with.journal.work();
  at.wake();
  const vsr_send one = at.coordinator.expect_send();
  CHECK(one.request.number == newest + 1);
  const vsr_send other = at.coordinator.expect_send();
  CHECK(one.partition != other.partition);
  CHECK(other.request.number == one.request.number + 1);
  // Both have unknown fates now, and each is repeated under its own.
  at.reconnect(2);
  std::map<std::uint32_t, std::uint64_t> again;
  for (int i = 0; i < 2; ++i) {
    const vsr_send each = at.coordinator.expect_send();
    again[each.partition] = each.request.number;
    at.coordinator.accept(each);
  }
  CHECK(again[one.partition] == one.request.number);
  CHECK(again[other.partition] == other.request.number);
  CHECK(at.box.empty());
}

/// The stamp of what follows a batch at the beginning of a partition that Iggy has refused.
std::optional<seen_stamp> stamp_after_refusal(recording_simulation& with, const vsr_send& refused) {
  promise(refused.stamp == seen_stamp{0x77, 0, 0}, "another batch was sent");
  with.at.coordinator.answer_send(refused, 4022);
  promise(with.at.reports.of_line(1) == "refused_by_iggy", "it was not refused");
  with.at.offer(0);
  with.journal.work();
  with.at.wake();
  return with.at.coordinator.expect_send().stamp;
}

TEST_CASE("A refused batch that the journal may have begins a new epoch",
          "[link][vsr][recording]") {
  recording_simulation with;
  SECTION("one that it has") {
    with.at.offer(0);
    CHECK(stamp_after_refusal(with, with.sends_when_written()) == seen_stamp{0x77, 1, 0});
  }
  SECTION("one of which it does not know whether it has it") {
    with.at.offer(0);
    with.journal.disk.fail_call(fake_file_system::call::write, 0, EIO);
    const vsr_send sent = with.sends_when_written();
    REQUIRE(with.at.box.journal().health().state() == journal_state::failed);
    CHECK(with.at.box.journal().status().counters.recorded_batches == 0);
    CHECK(stamp_after_refusal(with, sent) == seen_stamp{0x77, 1, 0});
  }
  SECTION("but not one that it was never given") {
    with.journal.disk.fail_call(fake_file_system::call::write, 0, EIO);
    with.at.box.pause();
    with.at.offer(0);
    with.journal.work();
    REQUIRE(with.at.box.journal().health().state() == journal_state::failed);
    with.at.box.resume();
    with.at.wake();
    CHECK(stamp_after_refusal(with, with.at.coordinator.expect_send()) == seen_stamp{0x77, 0, 0});
  }
}

TEST_CASE("A recorded batch that gets another stamp is written again", "[link][vsr][recording]") {
  for (const std::uint32_t status : {92u, 93u, 94u}) {
    recording_simulation with;
    vsr_simulation& at = with.at;
    at.offer(0);
    const vsr_send doubted = with.sends_when_written();
    at.coordinator.answer_send(doubted, status);
    at.wait();
    const vsr_send renewed = with.sends_when_written();
    CHECK(lines(renewed) == numbered{1});
    CHECK(renewed.stamp != doubted.stamp);
    CHECK(renewed.request.number > doubted.request.number);
    CHECK(at.box.journal().status().counters.recorded_batches == 2);
  }
}

TEST_CASE("What is repeated as it was is not written again", "[link][vsr][recording]") {
  recording_simulation with;
  vsr_simulation& at = with.at;
  at.offer(0);
  const vsr_send first = with.sends_when_written();
  at.reconnect(2);
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number == first.request.number);
  CHECK(again.request.body == first.request.body);
  CHECK(at.box.journal().status().counters.recorded_batches == 1);
}

}  // namespace
}  // namespace vibes::test
