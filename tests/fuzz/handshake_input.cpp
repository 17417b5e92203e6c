#include "tests/fuzz/handshake_input.hpp"

#include <algorithm>
#include <map>

#include "tests/fuzz/target.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

constexpr std::size_t generations = 6;

generation generation_at(std::uint8_t number) {
  return static_cast<generation>(number % generations);
}

std::optional<generation> some_generation(std::uint8_t number) {
  if (number >= generations) return std::nullopt;
  return static_cast<generation>(number);
}

std::optional<detection> detection_at(std::uint8_t number) {
  constexpr std::uint32_t newer = packed_version(0, 13, 0);
  switch (number) {
    case 1: return detection{server_family::classic};
    case 2: return detection{server_family::classic_0_8};
    case 3: return detection{server_family::vsr};
    case 4: return detection{server_family::vsr, version_window{protocol_0_11, protocol_0_11}};
    case 5: return detection{server_family::vsr, version_window{protocol_0_11, protocol_0_12}};
    case 6: return detection{server_family::vsr, version_window{protocol_0_12, newer}};
    case 7: return detection{server_family::vsr, version_window{newer, newer}};
    default: return std::nullopt;
  }
}

std::shared_ptr<session> earlier_session() {
  return std::make_shared<session>(session{.client = {1, 2},
                                           .bind_secret = {},
                                           .protocol_version = protocol_0_12,
                                           .id = 77,
                                           .metadata_position = 3,
                                           .last_number = 9});
}

using known_frames = std::map<std::pair<generation, command>, std::vector<frame_bytes>>;

const known_frames& all_known() {
  static const known_frames all = [] {
    known_frames made;
    for (const known_reply& each : known_replies()) {
      made[{each.gen, each.asked}].push_back(each.frame);
    }
    return made;
  }();
  return all;
}

frame_bytes framed(generation gen, command asked, const frame_bytes& payload,
                   std::uint32_t status) {
  return is_vsr(gen) ? vsr_reply_frame(asked, payload, status) : reply_frame(status, payload);
}

}  // namespace

handshake_plan handshake_input::plan() {
  const std::uint8_t versions = from_.u8();
  const std::uint8_t wishes = from_.u8();
  const std::uint8_t assumed = from_.u8();
  const std::uint8_t names = from_.u8();
  const auto wishes_for = [&](unsigned bit) { return (wishes >> bit & 1U) != 0; };
  handshake_plan plan{.login = login_with_password{"iggy", "secret", "1.0", ""},
                      .wanted = some_generation(versions & 7),
                      .detected = detection_at(versions >> 3 & 7),
                      .assumed = some_generation(assumed & 7),
                      .stream = (names & 1) != 0 ? "Vibes of\t1" : "vibes",
                      .topic = "events"};
  if (wishes_for(0)) plan.login = login_with_token{"token"};
  plan.create = wishes_for(1);
  plan.may_redirect = wishes_for(2);
  plan.bind_only = wishes_for(3);
  if (wishes_for(4)) plan.resumed = earlier_session();
  plan.client = {3, 4};
  plan.connected_to = {"localhost", (names & 2) != 0 ? "10.0.0.2" : "10.0.0.1", 8090};
  return plan;
}

frame_bytes handshake_input::frame(command asked) {
  const std::uint8_t kind = from_.u8();
  const generation gen = generation_at(kind & 7);
  switch (static_cast<frame_form>(kind >> 3 & 3)) {
    case frame_form::known: return changed_reply(gen, asked);
    case frame_form::payload: return framed(gen, asked, rest_of_frame(), 0);
    case frame_form::status: return framed(gen, asked, {}, from_.u16());
    case frame_form::raw: break;
  }
  return rest_of_frame();
}

frame_bytes handshake_input::changed_reply(generation gen, command asked) {
  const std::uint8_t which = from_.u8();
  const std::uint8_t changes = from_.u8();
  const auto known = all_known().find({gen, asked});
  if (known == all_known().end()) return framed(gen, asked, {}, 0);
  frame_bytes frame = known->second[which % known->second.size()];
  for (std::uint8_t i = 0; i < changes % 16; ++i) {
    const std::size_t at = from_.u16();
    frame[at % frame.size()] = static_cast<std::byte>(from_.u8());
  }
  return frame;
}

frame_bytes handshake_input::rest_of_frame() {
  const std::size_t size = from_.u16();
  const const_bytes taken = from_.take(std::min(size, from_.remaining()));
  return {taken.begin(), taken.end()};
}

}  // namespace vibes::test
