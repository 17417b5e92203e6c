#include "daemon/app/stop_machine.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using app::stop_action;
using app::stop_event;
using app::stop_limits;
using app::stop_machine;
using app::stop_state;
using app::stop_view;
using enum app::stop_action;
using actions = std::vector<stop_action>;

constexpr time_point start{1h};

stop_limits drain_for(duration drain) {
  stop_limits limits;
  limits.drain = drain;
  return limits;
}

/// A machine with a clock and what it sees, and how it is spoken to.
struct stop_script {
  explicit stop_script(duration drain = 10s) : machine(drain_for(drain), {}) {}

  static stop_script running(duration drain = 10s) {
    stop_script made(drain);
    made.machine.tell(stop_event::started, made.now);
    return made;
  }
  static stop_script draining(duration drain = 10s) {
    stop_script made = running(drain);
    made.machine.tell_signal(SIGTERM, made.now);
    made.machine.tell(stop_event::producers_read, made.now);
    REQUIRE(made.go_on() == actions{begin, accept_no_more, drain_links});
    REQUIRE(made.machine.state() == stop_state::draining);
    return made;
  }
  static stop_script cutting() {
    stop_script made = draining();
    made.machine.tell_signal(SIGTERM, made.now);
    REQUIRE(made.go_on() == actions{cut_links});
    return made;
  }
  static stop_script closing() {
    stop_script made = cutting();
    REQUIRE(made.after(stop_event::link_stopped) == actions{close_journal});
    return made;
  }

  /// All that is to be done now.
  actions go_on() {
    actions done;
    for (actions due = machine.next(seen, now); !due.empty(); due = machine.next(seen, now)) {
      done.insert(done.end(), due.begin(), due.end());
    }
    CHECK((machine.state() == stop_state::left || machine.wake_at() > now));
    return done;
  }
  actions after(stop_event event) {
    machine.tell(event, now);
    return go_on();
  }
  actions at(time_point when) {
    now = when;
    return go_on();
  }
  /// The driver's timer.
  actions at_wake() { return at(machine.wake_at()); }

  stop_machine machine;
  stop_view seen;
  time_point now = start;
};

TEST_CASE("A stop reads, drains, closes the journal, notes the run and leaves", "[stop]") {
  stop_script stop = stop_script::running();
  stop.seen.can_note = true;
  CHECK(stop.go_on().empty());
  CHECK_FALSE(stop.machine.is_asked());
  CHECK(stop.machine.tell_signal(SIGTERM, stop.now) == signal_reaction::begin_stop);
  CHECK(stop.machine.is_asked());
  CHECK(stop.go_on() == actions{begin, accept_no_more});
  CHECK(stop.machine.wake_at() == start + 10s);
  CHECK(stop.after(stop_event::producers_read) == actions{drain_links});
  CHECK(stop.after(stop_event::link_stopped) == actions{close_journal});
  CHECK(stop.go_on().empty());
  stop.seen.journal_closed = true;
  CHECK(stop.go_on() == actions{settle, write_note});
  CHECK(stop.go_on().empty());
  CHECK(stop.after(stop_event::noted) == actions{leave});
  CHECK(stop.machine.state() == stop_state::left);
  CHECK(stop.machine.journal_answered());
  CHECK_FALSE(stop.machine.hangs());
  CHECK_FALSE(stop.machine.ran_out_of_memory());
}

TEST_CASE("A stop without a journal, or with one that does not work, leaves without a note",
          "[stop]") {
  stop_script stop = stop_script::closing();
  stop.seen.journal_closed = true;
  CHECK(stop.go_on() == actions{settle, leave});
  CHECK_FALSE(stop.machine.hangs());
}

TEST_CASE("A stop in which nothing ever happens is done in its limits", "[stop]") {
  for (const bool read : {false, true}) {
    stop_script stop = stop_script::running();
    stop.seen.can_note = true;
    stop.machine.tell_signal(SIGTERM, stop.now);
    if (read) stop.machine.tell(stop_event::producers_read, stop.now);
    std::size_t wakes = 0;
    for (stop.go_on(); stop.machine.state() != stop_state::left; stop.at_wake()) ++wakes;
    CHECK(stop.now - start == 10s + 1s + 3s);
    CHECK(wakes <= 45);  // the drain tries again every 250 ms
    CHECK(stop.machine.hangs());
    CHECK_FALSE(stop.machine.journal_answered());
  }
}

TEST_CASE("Asked for before the daemon runs, a stop waits for the start", "[stop]") {
  stop_script stop;
  CHECK(stop.machine.tell_signal(SIGINT, stop.now) == signal_reaction::begin_stop);
  CHECK(stop.machine.is_asked());
  CHECK_FALSE(stop.machine.is_under_way());
  CHECK(stop.machine.tell_signal(SIGINT, stop.now) == signal_reaction::skip_drain);
  CHECK(stop.go_on().empty());
  CHECK(stop.after(stop_event::started) == actions{begin, accept_no_more});
}

TEST_CASE("The drain's time runs from the beginning of the stop", "[stop]") {
  stop_script stop = stop_script::running();
  stop.now += 1h;
  stop.machine.tell_signal(SIGTERM, stop.now);
  CHECK(stop.go_on() == actions{begin, accept_no_more});
  CHECK(stop.machine.wake_at() == start + 1h + 10s);
}

TEST_CASE("Without memory a stop drops its producers and does not drain", "[stop]") {
  stop_script stop = stop_script::running();
  CHECK(stop.after(stop_event::memory_out) ==
        actions{begin, drop_producers, accept_no_more, cut_links});
  CHECK(stop.machine.ran_out_of_memory());
  CHECK(stop.machine.limits().drain == 0s);
  stop_script early;
  CHECK(early.after(stop_event::memory_out).empty());
  CHECK(early.after(stop_event::started) ==
        actions{begin, drop_producers, accept_no_more, cut_links});
  stop_script stopping = stop_script::draining();
  CHECK(stopping.after(stop_event::memory_out) == actions{cut_links});
  CHECK(stopping.after(stop_event::memory_out).empty());
}

TEST_CASE("The drain ends early only when Iggy is away and everything is on disk", "[stop]") {
  for (int bits = 0; bits < 16; ++bits) {
    stop_script stop = stop_script::draining();
    const bool failed = (bits & 1) != 0;
    stop.seen.link_backs_off = (bits & 2) != 0;
    stop.seen.all_on_disk = (bits & 4) != 0;
    stop.seen.nothing_queued = (bits & 8) != 0;
    if (failed) stop.machine.tell(stop_event::link_attempt_failed, stop.now);
    CAPTURE(failed, stop.seen.link_backs_off, stop.seen.all_on_disk, stop.seen.nothing_queued);
    CHECK(stop.go_on() == (bits == 7 ? actions{say_not_worth_it, cut_links} : actions{}));
  }
}

TEST_CASE("An attempt that failed before the drain says nothing of Iggy now", "[stop]") {
  stop_script stop = stop_script::running();
  stop.seen.link_backs_off = stop.seen.all_on_disk = true;
  CHECK(stop.after(stop_event::link_attempt_failed).empty());
  stop.machine.tell_signal(SIGTERM, stop.now);
  CHECK(stop.go_on() == actions{begin, accept_no_more});
  CHECK(stop.after(stop_event::link_attempt_failed).empty());
  CHECK(stop.after(stop_event::producers_read) == actions{drain_links});
  CHECK(stop.after(stop_event::link_attempt_failed) == actions{say_not_worth_it, cut_links});
}

TEST_CASE("A link that backs off is told to drain again every quarter of a second", "[stop]") {
  stop_script stop = stop_script::draining();
  CHECK(stop.machine.wake_at() == start + 250ms);
  CHECK(stop.at(start + 249ms).empty());
  CHECK(stop.at_wake() == actions{drain_links});
  CHECK(stop.machine.wake_at() == start + 500ms);
}

TEST_CASE("A connection that does not close holds up a stop with nothing to send for a moment only",
          "[stop]") {
  stop_script stop = stop_script::draining(1h);
  stop.seen.nothing_queued = true;
  CHECK(stop.at(start + 900ms) == actions{drain_links});
  CHECK(stop.machine.wake_at() == start + 1s);
  CHECK(stop.at_wake() == actions{cut_links});
  CHECK(stop.at(start + 1'500ms).empty());
  CHECK(stop.at(start + 2s) == actions{close_journal});
  CHECK(stop.machine.hangs());
}

TEST_CASE("A link that stops late is not one that hangs", "[stop]") {
  stop_script stop = stop_script::draining(1s);
  CHECK(stop.at(start + 1s) == actions{cut_links});
  CHECK(stop.machine.wake_at() == start + 2s);
  stop.now = start + 2s;
  CHECK(stop.after(stop_event::link_stopped) == actions{close_journal});
  CHECK_FALSE(stop.machine.hangs());
}

TEST_CASE("A skipped drain ends what waits for it, whatever it waits for", "[stop]") {
  stop_script reading = stop_script::running(1h);
  reading.machine.tell_signal(SIGTERM, start);
  CHECK(reading.go_on() == actions{begin, accept_no_more});
  reading.now += 1s;
  CHECK(reading.machine.tell_signal(SIGQUIT, reading.now) == signal_reaction::skip_drain);
  CHECK(reading.go_on() == actions{cut_links});
  stop_script draining = stop_script::draining(1h);
  draining.machine.tell_signal(SIGINT, start);
  CHECK(draining.go_on() == actions{cut_links});
  CHECK(draining.at_wake() == actions{close_journal});
  CHECK(draining.at_wake() == actions{settle, leave});
}

TEST_CASE("A disk that does not answer gets no note, and holds the process up no longer",
          "[stop]") {
  stop_script stop = stop_script::closing();
  stop.seen.can_note = true;
  CHECK(stop.machine.wake_at() == start + 3s);
  SECTION("the journal takes too long") {
    CHECK(stop.at(start + 2'999ms).empty());
    CHECK(stop.at(start + 3s) == actions{settle, leave});
  }
  SECTION("a reader of the journal waits for ever") {
    stop.seen.journal_closed = true;
    stop.seen.disk_answers = false;
    CHECK(stop.go_on() == actions{settle, leave});
  }
  CHECK_FALSE(stop.machine.journal_answered());
  CHECK(stop.machine.hangs());
}

TEST_CASE("A note that is not written in its time is given up", "[stop]") {
  stop_script stop = stop_script::closing();
  stop.seen.can_note = stop.seen.journal_closed = true;
  CHECK(stop.go_on() == actions{settle, write_note});
  CHECK_FALSE(stop.machine.hangs());
  CHECK(stop.machine.wake_at() == start + 1s);
  CHECK(stop.at_wake() == actions{say_note_hangs, leave});
  CHECK(stop.machine.hangs());
  CHECK(stop.machine.journal_answered());
}

TEST_CASE("Dead letters that hang leave the process without waiting", "[stop]") {
  stop_script stop = stop_script::closing();
  stop.seen.journal_closed = true;
  REQUIRE(stop.machine.next(stop.seen, stop.now) == actions{settle});
  CHECK(stop.after(stop_event::dead_letters_hang) == actions{leave});
  CHECK(stop.machine.hangs());
}

TEST_CASE("What the service manager grants covers all steps of a stop", "[stop]") {
  CHECK(drain_for(10s).total() == 10s + 1s + 3s + 2s + 1s + 2s + 1s);
}

}  // namespace
}  // namespace vibes::test
