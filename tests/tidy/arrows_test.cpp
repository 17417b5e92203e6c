#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "tests/tidy/source_tree.hpp"

// Who may know whom (docs/architecture.md, "Rooms"). An arrow that is not here is a decision to be
// made, not an include to be added.

namespace vibes::test {
namespace {

const std::map<std::string, std::set<std::string>> arrows = {
    {"protocol", {"protocol/classic", "protocol/vsr"}},
    {"protocol/classic", {"protocol"}},
    {"protocol/handshake", {"protocol"}},
    {"protocol/vsr", {"protocol"}},
    {"config", {}},
    {"daemon/base", {}},
    {"daemon/ingest", {"daemon/base", "protocol"}},
    {"daemon/journal", {"daemon/base", "protocol"}},
    {"daemon/store", {"daemon/base", "daemon/journal", "protocol"}},
    {"daemon/link", {"daemon/base", "daemon/store", "protocol"}},
    {"daemon/admin", {"daemon/base", "daemon/journal", "daemon/store", "daemon/link", "protocol"}},
    {"daemon/consumer", {"daemon/base", "protocol"}},
    {"daemon/io/process", {"daemon/base"}},
    {"daemon/io/sockets", {"daemon/base", "daemon/admin", "daemon/io/process"}},
    {"daemon/io/producers",
     {"daemon/base", "daemon/admin", "daemon/ingest", "daemon/store", "daemon/io/process",
      "daemon/io/sockets", "protocol"}},
    {"daemon/io/iggy", {"daemon/base", "daemon/link"}},
    {"daemon/io/journal",
     {"daemon/base", "daemon/admin", "daemon/journal", "daemon/store", "daemon/io/process"}},
    {"daemon/io/admin",
     {"daemon/base", "daemon/admin", "daemon/store", "daemon/io/journal", "daemon/io/process",
      "daemon/io/sockets"}},
    {"daemon/app",
     {"config", "daemon/base", "daemon/admin", "daemon/ingest", "daemon/journal", "daemon/store",
      "daemon/link", "daemon/io/admin", "daemon/io/iggy", "daemon/io/journal", "daemon/io/process",
      "daemon/io/producers", "daemon/io/sockets"}},
    {"daemon/cli",
     {"config", "daemon/base", "daemon/admin", "daemon/ingest", "daemon/consumer", "daemon/app",
      "daemon/io/journal", "daemon/io/process", "daemon/link", "protocol"}},
};

/// What others may know of the protocol includes the handshake, and no generation's own codec.
std::string room_seen_from(const std::string& room, const std::string& path) {
  const std::string to = room_of(path);
  return to == "protocol/handshake" && to != room ? "protocol" : to;
}

std::optional<std::string> own_include(const std::string& line) {
  const std::string start = "#include \"";
  if (!line.starts_with(start)) return std::nullopt;
  return line.substr(start.size(), line.rfind('"') - start.size());
}

TEST_CASE("Rooms know only the rooms that the architecture lets them know", "[tidy]") {
  std::set<std::string> seen;
  for (const source_file& file : files_below({"protocol", "config", "daemon"}, {".cpp", ".hpp"})) {
    const std::string room = room_of(file.path);
    seen.insert(room);
    REQUIRE(arrows.contains(room));
    for (const std::string& line : file.lines) {
      const auto included = own_include(line);
      if (!included) continue;
      CAPTURE(file.path, *included);
      const std::string to = room_seen_from(room, *included);
      CHECK((to == room || arrows.at(room).contains(to)));
    }
  }
  CHECK(seen.size() == arrows.size());
}

TEST_CASE("No arrow between two rooms of the daemon has one that goes back", "[tidy]") {
  for (const auto& [room, known] : arrows) {
    if (!room.starts_with("daemon/")) continue;
    for (const std::string& other : known) {
      CAPTURE(room, other);
      CHECK_FALSE(arrows.at(other).contains(room));
    }
  }
}

/// The rooms in the sentence "May include ..." of a room's page.
std::set<std::string> named_rooms(const source_file& page) {
  std::string text;
  for (const std::string& line : page.lines) text += line + " ";
  const std::size_t begin = text.find("May include ");
  REQUIRE(begin != std::string::npos);
  const std::string sentence = text.substr(begin, text.find(". ", begin) - begin);
  std::set<std::string> rooms;
  const std::regex name("`([^`]+)`");
  for (std::sregex_iterator at(sentence.begin(), sentence.end(), name), end; at != end; ++at) {
    rooms.insert((*at)[1]);
  }
  return rooms;
}

TEST_CASE("A room's page names the rooms that it may include", "[tidy]") {
  std::size_t checked = 0;
  for (const source_file& page : files_below({"config", "daemon"}, {".md"})) {
    if (!page.path.ends_with("/README.md")) continue;
    const std::string room = room_of(page.path);
    CAPTURE(room);
    REQUIRE(arrows.contains(room));
    CHECK(named_rooms(page) == arrows.at(room));
    ++checked;
  }
  CHECK(checked >= 6);
}

TEST_CASE("The demonstration broker shares nothing with the codec it checks", "[tidy]") {
  for (const source_file& file : files_below({"tests/broker"}, {".cpp", ".hpp"})) {
    for (const std::string& line : file.lines) {
      const auto included = own_include(line);
      if (!included) continue;
      CAPTURE(file.path, *included);
      CHECK_FALSE(included->starts_with("protocol"));
      CHECK_FALSE(included->starts_with("daemon"));
    }
  }
}

}  // namespace
}  // namespace vibes::test
