#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// Frames that are no requests: 0.8 answers and goes on, 0.6 and 0.7 hang up.

namespace vibes::test {
namespace {

using broker::generation;

TEST_CASE("An unknown command is answered by 0.8 and ends the others' line", "[errors]") {
  const frame_bytes strange = request(999, text("body"));
  visit(generation::classic_0_6).hangs_up(strange);
  visit(generation::classic_0_7).hangs_up(strange);
  visit newest(generation::classic_0_8);
  newest.refuses(status::invalid_command, strange);
  CHECK(newest.succeeds(request(command::ping)).empty());
}

TEST_CASE("A length below that of the code is answered by 0.8 as 8 bytes", "[errors]") {
  for (const std::uint32_t length : {0U, 3U}) {
    const frame_bytes frame = joined({number(length), number(std::uint32_t{1})});
    visit(generation::classic_0_6).hangs_up(frame);
    visit(generation::classic_0_7).hangs_up(frame);
    visit(generation::classic_0_8).refuses(status::invalid_command, frame);
  }
}

TEST_CASE("A control body over 10 MiB is not read by 0.8", "[errors]") {
  visit at(generation::classic_0_8);
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

TEST_CASE("What a ping carries is skipped by 0.8 and a next frame to the others", "[errors]") {
  const frame_bytes inner = request(command::ping);
  const frame_bytes ping = request(command::ping, inner);
  visit newest(generation::classic_0_8);
  CHECK(to_hex(newest.say(ping).replies) == to_hex(status_frame(0)));
  for (const generation speaks : {generation::classic_0_6, generation::classic_0_7}) {
    const heard back = visit(speaks).say(ping);
    CHECK(to_hex(back.replies) == to_hex(joined({status_frame(0), status_frame(0)})));
    CHECK(back.consumed == 16);
  }
}

TEST_CASE("A send over 256 MiB ends the line before it is waited for", "[errors]") {
  const auto header = [](std::uint32_t length) {
    return joined({number(length), number(static_cast<std::uint32_t>(command::send_messages))});
  };
  constexpr std::uint32_t most = 256 * 1024 * 1024;  // the frame, with the length's own 4 bytes
  for (const generation speaks :
       {generation::classic_0_6, generation::classic_0_7, generation::classic_0_8}) {
    visit(speaks).hangs_up(header(most - 4 + 1));
    const heard back = visit(speaks).say(header(most - 4));
    CHECK(back.wanted == most);
    CHECK(back.consumed == 0);
    CHECK_FALSE(back.hang_up);
  }
}

}  // namespace
}  // namespace vibes::test
