#include <catch2/catch.hpp>

#include "tests/support/scoped_variable.hpp"
#include "tests/unit/config/command_line_support.hpp"

namespace vibes::test {
namespace {

const char* const config_variable = "VIBES_INGESTD_CONFIG";

template <class Options>
void takes_a_config_file(const char* command) {
  CAPTURE(command);
  const scoped_variable none(config_variable, std::nullopt);
  CHECK(parsed<Options>({command}).config.path.empty());
  CHECK(!parsed<Options>({command}).config.named_by_user);
  for (const auto& words : {std::vector<const char*>{command, "--config", "f.toml"},
                            std::vector<const char*>{command, "--config=f.toml"}}) {
    CHECK(parsed<Options>(words).config.path == "f.toml");
    CHECK(parsed<Options>(words).config.named_by_user);
  }
  const scoped_variable named(config_variable, "other.toml");
  CHECK(parsed<Options>({command}).config.path == "other.toml");
  CHECK(parsed<Options>({command}).config.named_by_user);
  CHECK(parsed<Options>({command, "--config", "f.toml"}).config.path == "f.toml");
  const scoped_variable empty(config_variable, "");
  CHECK(parsed<Options>({command}).config.path.empty());
  CHECK(!parsed<Options>({command}).config.named_by_user);
}

TEST_CASE("The settings' file is named by option, else by variable, else the default one",
          "[command_line]") {
  takes_a_config_file<config::run_options>("run");
  takes_a_config_file<config::check_options>("check");
  takes_a_config_file<config::send_options>("send");
  takes_a_config_file<config::status_options>("status");
  takes_a_config_file<config::tail_options>("tail");
}

TEST_CASE("check takes its options", "[command_line]") {
  const auto plain = parsed<config::check_options>({"check"});
  CHECK(plain.event_file.empty());
  CHECK(!plain.partitions);
  CHECK(!plain.online);
  CHECK(!plain.json);
  const auto full = parsed<config::check_options>(
      {"check", "--event", "-", "--partitions", "12", "--online", "--json"});
  CHECK(full.event_file == "-");
  CHECK(full.partitions == 12U);
  CHECK(full.online);
  CHECK(full.json);
}

TEST_CASE("send takes its options and events", "[command_line]") {
  const auto plain = parsed<config::send_options>({"send"});
  CHECK(plain.events.empty());
  CHECK(plain.socket.empty());
  CHECK(!plain.verbose);
  CHECK(plain.deadline_ms == 1'000);
  CHECK(plain.ack.empty());
  CHECK(plain.hook.empty());
  CHECK(!plain.quiet_failure);
  const auto full = parsed<config::send_options>({"send", "--socket", "/s", "--deadline-ms", "20",
                                                  "--ack", "committed", "--quiet-failure",
                                                  R"({"type":"a"})", R"({"type":"b"})"});
  CHECK(full.events == std::vector<std::string>{R"({"type":"a"})", R"({"type":"b"})"});
  CHECK(full.socket == "/s");
  CHECK(full.deadline_ms == 20);
  CHECK(full.ack == "committed");
  CHECK(full.quiet_failure);
  CHECK(parsed<config::send_options>({"send", "--ack", "received"}).ack == "received");
  CHECK(parsed<config::send_options>({"send", "--hook", "pre_tool_use"}).hook == "pre_tool_use");
}

TEST_CASE("Every command that looks for a daemon can say where it looked", "[command_line]") {
  for (const char* const flag : {"-v", "--verbose"}) {
    CHECK(parsed<config::send_options>({"send", flag}).verbose);
    CHECK(parsed<config::status_options>({"status", flag}).verbose);
    CHECK(parsed<config::queue_options>({"queue", "list", flag}).verbose);
    CHECK(parsed<config::queue_options>({"queue", "requeue", "--dead-letter", "f", flag}).verbose);
    CHECK(parsed<config::tail_options>({"tail", flag}).verbose);
  }
}

TEST_CASE("status takes its options", "[command_line]") {
  const auto plain = parsed<config::status_options>({"status"});
  CHECK(plain.admin_socket.empty());
  CHECK(!plain.json);
  const auto full = parsed<config::status_options>({"status", "--admin-socket", "/a", "--json"});
  CHECK(full.admin_socket == "/a");
  CHECK(full.json);
}

TEST_CASE("tail takes its options", "[command_line]") {
  const auto plain = parsed<config::tail_options>({"tail"});
  CHECK(!plain.follow);
  CHECK(plain.group.empty());
  CHECK(!plain.commit);
  CHECK(!plain.partition);
  CHECK(!plain.session);
  CHECK(plain.from.empty());
  CHECK(!plain.count);
  CHECK(plain.timeout_ms == 1'000);
  CHECK(!plain.json);
  CHECK(plain.stream.empty());
  CHECK(plain.topic.empty());
  const auto full = parsed<config::tail_options>(
      {"tail", "--follow", "--group", "g", "--commit", "--partition", "0", "--from", "committed",
       "--count", "7", "--timeout-ms", "0", "--json", "--stream", "s", "--topic", "t"});
  CHECK(full.follow);
  CHECK(full.group == "g");
  CHECK(full.commit);
  CHECK(full.partition == 0U);
  CHECK(full.from == "committed");
  CHECK(full.count == 7U);
  CHECK(full.timeout_ms == 0);
  CHECK(full.json);
  CHECK(full.stream == "s");
  CHECK(full.topic == "t");
  CHECK(parsed<config::tail_options>({"tail", "--session", ""}).session == "");
  CHECK(parsed<config::tail_options>({"tail", "--session", "abc"}).session == "abc");
}

TEST_CASE("tail begins at a name, an offset, or so many before the end", "[command_line]") {
  for (const char* const from : {"beginning", "end", "0", "42", "999999999999999999"}) {
    CAPTURE(from);
    CHECK(parsed<config::tail_options>({"tail", "--from", from}).from == from);
  }
  CHECK(parsed<config::tail_options>({"tail", "--from", "-10"}).from == "-10");
  CHECK(parsed<config::tail_options>({"tail", "--from=-10"}).from == "-10");
}

}  // namespace
}  // namespace vibes::test
