#include <catch2/catch.hpp>

#include "config/exit_code.hpp"
#include "tests/unit/config/command_line_support.hpp"

namespace vibes::test {
namespace {

using config::exit_now;
using words = std::vector<const char*>;

TEST_CASE("A wrong command line gives the usage code and says what is wrong", "[command_line]") {
  struct {
    words line;
    const char* wrong;  // stands in the message
  } const cases[] = {
      {{}, "A subcommand is required"},
      {{"fly"}, "A subcommand is required"},
      {{"run", "--confg", "f"}, "--confg"},
      {{"run", "--config"}, "--config"},
      {{"run", "extra"}, "extra"},
      {{"run", "check"}, "check"},
      {{"check", "--partitions", "0"}, "--partitions"},
      {{"check", "--partitions", "10001"}, "--partitions"},
      {{"check", "--partitions", "many"}, "--partitions"},
      {{"send", "--ack", "written"}, "--ack"},
      {{"send", "--deadline-ms", "0"}, "--deadline-ms"},
      {{"send", "--deadline-ms", "3600001"}, "--deadline-ms"},
      {{"status", "--admin-socket"}, "--admin-socket"},
      {{"queue"}, "A subcommand is required"},
      {{"queue", "show"}, "sequence is required"},
      {{"queue", "show", "1", "2"}, "2"},
      {{"queue", "list", "--limit", "-1"}, "--limit"},
      {{"queue", "drop"}, "drop takes sequences, or --all"},
      {{"queue", "drop", "--all", "1"}, "drop takes sequences, or --all"},
      {{"queue", "drop", "1"}, "say --yes"},
      {{"queue", "drop", "--all"}, "say --yes"},
      {{"queue", "requeue"}, "--dead-letter is required"},
      {{"queue", "requeue", "--dead-letter", "f", "--ack", "written"}, "--ack"},
      {{"tail", "--partition", "-1"}, "--partition"},
      {{"tail", "--partition", "4294967296"}, "--partition"},
      {{"tail", "--count", "some"}, "--count"},
      {{"tail", "--timeout-ms", "-1"}, "--timeout-ms"},
      {{"tail", "--commit"}, "--commit needs --group NAME to commit under"},
      {{"tail", "--partition", "1", "--session", "s"},
       "--session has its own partition: leave out --partition"},
      {{"tail", "--from", "committed"}, "--from committed needs --group NAME"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.line, each.wrong);
    const auto ended = parsed<exit_now>(each.line);
    CHECK(ended.code == to_int(config::exit_code::usage));
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, Catch::Contains(each.wrong));
  }
}

TEST_CASE("A word that nobody knows is said with the nearest that is known", "[command_line]") {
  struct {
    words line;
    const char* meant;
  } const cases[] = {
      {{"stauts"}, "\"stauts\" is not known (did you mean \"status\"?)"},
      {{"sned", "{}"}, "\"sned\" is not known (did you mean \"send\"?)"},
      {{"queue", "exprot"}, "\"exprot\" is not known (did you mean \"export\"?)"},
      {{"send", "--acks", "committed", "{}"}, "\"--acks\" is not known (did you mean \"--ack\"?)"},
      {{"send", "--acks=committed"}, "\"--acks\" is not known (did you mean \"--ack\"?)"},
      {{"run", "--confg", "f"}, "\"--confg\" is not known (did you mean \"--config\"?)"},
      {{"check", "--onlin"}, "(did you mean \"--online\"?)"},
      {{"status", "--admin", "a"}, "(did you mean \"--admin-socket\"?)"},
      {{"tail", "--partiton", "1"}, "(did you mean \"--partition\"?)"},
      {{"tail", "--session", "--x", "--folow"}, "(did you mean \"--follow\"?)"},
      {{"queue", "list", "--limt", "1"}, "(did you mean \"--limit\"?)"},
      {{"queue", "requeue", "--dead-leter", "f"}, "(did you mean \"--dead-letter\"?)"},
      {{"send", "--ack", "commited"}, "(did you mean \"committed\"?)"},
      {{"queue", "requeue", "--dead-letter", "f", "--ack", "durabel"},
       "(did you mean \"durable\"?)"},
      {{"tail", "--from", "begining"}, "(did you mean \"beginning\"?)"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.line);
    const auto ended = parsed<exit_now>(each.line);
    CHECK(ended.code == 64);
    CHECK_THAT(ended.err, Catch::Contains(each.meant));
  }
  CHECK(parsed<exit_now>({"zzzzzz"}).err == "A subcommand is required: \"zzzzzz\" is not known");
  CHECK(parsed<exit_now>({"send", "--zzzzzz"}).err == "\"--zzzzzz\" is not known");
}

TEST_CASE("An option that was given says something, or the command line is wrong",
          "[command_line]") {
  const std::vector<words> cases = {
      {"send", "--hook", ""},
      {"send", "--hook="},
      {"send", "--socket", ""},
      {"send", "--ack", ""},
      {"run", "--config", ""},
      {"check", "--event", ""},
      {"status", "--admin-socket", ""},
      {"tail", "--group", ""},
      {"tail", "--from", ""},
      {"tail", "--stream", ""},
      {"tail", "--topic", ""},
      {"queue", "list", "--admin-socket", ""},
      {"queue", "export", ""},
      {"queue", "requeue", "--dead-letter", ""},
      {"queue", "requeue", "--dead-letter", "f", "--socket", ""},
  };
  for (const words& each : cases) {
    CAPTURE(each);
    CHECK(parsed<exit_now>(each).code == 64);
  }
  // The session of events that have none.
  CHECK(parsed<config::tail_options>({"tail", "--session", ""}).session == "");
}

TEST_CASE("A number is made of digits and lies in its range", "[command_line]") {
  const std::vector<words> numbers = {
      {"check", "--partitions"},
      {"send", "--deadline-ms"},
      {"tail", "--count"},
      {"tail", "--partition"},
      {"tail", "--timeout-ms"},
      {"queue", "list", "--limit"},
      {"queue", "show"},
      {"queue", "drop", "--yes"},
      {"queue", "requeue", "--dead-letter", "f", "--deadline-ms"},
  };
  for (const words& each : numbers) {
    for (const char* const wrong : {"-1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "", "one",
                                    "18446744073709551616", "99999999999999999999999"}) {
      words line = each;
      line.push_back(wrong);
      CAPTURE(line);
      CHECK(parsed<exit_now>(line).code == 64);
    }
    words line = each;
    line.push_back("7");
    CHECK_FALSE(std::holds_alternative<exit_now>(parse(line)));
  }
}

TEST_CASE("tail refuses a beginning that is none", "[command_line]") {
  for (const char* const from :
       {"start", "--1", "-", "1.5", "+1", "0x10", " 1", "1000000000000000000", "-x"}) {
    CAPTURE(from);
    const auto ended = parsed<exit_now>({"tail", ("--from=" + std::string(from)).c_str()});
    CHECK(ended.code == 64);
    CHECK(ended.err == "--from must be beginning, end, committed, an offset or -N");
  }
}

TEST_CASE("Help has every command and examples, and is no mistake", "[command_line]") {
  for (const char* const word : {"--help", "-h"}) {
    const auto ended = parsed<exit_now>({word});
    CHECK(ended.code == 0);
    CHECK(ended.err.empty());
    for (const char* const part :
         {"run", "check", "send", "status", "tail", "--version", "\nExamples:\n",
          "vibes-ingestd run --config /etc/vibes-ingestd/vibes-ingestd.toml\n",
          "vibes-ingestd tail --follow", "64 a wrong command line, 78 wrong settings"}) {
      CHECK_THAT(ended.out, Catch::Contains(part));
    }
  }
}

TEST_CASE("Each command has its own help with its own options", "[command_line]") {
  struct {
    const char* command;
    words options;
  } const cases[] = {
      {"run", {"--config"}},
      {"check", {"--config", "--event", "--partitions", "--online", "--json"}},
      {"send", {"--socket", "--deadline-ms", "--ack", "--hook", "--quiet-failure"}},
      {"status", {"--config", "--admin-socket", "--json"}},
      {"tail",
       {"--config", "--follow", "--group", "--commit", "--partition", "--session", "--from",
        "--count", "--timeout-ms", "--json", "--stream", "--topic"}},
  };
  for (const auto& each : cases) {
    const auto ended = parsed<exit_now>({each.command, "--help"});
    CHECK(ended.code == 0);
    for (const char* const option : each.options) {
      CAPTURE(each.command, option);
      CHECK_THAT(ended.out, Catch::Contains("\n  " + std::string(option)));
    }
  }
}

TEST_CASE("Every example of the help is a command line that is taken", "[command_line]") {
  const words examples[] = {
      {"run", "--config", "/etc/vibes-ingestd/vibes-ingestd.toml"},
      {"check", "--event", "sample.ndjson"},
      {"send", "--ack", "committed"},
      {"send", "--hook", "pre_tool_use", "--quiet-failure"},
      {"status"},
      {"tail", "--follow", "--session", "3535585c-1b7e-4a62-9d1c-000000000001"},
  };
  const std::string help = parsed<exit_now>({"--help"}).out;
  for (const words& each : examples) {
    std::string line = "vibes-ingestd";
    for (const char* const word : each) line += " " + std::string(word);
    CAPTURE(line);
    CHECK_THAT(help, Catch::Contains(line));
    CHECK(!std::holds_alternative<exit_now>(parse(each)));
  }
}

TEST_CASE("The version is told and is no mistake", "[command_line]") {
  const auto ended = parsed<exit_now>({"--version"});
  CHECK(ended.code == 0);
  CHECK(ended.out == "vibes-ingestd " VIBES_VERSION "\n");
  CHECK(ended.err.empty());
}

TEST_CASE("A hook's caller is spared every failure, a mistake in its words too", "[command_line]") {
  const auto quiet = [](words line) {
    line.insert(line.begin(), "vibes-ingestd");
    return config::failure_is_quiet(static_cast<int>(line.size()), line.data());
  };
  CHECK(quiet({"send", "--quiet-failure"}));
  CHECK(quiet({"send", "--hoook", "x", "--quiet-failure"}));
  CHECK(quiet({"send", "--quiet-failure", "--deadline-ms", "never"}));
  CHECK(quiet({"send", "{}", "--quiet-failure", "--", "{}"}));
  CHECK_FALSE(quiet({"send", "--hook", "x"}));
  CHECK_FALSE(quiet({"send", "--", "--quiet-failure"}));
  CHECK_FALSE(quiet({"status", "--quiet-failure"}));
  CHECK_FALSE(quiet({"status", "send", "--quiet-failure"}));
  CHECK_FALSE(quiet({"--quiet-failure", "send"}));
  CHECK_FALSE(quiet({}));
}

}  // namespace
}  // namespace vibes::test
