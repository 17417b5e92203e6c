#include "daemon/io/admin/admin_server.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/io/admin_fixture.hpp"

namespace vibes::test {
namespace {

using io::admin_server;

TEST_CASE("Silent operators keep others waiting only when all places are taken", "[admin]") {
  admin_fixture at;
  std::vector<operator_end> silent;
  for (std::size_t i = 1; i < admin_server::connections_max; ++i) silent.emplace_back(at.path);
  at.run();
  CHECK(at.answer_to("status\n") == status_text + "\n");
  silent.emplace_back(at.path);
  at.run();
  operator_end waiting(at.path);
  waiting.say("status\n");
  at.run();
  CHECK(waiting.heard().empty());
  CHECK(!waiting.ended());
  silent.pop_back();
  at.run();
  CHECK(waiting.heard() == status_text + "\n");
}

TEST_CASE("A silent operator is cut off at the deadline", "[admin]") {
  admin_fixture at;
  operator_end silent(at.path);
  operator_end never_reads(at.path);
  at.status = std::string(4 << 20, 's');
  silent.say("sta");
  never_reads.say("status\n");
  at.run();
  at.server->stop();
  // The loop ends when the last conversation does: nothing but the deadline ends these two.
  at.loop.restart();
  at.loop.run();
  CHECK(silent.heard().empty());
  CHECK(silent.ended());
  CHECK(never_reads.heard().size() < at.status.size());
  CHECK(never_reads.ended());
}

TEST_CASE("An answer that comes later keeps nobody else waiting", "[admin]") {
  admin_fixture at;
  operator_end patient(at.path);
  patient.say("later\n");
  at.run();
  REQUIRE(at.waiting.size() == 1);
  CHECK(at.answer_to("status\n") == status_text + "\n");
  CHECK(!patient.ended());
  at.waiting.front()({{"came", "later"}});
  at.waiting.clear();
  at.run();
  CHECK(patient.heard() == "{\"came\":\"later\"}\n");
  CHECK(patient.ended());
}

TEST_CASE("Whoever waits for a later answer may go, and so may the server", "[admin]") {
  admin_fixture at;
  {
    operator_end gone(at.path);
    gone.say("later\n");
    at.run();
  }
  operator_end patient(at.path);
  patient.say("later\n");
  at.run();
  REQUIRE(at.waiting.size() == 2);
  at.waiting.front()({});
  at.run();
  at.server.reset();
  at.waiting.clear();
  at.run();
  CHECK(patient.heard().empty());
  CHECK(patient.ended());
}

TEST_CASE("A stopped server takes nobody new and its file goes with it", "[admin]") {
  admin_fixture at;
  operator_end early(at.path);
  at.run();
  at.server->stop();
  CHECK(try_connect(stream_socket(), at.path) == ECONNREFUSED);
  early.say("status\n");
  at.run();
  CHECK(early.heard() == status_text + "\n");
  at.server.reset();
  CHECK(file_at(at.path).st_mode == 0);
}

TEST_CASE("The loop may end after the server", "[admin]") {
  admin_fixture at;
  operator_end peer(at.path);
  at.run();
  at.server.reset();
  peer.say_no_more();
  at.run();
  CHECK(peer.heard().empty());
  CHECK(peer.ended());
}

}  // namespace
}  // namespace vibes::test
