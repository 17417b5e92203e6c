#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "protocol/version_probe.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

// The first frame on a connection to a server that nobody knows, and what its answer tells.

namespace vibes::test {
namespace {

using namespace protocol;

constexpr std::uint32_t packed(std::uint32_t minor, std::uint32_t patch) {
  return minor * 1024 + patch;
}

frame_bytes joined(frame_bytes one, const frame_bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

TEST_CASE("The probe is a login of a version that no release has", "[probe]") {
  const frame_bytes frame = version_probe({0x1122334455667788, 0x99aabbccddeeff01});
  REQUIRE(frame.size() == 268);
  frame_bytes expected(256);
  set_number<std::uint32_t>(expected, 48, 268);
  expected[60] = std::byte{5};
  set_number<std::uint64_t>(expected, 128, 0x99aabbccddeeff01);
  set_number<std::uint64_t>(expected, 136, 0x1122334455667788);
  expected[176] = std::byte{1};
  expected = joined(expected, from_hex("ffffff3f"
                                       "0570726f6265"
                                       "0131"));
  CHECK(to_hex(frame) == to_hex(expected));
}

struct answer {
  const char* name;
  frame_bytes bytes;
  server_family family;
  std::optional<version_window> window;
};

std::vector<answer> known_answers() {
  frame_bytes refused = from_hex("0300000000000000");
  frame_bytes refused_often;
  for (int i = 0; i < 6; ++i) refused_often = joined(refused_often, refused);
  const version_window only_0_11{0x2C00, 0x2C00};
  return {
      {"0.8", refused, server_family::classic_0_8, {}},
      {"0.8, which says so six times", refused_often, server_family::classic_0_8, {}},
      {"0.9", eviction_frame(14, 0x2C00, 0x2C00), server_family::vsr, only_0_11},
      {"0.10", eviction_frame(14, 0x3002, 0x3000), server_family::vsr,
       version_window{0x3000, 0x3002}},
      {"an eviction for another reason",
       eviction_frame(15, 0x3000, 0x3000),
       server_family::vsr,
       {}},
      {"a reply", vsr_reply_frame(command::login_with_password, {}), server_family::vsr, {}},
      {"a reply with a body",
       vsr_reply_frame(command::login_with_password, no_rejection()),
       server_family::vsr,
       {}},
      {"a window that ends before it begins",
       eviction_frame(14, 0x3000, 0x3001),
       server_family::vsr,
       {}},
      {"a window that begins nowhere", eviction_frame(14, 0x3000, 0), server_family::vsr, {}},
      {"no window at all", eviction_frame(14, 0, 0), server_family::vsr, {}},
  };
}

TEST_CASE("Every answer that servers give tells the family, and a window where there is one",
          "[probe]") {
  for (const answer& each : known_answers()) {
    CAPTURE(each.name);
    const exact_bytes bytes(each.bytes);
    const auto told = read_probe_answer(bytes.view());
    REQUIRE(told.has_value());
    REQUIRE(told->has_value());
    CHECK((*told)->family == each.family);
    CHECK((*told)->window == each.window);
  }
}

TEST_CASE("Cut at any byte an answer tells nothing yet, or what the whole tells", "[probe]") {
  for (const answer& each : known_answers()) {
    CAPTURE(each.name);
    bool told_once = false;
    for (std::size_t size = 0; size <= each.bytes.size(); ++size) {
      CAPTURE(size);
      const exact_bytes cut{const_bytes(each.bytes).first(size)};
      const auto told = read_probe_answer(cut.view());
      REQUIRE(!(told_once && !told));  // what is told stays told
      if (!told) continue;
      told_once = true;
      REQUIRE(told->has_value());
      REQUIRE((*told)->family == each.family);
      REQUIRE((*told)->window == each.window);
    }
    CHECK(told_once);
  }
  CHECK_FALSE(read_probe_answer({}));
}

TEST_CASE("What is not Iggy is malformed", "[probe]") {
  const std::string not_iggy[] = {"HTTP/1.1 400 Bad Request", "+PONG\r\n_", "SSH-2.0-OpenSSH_9",
                                  std::string(256, '\xff')};
  for (const std::string& each : not_iggy) {
    CAPTURE(each);
    const auto told = read_probe_answer(text_bytes(each));
    REQUIRE(told.has_value());
    CHECK(told->error() == wire_errc::malformed);
  }
  for (const char* other : {"0000000000000003", "0400000000000000", "0300000001000000"}) {
    CAPTURE(other);
    CHECK(read_probe_answer(from_hex(other))->error() == wire_errc::malformed);
  }
}

TEST_CASE("An answer in TLS is told apart from its second byte on", "[probe]") {
  for (const char* tls : {"1503", "15030300020228", "16030300", "1603010040020000"}) {
    const auto told = read_probe_answer(from_hex(tls));
    REQUIRE(told);
    CHECK(told->error() == wire_errc::login_withheld);
  }
  CHECK_FALSE(read_probe_answer(from_hex("15")));
  CHECK_FALSE(read_probe_answer(from_hex("1504")));
  CHECK_FALSE(read_probe_answer(from_hex("0300")));
}

TEST_CASE("A frame of eight zero bytes whose speaker no server is, is malformed", "[probe]") {
  frame_bytes frame = eviction_frame(14, 0x3000, 0x3000);
  for (int speaker = 0; speaker < 256; ++speaker) {
    CAPTURE(speaker);
    frame[60] = static_cast<std::byte>(speaker);
    const auto told = read_probe_answer(frame);
    REQUIRE(told.has_value());
    CHECK(told->has_value() == (speaker == 8 || speaker == 13));
  }
}

TEST_CASE("Only the eviction for an incompatible version has a window", "[probe]") {
  for (int reason = 0; reason < 256; ++reason) {
    const frame_bytes frame = eviction_frame(static_cast<std::uint8_t>(reason), 0x3002, 0x3000);
    CHECK(window_of_eviction(frame).has_value() == (reason == 14));
  }
  CHECK_FALSE(window_of_eviction(joined(eviction_frame(14, 0x3002, 0x3000), frame_bytes(1))));
  const frame_bytes whole = eviction_frame(14, 0x3002, 0x3000);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const exact_bytes cut{const_bytes(whole).first(size)};
    CHECK_FALSE(window_of_eviction(cut.view()));
  }
}

TEST_CASE("The newest version that both sides speak is chosen", "[probe]") {
  struct row {
    const char* name;
    version_window window;
    std::uint32_t expected;  // 0: none
    generation gen;
  };
  constexpr auto old = generation::iggy_0_9;
  constexpr auto recent = generation::iggy_0_10;
  const row rows[] = {
      {"0.9 as it is", {packed(11, 0), packed(11, 0)}, packed(11, 0), old},
      {"0.10 as it is", {packed(12, 0), packed(12, 0)}, packed(12, 0), recent},
      {"0.10 with patches", {packed(12, 0), packed(12, 2)}, packed(12, 2), recent},
      {"a patch alone", {packed(12, 2), packed(12, 2)}, packed(12, 2), recent},
      {"the highest patch there is", {packed(12, 0), packed(12, 1023)}, packed(12, 1023), recent},
      {"patches of 0.11", {packed(11, 1), packed(11, 7)}, packed(11, 7), old},
      {"up to a patch of 0.11", {packed(9, 0), packed(11, 3)}, packed(11, 3), old},
      {"both", {packed(11, 0), packed(12, 0)}, packed(12, 0), recent},
      {"both, with patches", {packed(11, 4), packed(12, 9)}, packed(12, 9), recent},
      {"several minor versions around both", {packed(3, 0), packed(20, 0)}, packed(12, 0), recent},
      {"0.11 to 0.13", {packed(11, 2), packed(13, 0)}, packed(12, 0), recent},
      {"from 0.12 on", {packed(12, 0), packed(14, 5)}, packed(12, 0), recent},
      {"from a patch of 0.12 on", {packed(12, 1), packed(14, 5)}, packed(12, 1), recent},
      {"into the next major version", {packed(12, 0), 1U << 20}, packed(12, 0), recent},
      {"0.13 alone", {packed(13, 0), packed(13, 0)}, 0, recent},
      {"later ones", {packed(13, 0), packed(14, 1)}, 0, recent},
      {"the next major version, 1.12",
       {(1U << 20) + packed(12, 0), (1U << 20) + packed(12, 0)},
       0,
       recent},
      {"too old", {packed(9, 0), packed(10, 1023)}, 0, recent},
      {"the end of everything", {~0U, ~0U}, 0, recent},
  };
  for (const row& each : rows) {
    CAPTURE(each.name);
    const auto chosen = choose_version(each.window);
    REQUIRE(chosen.has_value() == (each.expected != 0));
    if (!chosen) continue;
    CHECK(chosen->protocol_version == each.expected);
    CHECK(chosen->gen == each.gen);
  }
}

TEST_CASE("Any version that is chosen is in the window", "[probe]") {
  const std::uint32_t ends[] = {packed(10, 9), packed(11, 0), packed(11, 3), packed(12, 0),
                                packed(12, 2), packed(13, 0), 1U << 20};
  for (const std::uint32_t min : ends) {
    for (const std::uint32_t max : ends) {
      if (min > max) continue;
      CAPTURE(min, max);
      const auto chosen = choose_version({min, max});
      if (!chosen) continue;
      CHECK(min <= chosen->protocol_version);
      CHECK(chosen->protocol_version <= max);
    }
  }
}

TEST_CASE("A window is written as people write versions", "[probe]") {
  CHECK(to_string(version_window{packed(12, 0), packed(12, 2)}) == "0.12.0 to 0.12.2");
  CHECK(to_string(version_window{packed(11, 0), packed(11, 0)}) == "0.11.0");
  CHECK(to_string(version_window{(1U << 20) + packed(2, 3), (2U << 20) + packed(0, 1023)}) ==
        "1.2.3 to 2.0.1023");
}

}  // namespace
}  // namespace vibes::test
