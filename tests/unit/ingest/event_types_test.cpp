#include "daemon/ingest/event_types.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace vibes::test {
namespace {

using ingest::find_event_type;

constexpr struct {
  std::string_view name;
  bool needs_session;
} listed[] = {
    // both generations
    {"session_created", true},
    {"session_state_changed", true},
    {"claude", true},
    // the planned one
    {"session_renamed", true},
    {"session_deleted", true},
    {"turn_completed", true},
    {"prompt_submitted", true},
    {"pty_output", true},
    {"pty_exit", true},
    {"server_started", false},
    {"server_stopped", false},
    {"tunnel_started", false},
    {"tunnel_stopped", false},
    {"plugin_loaded", false},
    {"plugin_unloaded", false},
    // today's
    {"user_input", true},
    {"permission_response", true},
    {"ownership_transferred", true},
    {"session_removed", true},
    {"client_connected", false},
    {"client_disconnected", false},
    {"tunnel_state_changed", false},
    {"hook", false},
};

TEST_CASE("Each listed type is found and says whether it needs a session", "[event_types]") {
  for (const auto& each : listed) {
    CAPTURE(each.name);
    const ingest::event_type* const found = find_event_type(each.name);
    REQUIRE(found != nullptr);
    CHECK(found->name == each.name);
    CHECK(found->needs_session == each.needs_session);
  }
}

TEST_CASE("Names that are nearly listed are unknown", "[event_types]") {
  for (const auto& each : listed) {
    const std::string name(each.name);
    std::string capital = name;
    capital[0] = static_cast<char>(capital[0] - 'a' + 'A');
    std::string next = name;
    ++next.back();
    for (const std::string& near : {name + "s", name + " ", " " + name, name + '\0', capital, next,
                                    name.substr(1), name.substr(0, name.size() - 1)}) {
      CAPTURE(near);
      CHECK(find_event_type(near) == nullptr);
    }
  }
}

TEST_CASE("Types of nested events and other text are unknown", "[event_types]") {
  for (const std::string_view name :
       {"", " ", "a", "zzz", "~", "\xff", "x", "pre_tool_use", "post_tool_use", "text_delta",
        "stop", "session_start", "session_end", "permission_request", "session", "tunnel",
        "vibes_ingest"}) {
    CAPTURE(name);
    CHECK(find_event_type(name) == nullptr);
  }
}

TEST_CASE("The protocol's page lists the known types and no other", "[event_types][docs]") {
  std::ifstream page(VIBES_SOURCE_DIR "/docs/socket-protocol.md");
  const std::string text = (std::stringstream() << page.rdbuf()).str();
  const std::size_t begin = text.find("Known types.");
  REQUIRE(begin != text.npos);
  std::istringstream paragraph(text.substr(begin, text.find("\n\n", begin) - begin));
  std::set<std::string> documented;
  for (std::string part; std::getline(paragraph, part, '`');) {
    if (std::getline(paragraph, part, '`')) documented.insert(part);
  }
  std::set<std::string> expected;
  for (const auto& each : listed) expected.emplace(each.name);
  CHECK(documented == expected);
}

}  // namespace
}  // namespace vibes::test
