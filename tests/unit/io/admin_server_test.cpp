#include "daemon/io/admin/admin_server.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/io/admin_fixture.hpp"

namespace vibes::test {
namespace {

using io::admin_server;

TEST_CASE("A request for the status gets one line and the end", "[admin]") {
  admin_fixture at;
  const char* const requests[] = {
      "status\n",
      "status\r\n",
      R"({"command":"status"})"
      "\n",
      R"( { "command" : "status", "more": 1 } )"
      "\r\n",
      "status\nstatus\n",  // one request a connection
  };
  int asked = 0;
  for (const char* const each : requests) {
    CAPTURE(each);
    CHECK(at.answer_to(each) == status_text + "\n");
    CHECK(at.asked == ++asked);
  }
}

TEST_CASE("Any other request is told what there is", "[admin]") {
  admin_fixture at;
  const char* const requests[] = {
      "\n",
      "help\n",
      "STATUS\n",
      "status now\n",
      "{}\n",
      "[\"status\"]\n",
      "\"status\"\n",
      R"({"command":"stop"})"
      "\n",
      R"({"command":1})"
      "\n",
      R"({"command":"status")"
      "\n",
      "\xff\xfe\n",
  };
  for (const char* const each : requests) {
    CAPTURE(each);
    const std::string answer = at.answer_to(each);
    REQUIRE(answer.find('\n') == answer.size() - 1);
    CHECK(boost::json::parse(answer) ==
          boost::json::parse(R"({"error":{"code":"unknown_command",)"
                             R"("message":"the commands are: echo, later, status"}})"));
  }
  CHECK(at.asked == 0);
}

TEST_CASE("A command gets the whole request, and answers for itself", "[admin]") {
  admin_fixture at;
  CHECK(at.answer_to("{\"command\":\"echo\",\"limit\":7}\n") ==
        "{\"command\":\"echo\",\"limit\":7}\n");
  CHECK(at.answer_to("echo\n") == "{}\n");
}

TEST_CASE("A request may come in pieces", "[admin]") {
  admin_fixture at;
  operator_end peer(at.path);
  for (const char each : std::string_view("status")) {
    peer.say({&each, 1});
    at.run();
    CHECK(peer.heard().empty());
    CHECK(!peer.ended());
  }
  peer.say("\n");
  at.run();
  CHECK(peer.heard() == status_text + "\n");
  CHECK(peer.ended());
}

TEST_CASE("A request that is too long gets no answer but the end", "[admin]") {
  admin_fixture at;
  constexpr std::size_t longest = admin_server::request_bytes_max;
  const std::string padded = "{\"command\":\"status\"" + std::string(longest - 21, ' ') + "}\n";
  REQUIRE(padded.size() == longest);
  CHECK(at.answer_to(padded) == status_text + "\n");
  CHECK(at.answer_to(" " + padded).empty());
  CHECK(at.answer_to(std::string(100'000, 'x')).empty());
  CHECK(at.asked == 1);
}

TEST_CASE("An operator who leaves without a request is let go", "[admin]") {
  admin_fixture at;
  operator_end half(at.path);
  half.say("stat");
  half.say_no_more();
  { const operator_end gone(at.path); }
  at.run();
  CHECK(half.heard().empty());
  CHECK(half.ended());
  CHECK(at.asked == 0);
  CHECK(at.answer_to("status\n") == status_text + "\n");
}

TEST_CASE("An answer that is larger than a socket's buffer comes whole", "[admin]") {
  admin_fixture at;
  at.status = std::string(4 << 20, 's');
  operator_end peer(at.path);
  peer.say("status\n");
  std::string heard;
  while (!peer.ended()) {
    at.run();
    const std::string more = peer.heard();
    REQUIRE((peer.ended() || !more.empty()));
    heard += more;
  }
  CHECK(heard.size() > at.status.size());
  CHECK(heard == R"({"status":")" + at.status + "\"}\n");
}

}  // namespace
}  // namespace vibes::test
