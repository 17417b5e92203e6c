#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// Frames that are no requests: 0.8 answers and goes on, 0.5 to 0.7 hang up. 0.4 reads a frame whole
// before it looks at it, so that it answers what is no command.

namespace vibes::test {
namespace {

using broker::generation;

constexpr generation hang_up[] = {generation::iggy_0_5, generation::iggy_0_6, generation::iggy_0_7};

TEST_CASE("An unknown command is answered by 0.4 and 0.8 and ends the others' line", "[errors]") {
  const frame_bytes strange = request(999, text("body"));
  for (const generation speaks : hang_up) visit(speaks).hangs_up(strange);
  for (const generation speaks : {generation::iggy_0_4, generation::iggy_0_8}) {
    visit at(speaks);
    at.refuses(status::invalid_command, strange);
    CHECK(at.succeeds(request(command::ping)).empty());
  }
}

TEST_CASE("A length below that of the code is answered by 0.8 as 8 bytes", "[errors]") {
  for (const std::uint32_t length : {0U, 3U}) {
    const frame_bytes frame = joined({number(length), number(std::uint32_t{1})});
    visit(generation::iggy_0_4).hangs_up(frame);
    for (const generation speaks : hang_up) visit(speaks).hangs_up(frame);
    visit(generation::iggy_0_8).refuses(status::invalid_command, frame);
  }
}

TEST_CASE("A control body over 10 MiB is not read by 0.8", "[errors]") {
  visit at(generation::iggy_0_8);
  const frame_bytes header =
      joined({number(std::uint32_t{4 + 10 * 1024 * 1024 + 1}), number(std::uint32_t{200})});
  at.refuses(status::invalid_command, header);  // and what follows is taken for the next frame
  const frame_bytes most =
      joined({number(std::uint32_t{4 + 10 * 1024 * 1024}), number(std::uint32_t{200})});
  const heard back = at.say(most);
  CHECK(back.replies.empty());
  CHECK(back.consumed == 0);
  CHECK(back.wanted == 8 + 10 * 1024 * 1024);
}

TEST_CASE("What a ping carries is skipped by 0.8, refused by 0.4, a next frame to the others",
          "[errors]") {
  const frame_bytes inner = request(command::ping);
  const frame_bytes ping = request(command::ping, inner);
  visit newest(generation::iggy_0_8);
  CHECK(to_hex(newest.say(ping).replies) == to_hex(status_frame(0)));
  visit(generation::iggy_0_4).refuses(status::invalid_command, ping);
  for (const generation speaks : hang_up) {
    const heard back = visit(speaks).say(ping);
    CHECK(to_hex(back.replies) == to_hex(joined({status_frame(0), status_frame(0)})));
    CHECK(back.consumed == 16);
  }
}

TEST_CASE("Other requests without a body are malformed with one, but for 0.8", "[errors]") {
  const frame_bytes stats = request(command::get_stats, text("z"));
  for (const generation speaks : hang_up) visit(speaks).hangs_up(stats);
  visit(generation::iggy_0_4).refuses(status::invalid_command, stats);
  visit newest(generation::iggy_0_8);
  newest.prepare(1);
  CHECK_FALSE(newest.succeeds(stats).empty());
}

TEST_CASE("A send over 256 MiB ends the line before it is waited for", "[errors]") {
  const auto header = [](std::uint32_t length) {
    return joined({number(length), number(static_cast<std::uint32_t>(command::send_messages))});
  };
  constexpr std::uint32_t most = 256 * 1024 * 1024;  // the frame, with the length's own 4 bytes
  for (const generation speaks : {generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6,
                                  generation::iggy_0_7, generation::iggy_0_8}) {
    visit(speaks).hangs_up(header(most - 4 + 1));
    const heard back = visit(speaks).say(header(most - 4));
    CHECK(back.wanted == most);
    CHECK(back.consumed == 0);
    CHECK_FALSE(back.hang_up);
  }
}

/// What finds out whether a server speaks the wire of 0.9 and later: 256 bytes of header and 12 of
/// body, which say that a client of a version that cannot be wants to register.
frame_bytes version_probe() {
  frame_bytes frame(256);
  broker::save(frame.data() + 48, std::uint32_t{268});
  frame[60] = std::byte{5};                                       // a request
  broker::save(frame.data() + 128, std::uint64_t{0x1122334455});  // any client
  frame[176] = std::byte{1};                                      // that registers
  broker::put_bytes(frame, joined({number(std::uint32_t{0x3FFFFFFF}), name("probe"), name("1")}));
  return frame;
}

TEST_CASE("A probe for the wire of 0.9 ends the line of 0.4 to 0.7 without a byte", "[probe]") {
  const frame_bytes probe = version_probe();
  REQUIRE(probe.size() == 268);
  visit(generation::iggy_0_4).hangs_up(probe);
  for (const generation speaks : hang_up) visit(speaks).hangs_up(probe);
  // The first length is enough for 0.4, the others read the code behind it too.
  const frame_bytes four(probe.begin(), probe.begin() + 4);
  CHECK(visit(generation::iggy_0_4).say(four).hang_up);
  CHECK_FALSE(visit(generation::iggy_0_7).say(four).hang_up);
}

TEST_CASE("A probe for the wire of 0.9 is six bad frames to 0.8, and the begin of one", "[probe]") {
  const heard back = visit(generation::iggy_0_8).say(version_probe());
  frame_bytes six;
  for (int each = 0; each < 6; ++each) broker::put_bytes(six, status_frame(3));
  CHECK(to_hex(back.replies) == to_hex(six));
  CHECK(back.consumed == 48);
  CHECK(back.wanted == 4 + 268);  // what stands where a length is expected is the probe's own size
  CHECK_FALSE(back.hang_up);
}

}  // namespace
}  // namespace vibes::test
