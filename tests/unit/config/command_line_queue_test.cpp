#include <catch2/catch.hpp>

#include "tests/unit/config/command_line_support.hpp"

namespace vibes::test {
namespace {

using config::queue_action;
using config::queue_options;

TEST_CASE("queue takes an action, each with the settings' file and the daemon's socket",
          "[command_line]") {
  struct {
    const char* word;
    queue_action action;
    std::vector<const char*> needed;
  } const cases[] = {
      {"list", queue_action::list, {}},      {"show", queue_action::show, {"7"}},
      {"export", queue_action::export_, {}}, {"drop", queue_action::drop, {"7", "--yes"}},
      {"pause", queue_action::pause, {}},    {"resume", queue_action::resume, {}},
  };
  for (const auto& each : cases) {
    CAPTURE(each.word);
    std::vector<const char*> words = {"queue",  each.word,        "--config",
                                      "f.toml", "--admin-socket", "/a"};
    words.insert(words.end(), each.needed.begin(), each.needed.end());
    const auto got = parsed<queue_options>(words);
    CHECK(got.action == each.action);
    CHECK(got.config.path == "f.toml");
    CHECK(got.admin_socket == "/a");
  }
}

TEST_CASE("The actions of queue take their options", "[command_line]") {
  const auto plain = parsed<queue_options>({"queue", "list"});
  CHECK(plain.limit == 100);
  CHECK(!plain.json);
  const auto list = parsed<queue_options>({"queue", "list", "--limit", "0", "--json"});
  CHECK(list.limit == 0);
  CHECK(list.json);
  CHECK(parsed<queue_options>({"queue", "show", "18446744073709551615"}).sequences ==
        std::vector<std::uint64_t>{18'446'744'073'709'551'615U});
  CHECK(parsed<queue_options>({"queue", "export"}).file.empty());
  CHECK(parsed<queue_options>({"queue", "export", "f"}).file == "f");
  CHECK(parsed<queue_options>({"queue", "drop", "1", "3", "--yes"}).sequences ==
        std::vector<std::uint64_t>{1, 3});
  const auto all = parsed<queue_options>({"queue", "drop", "--yes", "--all"});
  CHECK(all.all);
  CHECK(all.sequences.empty());
}

TEST_CASE("queue may ask a directory instead of a daemon, where that makes sense",
          "[command_line]") {
  CHECK(parsed<queue_options>({"queue", "list"}).journal.empty());
  // Or a variable that is not set would have the daemon's queue dropped.
  CHECK_THAT(parsed<config::exit_now>({"queue", "list", "--journal", ""}).err,
             Catch::Contains("--journal"));
  for (std::vector<const char*> words :
       std::vector<std::vector<const char*>>{{"queue", "list"},
                                             {"queue", "show", "7"},
                                             {"queue", "export"},
                                             {"queue", "drop", "7", "--yes"}}) {
    words.insert(words.end(), {"--journal", "/j"});
    CHECK(parsed<queue_options>(words).journal == "/j");
    words.insert(words.end(), {"--admin-socket", "/a"});
    CHECK_THAT(parsed<config::exit_now>(words).err, Catch::Contains("--admin-socket"));
  }
  for (std::vector<const char*> words : std::vector<std::vector<const char*>>{
           {"queue", "pause"}, {"queue", "resume"}, {"queue", "requeue", "--dead-letter", "d"}}) {
    words.insert(words.end(), {"--journal", "/j"});
    CHECK_THAT(parsed<config::exit_now>(words).err, Catch::Contains("need a running daemon"));
  }
}

TEST_CASE("queue requeue takes a dead letter file and is a producer", "[command_line]") {
  const auto plain = parsed<queue_options>({"queue", "requeue", "--dead-letter", "d"});
  CHECK(plain.action == queue_action::requeue);
  CHECK(plain.file == "d");
  CHECK(plain.ack == "committed");
  CHECK(plain.deadline_ms == 60'000);
  CHECK(plain.socket.empty());
  const auto full = parsed<queue_options>({"queue", "requeue", "--dead-letter", "d", "--ack",
                                           "received", "--deadline-ms", "5", "--socket", "/s"});
  CHECK(full.ack == "received");
  CHECK(full.deadline_ms == 5);
  CHECK(full.socket == "/s");
}

}  // namespace
}  // namespace vibes::test
