#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// What 0.4 alone does: names of its own, and messages in a layout of its own.

namespace vibes::test {
namespace {

using broker::generation;

std::uint32_t id_in(const frame_bytes& details) {
  return broker::load<std::uint32_t>(details.data());
}

frame_bytes path(std::string_view stream, std::string_view topic) {
  return joined({named(stream), named(topic)});
}

TEST_CASE("Names of 0.4 are stored in lower case with dots, and found as they are stored",
          "[legacy]") {
  visit at(generation::iggy_0_4);
  at.succeeds(login("iggy", "iggy"));
  CHECK(id_in(at.succeeds(early::create_stream(" My \t Stream "))) == 1);
  CHECK(id_in(at.succeeds(request(command::get_stream, named("my.stream")))) == 1);
  CHECK(at.succeeds(request(command::get_stream, named(" My \t Stream "))).empty());
  at.refuses(status::stream_name_taken, early::create_stream("MY.stream"));
  at.succeeds(early::create_topic("my.stream", "Events", 1));
  CHECK_FALSE(at.succeeds(request(command::get_topic, path("my.stream", "events"))).empty());
  at.refuses(status::stream_name_not_found, early::create_topic("My.Stream", "t", 1));
  at.refuses(status::invalid_stream_name, early::create_stream("a/b"));
  at.refuses(status::invalid_topic_name, early::create_topic("my.stream", "a:b", 1));
  at.succeeds(early::create_stream("za\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87"));
  visit later(generation::iggy_0_5);
  later.succeeds(login("iggy", "iggy"));
  later.succeeds(early::create_stream("My Stream"));
  CHECK_FALSE(later.succeeds(request(command::get_stream, named("My Stream"))).empty());
}

TEST_CASE("A send of 0.4 is bounded as a whole", "[legacy]") {
  visit at(generation::iggy_0_4);
  at.prepare(1);
  const std::string half(5'000'000, 'x');
  at.refuses(status::too_big_payload, send_0_4(to_partition(1), {{1, half}, {2, half + "x"}}));
  at.succeeds(send_0_4(to_partition(1), {{1, half}, {2, half}}));
  const auto header = [](std::size_t value_bytes) {
    const frame_bytes raw = joined({number(std::uint32_t{1}), text("k"), number(std::uint8_t{1}),
                                    number(static_cast<std::uint32_t>(value_bytes)),
                                    text(std::string(value_bytes, 'v'))});
    return std::string(broker::as_text(raw));
  };
  at.refuses(status::too_big_user_headers,
             send_0_4(to_partition(1), {{1, "x", header(50'000)}, {2, "x", header(50'001)}}));
  at.succeeds(send_0_4(to_partition(1), {{1, "x", header(50'000)}, {2, "x", header(50'000)}}));
  at.refuses(status::invalid_messages_count, send_0_4(to_partition(1), {}));
}

TEST_CASE("A send of 0.4 that does not hold together is refused and leaves the line in step",
          "[legacy]") {
  visit at(generation::iggy_0_4);
  at.prepare(1);
  const frame_bytes good = send_0_4(to_partition(1), {{1, "one"}, {2, "two"}});
  const std::size_t front = 8 + 3 + 3 + 6;
  for (std::size_t size = 8; size < good.size(); ++size) {
    CAPTURE(size);
    const frame_bytes cut(good.begin() + 8, good.begin() + static_cast<std::ptrdiff_t>(size));
    const bool one_message = size == front + 24 + 3;
    if (one_message || size == front)
      continue;  // cut between messages it is a smaller send, or none
    at.refuses(status::invalid_command, request(command::send_messages, cut));
  }
  at.refuses(status::invalid_command, send_0_4(to_partition(1), {{1, ""}}));
  at.refuses(status::invalid_command, send_0_4(to_partition(1), {{1, "x", "no header"}}));
  at.refuses(status::invalid_command, send_0_4(from_hex("0900"), {{1, "x"}}));
  at.refuses(status::invalid_key_length, send_0_4(from_hex("0300"), {{1, "x"}}));
  CHECK(at.with().counters().messages_stored == 0);
  at.succeeds(good);
  CHECK(at.with().counters().messages_stored == 2);
}

}  // namespace
}  // namespace vibes::test
