#include <catch2/catch.hpp>

#include "config/exit_code.hpp"
#include "tests/config/command_line_kit.hpp"

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
      {{"check", "--partitions", "1000001"}, "--partitions"},
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
    CHECK_THAT(ended.err, Catch::Contains(each.wrong) && Catch::EndsWith("\n"));
  }
}

TEST_CASE("tail refuses a beginning that is none", "[command_line]") {
  for (const char* const from :
       {"start", "--1", "-", "1.5", "+1", "0x10", " 1", "1000000000000000000", "-x"}) {
    CAPTURE(from);
    const auto ended = parsed<exit_now>({"tail", ("--from=" + std::string(from)).c_str()});
    CHECK(ended.code == 64);
    CHECK(ended.err == "--from must be beginning, end, committed, an offset or -N\n");
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
