#include <catch2/catch.hpp>

#include "daemon/consumer/iggy_client.hpp"
#include "protocol/error.hpp"
#include "tests/unit/consumer/silent_listener.hpp"

// Whoever does not show itself as an Iggy server that reads plain text is told no login.

namespace vibes::test {
namespace {

using protocol::generation;

consumer::client_settings settings_to(const silent_listener& peer,
                                      std::optional<generation> wanted) {
  consumer::client_settings made;
  made.addresses = {{"127.0.0.1", peer.port()}};
  made.handshake.login = protocol::login_with_password{"the-user", "the-password", "", ""};
  made.handshake.wanted = wanted;
  made.handshake.stream = "vibes";
  made.handshake.topic = "events";
  return made;
}

/// Frames of eight bytes: a ping each. What stands before them may be one version probe.
bool only_probe_and_pings(std::string heard) {
  constexpr std::size_t probe_size = 268;
  const std::string ping("\x04\0\0\0\x01\0\0\0", 8);
  if (heard.size() >= probe_size) heard.erase(0, probe_size);
  while (heard.starts_with(ping)) heard.erase(0, ping.size());
  return heard.empty();
}

TEST_CASE("Who hangs up, or answers in TLS, hears no user name and no password", "[client]") {
  struct {
    const char* name;
    std::string answer;
    silent_listener::end how;
  } const cases[] = {
      {"a close without a byte", {}, silent_listener::end::close},
      {"a reset", {}, silent_listener::end::reset},
      {"a TLS alert", {"\x15\x03\x03\x00\x02\x02\x28", 7}, silent_listener::end::close},
      {"a TLS greeting", {"\x16\x03\x03\x00\x04", 5}, silent_listener::end::close},
  };
  for (const auto& each : cases) {
    for (const auto wanted :
         {std::optional<generation>(), std::optional(generation::iggy_0_4),
          std::optional(generation::iggy_0_5), std::optional(generation::iggy_0_6),
          std::optional(generation::iggy_0_7), std::optional(generation::iggy_0_9),
          std::optional(generation::iggy_0_10)}) {
      CAPTURE(each.name, wanted ? static_cast<int>(*wanted) : -1);
      silent_listener peer(each.answer, each.how);
      consumer::iggy_client client(settings_to(peer, wanted));
      CHECK(client.connect() == protocol::wire_errc::login_withheld);
      CHECK(client.failed_before_login());
      const std::string heard = peer.heard();
      CHECK_FALSE(heard.empty());
      CHECK(heard.find("the-user") == std::string::npos);
      CHECK(heard.find("the-password") == std::string::npos);
      CHECK(only_probe_and_pings(heard));
    }
  }
}

TEST_CASE("Who answers a ping with anything else hears no login either", "[client]") {
  for (const std::string& answer :
       {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\x08\0\0\0\0\0\0\0", 8),
        std::string("\0\0\0\0\x01\0\0\0x", 9)}) {
    silent_listener peer(answer);
    consumer::iggy_client client(settings_to(peer, generation::iggy_0_7));
    CHECK(client.connect().failed());
    CHECK(only_probe_and_pings(peer.heard()));
  }
}

}  // namespace
}  // namespace vibes::test
