#include "daemon/app/run_lines.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using app::left_behind_lines;
using app::signal_line;
using lines = std::vector<log_line>;

store::left_behind left(std::uint64_t lost, std::uint64_t on_disk, bool disk_answers,
                        std::uint64_t lost_in_run = 0) {
  store::left_behind made;
  made.lost_events = lost;
  made.events_on_disk = on_disk;
  made.disk_answers = disk_answers;
  made.losses.add(store::loss_reason::left_at_stop, lost_in_run);
  return made;
}

TEST_CASE("The last line says where what is left is", "[run_lines]") {
  CHECK(left_behind_lines(left(0, 0, true)) ==
        lines{{log_level::notice, "stopped; every event that was taken has been settled"}});
  CHECK(left_behind_lines(left(0, 7, true)) ==
        lines{{log_level::notice,
               "stopped; 7 events stay in the journal, and the next start sends them"}});
  CHECK(left_behind_lines(left(0, 7, false)) ==
        lines{{log_level::error,
               "stopped without waiting for the journal's disk, which does not answer; 7 events "
               "were given to it, the last of them may not be there"}});
}

TEST_CASE("The last line has what the whole run has lost, once", "[run_lines]") {
  const std::string lost = "; in this run 2 events were lost (left_at_stop 2)";
  const log_line unacknowledged{
      log_level::error, "stopped with 2 events that Iggy has not acknowledged: they are lost"};
  CHECK(left_behind_lines(left(2, 0, true, 2)) ==
        lines{{log_level::error, unacknowledged.text + lost}});
  CHECK(left_behind_lines(left(2, 7, true, 2)) ==
        lines{unacknowledged,
              {log_level::warning,
               "stopped; 7 events stay in the journal, and the next start sends them" + lost}});
  CHECK(left_behind_lines(left(0, 0, true, 2)) ==
        lines{{log_level::warning, "stopped; every event that was taken has been settled" + lost}});
}

TEST_CASE("Too few descriptors are said only when producers have to wait for them", "[run_lines]") {
  CHECK_FALSE(app::few_descriptors_line({1'024, 100}, 100));
  CHECK(app::few_descriptors_line({148, 99}, 100) ==
        log_line{log_level::warning,
                 "[socket] connections_max is 100, but the system allows this process only 148 "
                 "open files: 99 producers are served at a time. Raise LimitNOFILE, or lower "
                 "connections_max"});
}

TEST_CASE("A signal is said with what it does", "[run_lines]") {
  CHECK(signal_line(SIGTERM, signal_reaction::begin_stop) ==
        log_line{log_level::notice, "SIGTERM: ending"});
  CHECK(signal_line(SIGINT, signal_reaction::skip_drain) ==
        log_line{log_level::notice, "second signal: not waiting for the queue to drain"});
  CHECK(signal_line(SIGHUP, signal_reaction::say_ignored) ==
        log_line{log_level::notice, "SIGHUP is ignored: the settings are read at a start only"});
  CHECK_FALSE(signal_line(SIGXCPU, signal_reaction::none));
}

TEST_CASE("A stop says how much it has to drain, and how long it may", "[run_lines]") {
  CHECK(app::stopping_line(3, 2s) ==
        log_line{log_level::notice, "stopping: 3 events queued, up to 2000 ms to drain them"});
}

TEST_CASE("Dead letters at the end are said when some are missing", "[run_lines]") {
  CHECK_FALSE(app::dead_letters_end_line(0));
  CHECK(app::dead_letters_end_line(2) ==
        log_line{log_level::error, "2 dead letters could not be written"});
  CHECK(app::dead_letters_end_line(std::nullopt) ==
        log_line{log_level::error,
                 "the dead letter file's disk does not answer: the last may be missing"});
}

}  // namespace
}  // namespace vibes::test
