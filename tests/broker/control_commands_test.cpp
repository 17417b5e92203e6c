#include "tests/broker/control_commands.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/broker/server.hpp"
#include "tests/broker/visit.hpp"

// The control socket's lines, said to a server that listens nowhere.

namespace vibes::test {
namespace {

using broker::fate;
using broker::obey;

const std::string ok = "ok";

struct idle_server {
  boost::asio::io_context loop{1};
  broker::server of{loop, {}};
  broker::conversation line{of.state(), of.behaviour(), "127.0.0.1:50000"};

  std::string told(std::string_view command_line) { return obey(of, command_line); }
  frame_bytes says(const frame_bytes& received) {
    frame_bytes replies;
    CHECK(line.receive(received, 1'000, replies).consumed == received.size());
    return replies;
  }
  void prepare() {
    says(joined({login("iggy", "iggy"), request(command::create_stream, name("s")),
                 create_topic("s", "t", 2)}));
  }
};

TEST_CASE("The knobs are set by their names", "[control]") {
  idle_server at;
  CHECK(at.told("refuse") == ok);
  CHECK(at.of.behaviour().set.refuse);
  CHECK_FALSE(at.of.behaviour().set.stall);
  CHECK(at.told("stall") == ok);
  CHECK(at.of.behaviour().set.stall);
  CHECK(at.told("behave") == ok);
  CHECK_FALSE(at.of.behaviour().set.refuse);
  CHECK_FALSE(at.of.behaviour().set.stall);
  CHECK(at.told("garbage") == ok);
  CHECK(at.of.behaviour().for_request(command::ping).what == fate::answer_garbage);
  CHECK(at.told("behave") == ok);
  CHECK(at.told("  delay-ms   250 ") == ok);
  CHECK(at.of.behaviour().set.delay_ms == 250);
}

TEST_CASE("The cuts take a number", "[control]") {
  idle_server at;
  CHECK(at.told("cut-after-sent 3") == ok);
  CHECK(at.of.behaviour().may_receive(10).count == 10);
  CHECK(at.of.behaviour().may_send(10).count == 3);
  CHECK(at.told("cut-after-received 4") == ok);
  CHECK(at.of.behaviour().may_receive(10).count == 4);
  at.prepare();
  CHECK(at.told("cut-after-store 1") == ok);
  CHECK(at.says(send(to_partition(0), {{1, "x"}})).empty());
  CHECK(at.of.state().counters().messages_stored == 1);
}

TEST_CASE("An answer is scripted by number and the command's name or number", "[control]") {
  idle_server at;
  CHECK(at.told("answer 3009 send_messages 1") == ok);
  CHECK(at.told("answer 41 10 1") == ok);
  CHECK(to_hex(at.says(request(command::get_stats))) == to_hex(status_frame(41)));
  CHECK(to_hex(at.says(request(command::send_messages))) == to_hex(status_frame(3009)));
  CHECK(to_hex(at.says(request(command::get_stats))) == to_hex(status_frame(40)));
}

TEST_CASE("Forgetting leaves the connections and takes the data", "[control]") {
  idle_server at;
  at.prepare();
  CHECK(at.told("forget") == ok);
  CHECK(at.of.state().data().streams().empty());
  CHECK(to_hex(at.says(request(command::get_stream, named("s")))) == to_hex(status_frame(0)));
}

TEST_CASE("A topic grows and does not shrink", "[control]") {
  idle_server at;
  at.prepare();
  const auto partitions = [&] { return at.of.state().data().find("s", "t")->partitions.size(); };
  CHECK(at.told("set-partitions s t 5") == ok);
  CHECK(partitions() == 5);
  CHECK(at.told("set-partitions s t 5") == ok);
  CHECK(partitions() == 5);
  const std::string grows = "error: a topic only grows, to 1000 partitions at most";
  CHECK(at.told("set-partitions s t 4") == grows);
  CHECK(at.told("set-partitions s t 1001") == grows);
  CHECK(at.told("set-partitions s x 9") == "error: no such topic");
  CHECK(at.told("set-partitions s t") == "error: set-partitions STREAM TOPIC COUNT");
  CHECK(partitions() == 5);
}

TEST_CASE("Vanishing keeps the data, and ends in one of three ways", "[control]") {
  idle_server at;
  at.prepare();
  for (const std::string how : {"vanish", "vanish abrupt", "vanish clean", "vanish announced"})
    CHECK(at.told(how) == ok);
  CHECK(at.told("vanish sideways") == "error: vanish abrupt, clean or announced");
  CHECK(at.of.state().data().find("s", "t") != nullptr);
}

TEST_CASE("The statistics count what happened", "[control]") {
  idle_server at;
  at.prepare();
  at.says(send(to_partition(0), {{1, "a"}, {2, "bc"}}));
  at.says(send(to_partition(1), {{3, ""}}));
  at.says(joined({request(command::ping), request(command::ping), request(999)}));
  const std::string answer = at.told("stats");
  REQUIRE(answer.starts_with("ok {"));
  boost::json::object counted = boost::json::parse(answer.substr(3)).as_object();
  CHECK(counted["memory_bytes"].to_number<std::uint64_t>() >= 64 * 3 + 3);
  counted.erase("memory_bytes");  // it depends on how vectors grow
  CHECK(boost::json::value(counted) ==
        boost::json::parse(R"({"connections_accepted":1,"connections_open":1,"batches":2,
          "messages_stored":3,"messages_repeated":0,"bytes_stored":195,"requests_dropped":0,"batch_messages_min":1,
          "batch_messages_max":2,"requests":{"ping":2,"login_user":1,"send_messages":2,
          "create_stream":1,"create_topic":1,"999":1}})"));
}

TEST_CASE("A line that says nothing sensible is told so, and does nothing", "[control]") {
  idle_server at;
  const std::pair<std::string, std::string> wrong[] = {
      {"", "error: an empty line"},
      {"   ", "error: an empty line"},
      {"explode", "error: unknown command explode"},
      {"delay-ms", "error: delay-ms NUMBER"},
      {"delay-ms soon", "error: delay-ms NUMBER"},
      {"cut-after-sent 1x", "error: cut-after-sent NUMBER"},
      {"cut-after-received -1", "error: cut-after-received NUMBER"},
      {"cut-after-store 1 2", "error: cut-after-store NUMBER"},
      {"answer", "error: answer CODE COMMAND COUNT"},
      {"answer 3 send_massages 1", "error: answer CODE COMMAND COUNT"},
      {"answer three ping 1", "error: answer CODE COMMAND COUNT"},
      {"answer 3 ping", "error: answer CODE COMMAND COUNT"},
  };
  for (const auto& [line, expected] : wrong) {
    CAPTURE(line);
    CHECK(at.told(line) == expected);
  }
  CHECK(at.of.behaviour().set.delay_ms == 0);
  CHECK(at.of.behaviour().may_send(100).count == 100);
  CHECK(at.of.behaviour().for_request(command::ping).what == fate::serve);
}

}  // namespace
}  // namespace vibes::test
