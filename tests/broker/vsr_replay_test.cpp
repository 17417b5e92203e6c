#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/broker/vsr_visit.hpp"

// What an SDK said to a real 0.9.0-edge.5 is said to the broker, which has to answer the same
// bytes.

namespace vibes::test {
namespace {

using broker::load;
using broker::save;

constexpr std::uint16_t recorded_port = 8190;

operation operation_of(const frame_bytes& request) {
  return broker::request_header(request.data()).does();
}

command asked_by(const frame_bytes& request) {
  return broker::command_of(broker::request_header(request.data()));
}

bool goes_to_partition(const exchange& each) {
  return operation_of(each.request) >= operation::send;
}

/// The recorded SDK gave all that it wrote to partitions one number, which released servers take
/// for repetitions: here each has a number of its own, in the request and in the reply.
void number_anew(std::vector<exchange>& recorded) {
  std::uint64_t next = 100;
  for (exchange& each : recorded) {
    if (!goes_to_partition(each)) continue;
    save(each.request.data() + 168, next);
    save(each.reply.data() + 200, next++);
  }
}

/// Bytes not compared in a login's reply: the text of the server's version, at the end.
void cut_version_text(frame_bytes& reply) {
  reply.resize(256 + 4 + 16);
  save(reply.data() + 48, std::uint32_t{0});
}

/// Bytes not compared in a topic's record: the options that nobody gave. The release has renamed
/// some since this build.
void cut_derived_options(frame_bytes& reply, std::size_t record_at) {
  std::size_t at = record_at + 49;
  at += 1 + load<std::uint8_t>(reply.data() + at);
  at += 4 + load<std::uint32_t>(reply.data() + at);
  const std::size_t end = at + 4 + load<std::uint32_t>(reply.data() + at);
  reply.erase(reply.begin() + static_cast<std::ptrdiff_t>(at),
              reply.begin() + static_cast<std::ptrdiff_t>(end));
  save(reply.data() + 48, std::uint32_t{0});
}

std::string comparable(const frame_bytes& request, frame_bytes reply) {
  if (operation_of(request) == operation::login) cut_version_text(reply);
  if (asked_by(request) == command::create_topic && reply.size() > 268)
    cut_derived_options(reply, 260);
  if (asked_by(request) == command::get_topic && reply.size() > 256)
    cut_derived_options(reply, 256);
  return to_hex(reply);
}

TEST_CASE("Requests recorded with 0.9 get the recorded replies", "[golden][vsr]") {
  auto recorded = recorded_session("0.9.0-edge.5");
  REQUIRE(recorded.size() == 33);
  number_anew(recorded);
  vsr_visit at(generation::iggy_0_9);
  at.with.listening_on(recorded_port);
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const exchange& each = recorded[i];
    CAPTURE(i, broker::name_of(asked_by(each.request)));
    // The server's clock, as it stands in the replies that need one.
    const auto clock = load<std::uint64_t>(each.reply.data() + 192);
    const answered back = at.line.say(each.request, clock);
    CHECK_FALSE(back.hung_up);
    CHECK(comparable(each.request, back.raw) == comparable(each.request, each.reply));
  }
}

TEST_CASE("However the bytes of VSR requests arrive, the replies are the same", "[framing][vsr]") {
  auto recorded = recorded_session("0.9.0-edge.5");
  number_anew(recorded);
  frame_bytes all;
  for (const exchange& each : recorded) broker::put_bytes(all, each.request);
  vsr_visit at_once(generation::iggy_0_9);
  const answered whole = at_once.line.say(all, 5);

  vsr_visit piecemeal(generation::iggy_0_9);
  frame_bytes replies;
  frame_bytes waiting;
  for (const std::byte each : all) {
    waiting.push_back(each);
    const auto made = piecemeal.line.line().receive(waiting, 5, replies);
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(made.consumed));
    const bool foretold = waiting.size() < made.wanted && !made.hang_up;
    if (!foretold) FAIL("it wants " << made.wanted << " with " << waiting.size());
  }
  CHECK(waiting.empty());
  CHECK(to_hex(replies) == to_hex(whole.raw));
}

TEST_CASE("The numbers as they were recorded are repetitions to a released 0.9", "[golden][vsr]") {
  const auto recorded = recorded_session("0.9.0-edge.5");
  vsr_visit at(generation::iggy_0_9);
  for (const exchange& each : recorded) at.line.say(each.request, 5);
  // One message reached each of the four partitions that were written to.
  CHECK(at.with.counters().messages_stored == 4);
  CHECK(at.with.counters().messages_repeated == 6);
}

}  // namespace
}  // namespace vibes::test
