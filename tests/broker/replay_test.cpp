#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/broker/fields.hpp"
#include "tests/broker/visit.hpp"

// What SDKs said to real servers is said to the broker, which has to answer the same bytes.

namespace vibes::test {
namespace {

using broker::as_text;
using broker::load;

struct recorded_server {
  const char* version;
  broker::generation speaks;
  std::size_t header;  // bytes in front of a message's payload; 0.4 has none of that kind
  std::uint16_t port;
  std::size_t requests;
};
const recorded_server servers[] = {{"0.4.96", broker::generation::iggy_0_4, 0, 0, 29},
                                   {"0.5.0", broker::generation::iggy_0_5, 56, 0, 31},
                                   {"0.6.0", broker::generation::iggy_0_6, 56, 8490, 32},
                                   {"0.7.0", broker::generation::iggy_0_7, 64, 8590, 32},
                                   {"0.8.0", broker::generation::iggy_0_8, 64, 8090, 32}};

command asked_by(const frame_bytes& request) {
  return static_cast<command>(load<std::uint32_t>(request.data() + 4));
}

/// A message of a poll: where in the reply its time stands, and its payload, which is its own in
/// these sessions.
struct told_message {
  std::size_t time_at;
  std::string payload;
};

std::vector<told_message> messages_in(const frame_bytes& poll_reply, std::size_t header) {
  std::vector<told_message> found;
  broker::fields left(poll_reply);
  left.take(24);  // of the frame and of the poll
  while (left.at() != poll_reply.size() && left.whole()) {
    const std::size_t begin = left.at();
    if (header == 0) {
      left.take(37);  // up to the length of the user headers
      left.take(left.take<std::uint32_t>());
      found.push_back({begin + 9, std::string(as_text(left.take(left.take<std::uint32_t>())))});
      continue;
    }
    const auto payload = load<std::uint32_t>(poll_reply.data() + begin + 52);
    left.take(header);
    found.push_back({begin + 32, std::string(as_text(left.take(payload)))});
  }
  return found;
}

/// When the real server stored the message with this payload, as a later poll told.
std::map<std::string, std::uint64_t> storing_times(const std::vector<exchange>& recorded,
                                                   std::size_t header) {
  std::map<std::string, std::uint64_t> times;
  for (const exchange& each : recorded) {
    if (asked_by(each.request) != command::poll_messages) continue;
    for (const told_message& told : messages_in(each.reply, header))
      times[told.payload] = load<std::uint64_t>(each.reply.data() + told.time_at);
  }
  return times;
}

std::string first_payload(const frame_bytes& send, std::size_t header) {
  broker::fields left(send);
  left.take(8);
  if (header != 0) left.take(4);
  for (int part = 0; part < 3; ++part) {  // stream, topic, partitioning
    left.take(1);
    left.take(left.take<std::uint8_t>());
  }
  if (header == 0) {
    left.take(16);
    left.take(left.take<std::uint32_t>());
    return std::string(as_text(left.take(left.take<std::uint32_t>())));
  }
  left.take(std::size_t{16} * left.take<std::uint32_t>());
  const auto payload = load<std::uint32_t>(send.data() + left.at() + 52);
  left.take(header);
  return std::string(as_text(left.take(payload)));
}

/// The server's clock when it served this request, as far as the recording tells: with it, the
/// times and checksums in the broker's replies need no mask.
std::uint64_t clock_at(const exchange& recorded, std::size_t header,
                       const std::map<std::string, std::uint64_t>& times) {
  const command asked = asked_by(recorded.request);
  const bool creation = asked == command::create_stream || asked == command::create_topic;
  if (creation && recorded.reply.size() > 8)
    return load<std::uint64_t>(recorded.reply.data() + 8 + 4);
  if (asked != command::send_messages) return 0;
  const auto found = times.find(first_payload(recorded.request, header));
  return found == times.end() ? 0 : found->second;
}

/// Not compared is when each partition was created, bytes 4 to 11 of its 40 at the end of a topic's
/// details: a real server takes the time anew for them, some microseconds after that of the topic;
/// the broker is told one time for each request. Nor is their order, which is random before 0.6.
void settle_partitions(frame_bytes& topic_reply) {
  constexpr std::ptrdiff_t record = 40;
  std::vector<std::string> partitions;
  const auto begin = topic_reply.end() - 8 * record;
  for (auto at = begin; at != topic_reply.end(); at += record) {
    std::fill_n(at + 4, 8, std::byte{0});
    partitions.push_back(to_hex({at, at + record}));
  }
  std::ranges::sort(partitions);  // the id comes first, and its lowest byte before the others
  topic_reply.erase(begin, topic_reply.end());
  for (const std::string& each : partitions) broker::put_bytes(topic_reply, from_hex(each));
}

/// 0.4 takes the time anew for each message of a send, the broker once for all of them.
void mask_times_within_sends(frame_bytes& poll_reply) {
  for (const told_message& told : messages_in(poll_reply, 0))
    if (told.payload == "second payload")
      std::fill_n(poll_reply.begin() + static_cast<std::ptrdiff_t>(told.time_at), 8, std::byte{0});
}

TEST_CASE("Recorded requests get the recorded replies", "[golden]") {
  for (const recorded_server& server : servers) {
    CAPTURE(server.version);
    const auto recorded = recorded_session(server.version);
    REQUIRE(recorded.size() == server.requests);
    const auto times = storing_times(recorded, server.header);
    REQUIRE(times.size() == 10);
    visit at(server.speaks);
    at.with().listening_on(server.port);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      const command asked = asked_by(recorded[i].request);
      CAPTURE(i, broker::name_of(asked));
      heard back = at.say(recorded[i].request, clock_at(recorded[i], server.header, times));
      CHECK(back.consumed == recorded[i].request.size());
      CHECK(back.wanted == (server.header == 0 ? 4 : 8));
      CHECK_FALSE(back.hang_up);
      frame_bytes expected = recorded[i].reply;
      const bool topic = asked == command::create_topic || asked == command::get_topic;
      if (topic && expected.size() > 8) {
        REQUIRE(back.replies.size() == expected.size());
        settle_partitions(expected);
        settle_partitions(back.replies);
      }
      if (server.header == 0 && asked == command::poll_messages) {
        REQUIRE(back.replies.size() == expected.size());
        mask_times_within_sends(expected);
        mask_times_within_sends(back.replies);
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
