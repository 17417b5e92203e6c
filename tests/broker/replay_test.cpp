#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/broker/visit.hpp"

// What SDKs said to real servers is said to the broker, which has to answer the same bytes.

namespace vibes::test {
namespace {

using broker::load;

struct recorded_server {
  const char* version;
  broker::generation speaks;
  std::size_t header;
  std::uint16_t port;
};
const recorded_server servers[] = {{"0.6.0", broker::generation::classic_0_6, 56, 8490},
                                   {"0.7.0", broker::generation::classic_0_7, 64, 8590},
                                   {"0.8.0", broker::generation::classic_0_8, 64, 8090}};

command asked_by(const frame_bytes& request) {
  return static_cast<command>(load<std::uint32_t>(request.data() + 4));
}

/// When the real server stored the message with this origin time, as a later poll told.
std::map<std::uint64_t, std::uint64_t> storing_times(const std::vector<exchange>& recorded,
                                                     std::size_t header) {
  std::map<std::uint64_t, std::uint64_t> times;
  for (const exchange& each : recorded) {
    if (asked_by(each.request) != command::poll_messages) continue;
    for (std::size_t at = 24; at < each.reply.size();) {
      const std::byte* const head = each.reply.data() + at;
      times[load<std::uint64_t>(head + 40)] = load<std::uint64_t>(head + 32);
      at += header + load<std::uint32_t>(head + 52);
    }
  }
  return times;
}

std::uint64_t origin_time(const frame_bytes& send) {
  const std::size_t metadata_end = 12 + load<std::uint32_t>(send.data() + 8);
  const auto count = load<std::uint32_t>(send.data() + metadata_end - 4);
  return load<std::uint64_t>(send.data() + metadata_end + std::size_t{16} * count + 40);
}

/// The server's clock when it served this request, as far as the recording tells: with it, the
/// times and checksums in the broker's replies need no mask.
std::uint64_t clock_at(const exchange& recorded,
                       const std::map<std::uint64_t, std::uint64_t>& times) {
  const command asked = asked_by(recorded.request);
  const bool creation = asked == command::create_stream || asked == command::create_topic;
  if (creation && recorded.reply.size() > 8)
    return load<std::uint64_t>(recorded.reply.data() + 8 + 4);
  if (asked != command::send_messages) return 0;
  const auto found = times.find(origin_time(recorded.request));
  return found == times.end() ? 0 : found->second;
}

/// The only bytes not compared: when each partition was created, bytes 4 to 11 of its 40 at the
/// end of a topic's details. A real server takes the time anew for them, some microseconds after
/// that of the topic; the broker is told one time for each request.
void mask_partition_times(frame_bytes& topic_reply) {
  constexpr std::size_t record = 40;
  for (std::size_t id = 0; id < 8; ++id) {
    const auto begin = topic_reply.end() - static_cast<std::ptrdiff_t>((id + 1) * record);
    std::fill_n(begin + 4, 8, std::byte{0});
  }
}

TEST_CASE("Recorded requests get the recorded replies", "[golden]") {
  for (const recorded_server& server : servers) {
    CAPTURE(server.version);
    const auto recorded = recorded_session(server.version);
    REQUIRE(recorded.size() == 32);
    const auto times = storing_times(recorded, server.header);
    REQUIRE(times.size() == 9);  // ten messages; the two of one batch were made at one time
    visit at(server.speaks);
    at.with().listening_on(server.port);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      const command asked = asked_by(recorded[i].request);
      CAPTURE(i, broker::name_of(asked));
      heard back = at.say(recorded[i].request, clock_at(recorded[i], times));
      CHECK(back.consumed == recorded[i].request.size());
      CHECK(back.wanted == 8);
      CHECK_FALSE(back.hang_up);
      frame_bytes expected = recorded[i].reply;
      const bool topic = asked == command::create_topic || asked == command::get_topic;
      if (topic && expected.size() > 8) {
        REQUIRE(back.replies.size() == expected.size());
        mask_partition_times(expected);
        mask_partition_times(back.replies);
      }
      CHECK(to_hex(back.replies) == to_hex(expected));
    }
  }
}

TEST_CASE("However the bytes of requests arrive, the replies are the same", "[framing]") {
  for (const recorded_server& server : servers) {
    CAPTURE(server.version);
    frame_bytes all;
    for (const exchange& each : recorded_session(server.version))
      broker::put_bytes(all, each.request);

    visit at_once(server.speaks);
    const heard whole = at_once.say(all, 5);
    CHECK(whole.consumed == all.size());

    visit piecemeal(server.speaks);
    frame_bytes replies;
    frame_bytes waiting;
    for (const std::byte each : all) {
      waiting.push_back(each);
      const heard back = piecemeal.say(waiting, 5);
      broker::put_bytes(replies, back.replies);
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(back.consumed));
      const bool foretold = waiting.size() < back.wanted && !back.hang_up;
      if (!foretold) FAIL("it wants " << back.wanted << " with " << waiting.size());
    }
    CHECK(waiting.empty());
    CHECK(to_hex(replies) == to_hex(whole.replies));
  }
}

}  // namespace
}  // namespace vibes::test
