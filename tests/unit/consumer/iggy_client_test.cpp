#include "daemon/consumer/iggy_client.hpp"

#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/consumer/iggy_simulation.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using consumer::iggy_client;
using protocol::command;
using protocol::iggy_errc;
using protocol::wire_errc;

protocol::poll_messages poll_of(protocol::partition_id partition) {
  return {{false, "reader"}, "vibes", "events", partition};
}

/// A port where nobody listens.
std::string dead_port() {
  const iggy_simulation gone;
  return std::to_string(gone.port());
}

TEST_CASE("A client learns what it is connected to", "[client]") {
  struct {
    broker::generation speaks;
    protocol::generation gen;
    const char* version;
  } const cases[] = {
      {broker::generation::iggy_0_6, protocol::generation::iggy_0_6, "0.6.0"},
      {broker::generation::iggy_0_7, protocol::generation::iggy_0_7, "0.7.0"},
      {broker::generation::iggy_0_8, protocol::generation::iggy_0_7, "0.8.0"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.version);
    const iggy_simulation simulation(each.speaks);
    iggy_client client(simulation.settings());
    CHECK(!client.connected());
    REQUIRE(client.connect() == error_code());
    CHECK(client.connected());
    CHECK(client.server().gen == each.gen);
    CHECK(client.server().server_version == each.version);
    CHECK(client.server().places.partition_ids() == std::vector<protocol::partition_id>{0, 1, 2});
    CHECK(client.server().topic_created);
    REQUIRE(client.connect() == error_code());
    CHECK(!client.server().topic_created);
  }
}

TEST_CASE("Addresses are tried in turn, and the last error is told", "[client]") {
  const iggy_simulation simulation;
  consumer::client_settings settings = simulation.settings();
  settings.addresses.insert(settings.addresses.begin(), {"127.0.0.1", dead_port()});
  iggy_client client(settings);
  REQUIRE(client.connect() == error_code());
  CHECK(client.last_address() == "127.0.0.1:" + std::to_string(simulation.port()));
  settings.addresses.pop_back();
  iggy_client nowhere(settings);
  CHECK(nowhere.connect() == boost::system::errc::connection_refused);
  CHECK(!nowhere.connected());
  CHECK(nowhere.failed_in_connect());
  CHECK(nowhere.last_address() == "127.0.0.1:" + settings.addresses[0].port);
}

TEST_CASE("A login that is refused is told as Iggy's own error", "[client]") {
  const iggy_simulation simulation;
  consumer::client_settings settings = simulation.settings();
  settings.handshake.login = protocol::login_with_password{"iggy", "wrong", "", ""};
  iggy_client client(settings);
  CHECK(client.connect() == make_error_code(iggy_errc::invalid_credentials));
  CHECK(!client.connected());
  CHECK(!client.failed_in_connect());
  CHECK(client.last_command() == command::login_with_password);
}

TEST_CASE("What is missing and must not be made is told", "[client]") {
  const iggy_simulation simulation;
  consumer::client_settings settings = simulation.settings();
  settings.handshake.create = false;
  CHECK(iggy_client(settings).connect() == make_error_code(wire_errc::stream_missing));
}

TEST_CASE("A status of Iggy is an error that keeps the connection", "[client]") {
  const iggy_simulation simulation;
  iggy_client client(simulation.settings());
  REQUIRE(client.connect() == error_code());
  const auto refused = client.ask(poll_of(99));
  CHECK(refused.error() == make_error_code(iggy_errc::partition_not_found));
  CHECK(client.last_command() == command::poll_messages);
  CHECK(client.connected());
  const auto answered = client.ask(poll_of(0));
  REQUIRE(answered.has_value());
  CHECK(std::get<protocol::polled_messages>(*answered).messages.empty());
}

TEST_CASE("A request that cannot be put on the wire is refused before it", "[client]") {
  iggy_simulation simulation;
  iggy_client client(simulation.settings());
  REQUIRE(client.connect() == error_code());
  protocol::poll_messages poll = poll_of(0);
  poll.topic = std::string(256, 't');
  CHECK(client.ask(poll).error() == make_error_code(wire_errc::name_length));
  CHECK(client.connected());
  CHECK(simulation.requests(broker::command::poll_messages) == 0);
}

TEST_CASE("A connection that breaks is closed, and a new one can be made", "[client]") {
  iggy_simulation simulation;
  iggy_client client(simulation.settings());
  REQUIRE(client.connect() == error_code());
  SECTION("the server answers what is not the protocol") {
    simulation.on_server([](broker::server& server) { server.behaviour().set.garbage = true; });
    CHECK(client.ask(poll_of(0)).error() == make_error_code(wire_errc::malformed));
    simulation.on_server([](broker::server& server) { server.behaviour().behave(); });
  }
  SECTION("the server closes in the middle of a reply") {
    simulation.on_server([](broker::server& server) { server.behaviour().cut_after_sent(5); });
    CHECK(client.ask(poll_of(0)).error() == boost::system::errc::connection_reset);
  }
  SECTION("the server goes away and comes back") {
    simulation.vanish();
    CHECK(client.ask(poll_of(0)).has_error());
    simulation.come_back();
  }
  CHECK(!client.connected());
  CHECK(client.ask(poll_of(0)).has_error());
  CHECK(client.connect() == error_code());
  CHECK(client.ask(poll_of(0)).has_value());
}

// Whatever the machine's load: nothing but the silence can end the wait.
TEST_CASE("A server that does not answer is left after the reply timeout", "[client]") {
  iggy_simulation simulation;
  simulation.on_server([](broker::server& server) { server.behaviour().set.stall = true; });
  consumer::client_settings settings = simulation.settings();
  settings.reply_timeout = 10ms;
  SECTION("the probe") {}
  SECTION("the ping before a login") {
    settings.handshake.wanted = protocol::generation::iggy_0_7;
  }
  iggy_client client(settings);
  CHECK(client.connect() == boost::system::errc::timed_out);
  CHECK(!client.connected());
  CHECK(!client.failed_in_connect());
  CHECK(client.failed_before_login());
}

TEST_CASE("An address is written so that it can be read back", "[client]") {
  consumer::client_settings settings;
  settings.addresses = {{"::1", "8090"}};
  CHECK(iggy_client(settings).last_address() == "[::1]:8090");
  settings.addresses = {{"iggy.example", "1"}};
  CHECK(iggy_client(settings).last_address() == "iggy.example:1");
}

}  // namespace
}  // namespace vibes::test
