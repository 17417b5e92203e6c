#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// Sends: where they go, and what is wrong with those that are refused.

namespace vibes::test {
namespace {

using broker::generation;

constexpr generation all[] = {generation::iggy_0_6, generation::iggy_0_7, generation::iggy_0_8};

std::size_t header_of(generation speaks) {
  return speaks == generation::iggy_0_6 ? 56 : 64;
}

const frame_bytes first = to_partition(0);
const frame_bytes anywhere = from_hex("0100");
const frame_bytes by_key = from_hex("03036b6579");  // "key"

TEST_CASE("A send goes to the partition that it names", "[sends]") {
  visit at(generation::iggy_0_8);
  at.prepare(3);
  at.succeeds(send(to_partition(2), {{1, "one"}, {2, "two", "headers"}}));
  at.succeeds(send(to_partition(2), {{3, ""}}));
  CHECK(polled_from(at.succeeds(poll(2, 0, 10))) ==
        std::vector<polled>{{0, 1, "one"}, {1, 2, "two"}, {2, 3, ""}});
  CHECK(polled_from(at.succeeds(poll(2, 1, 1))) == std::vector<polled>{{1, 2, "two"}});
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))).empty());
  at.succeeds(send(anywhere, {{4, "balanced"}}));
  at.succeeds(send(anywhere, {{5, "balanced"}}));
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))) == std::vector<polled>{{0, 4, "balanced"}});
  CHECK(polled_from(at.succeeds(poll(1, 0, 10))) == std::vector<polled>{{0, 5, "balanced"}});
  at.refuses(status::partition_not_found, send(to_partition(3), {{6, "x"}}));
  CHECK(at.with().counters().messages_stored == 5);
}

TEST_CASE("A message without an id gets one of its own", "[sends]") {
  visit at(generation::iggy_0_8);
  at.prepare(1);
  at.succeeds(send(first, {{0, "a"}, {0, "b"}}));
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))) == std::vector<polled>{{0, 1, "a"}, {1, 2, "b"}});
}

TEST_CASE("A send to what is missing is refused and leaves the line in step", "[sends]") {
  for (const generation speaks : all) {
    visit at(speaks);
    at.succeeds(login("iggy", "iggy"));
    const frame_bytes frame = send(first, {{1, "x"}}, header_of(speaks));
    at.refuses(status::stream_not_found, frame);
    at.succeeds(request(command::create_stream, name("s")));
    at.refuses(status::topic_not_found, frame);
    at.succeeds(create_topic("s", "t", 0));
    at.refuses(status::partition_not_found, frame);
    at.refuses(
        speaks == generation::iggy_0_6 ? status::partition_not_found : status::topic_not_found,
        send(anywhere, {{1, "x"}}, header_of(speaks)));
    at.hangs_up(send(by_key, {{1, "x"}}, header_of(speaks)));  // the real one divides by zero
  }
}

TEST_CASE("A send without login is refused by 0.6 late and by the others at once", "[sends]") {
  visit oldest(generation::iggy_0_6);
  oldest.prepare(1);
  oldest.succeeds(request(command::logout_user));
  oldest.refuses(status::unauthorized, send(first, {{1, "x"}}, 56));
  CHECK(oldest.with().counters().messages_stored == 0);
  for (const generation speaks : {generation::iggy_0_7, generation::iggy_0_8}) {
    visit at(speaks);
    // Its body is not read: the next frame seems to be as long as the metadata, and unknown.
    const frame_bytes frame = send(first, {{1, "x"}});
    const heard back = at.say(frame);
    REQUIRE(back.replies.size() >= 8);
    CHECK(broker::load<std::uint32_t>(back.replies.data()) == 40);
    CHECK((back.hang_up || back.replies.size() > 8));
    CHECK(back.hang_up == (speaks == generation::iggy_0_7));
  }
}

TEST_CASE("The other generation's message header is found out", "[sends]") {
  visit oldest(generation::iggy_0_6);
  oldest.prepare(1);
  oldest.refuses(status::invalid_messages_size, send(first, {{1, "payload"}}, 64));
  for (const generation speaks : {generation::iggy_0_7, generation::iggy_0_8}) {
    visit at(speaks);
    at.prepare(1);
    at.refuses(status::missing_index, send(first, {{1, "payload"}}, 56));
  }
}

TEST_CASE("A batch that does not hold together is refused whole", "[sends]") {
  struct row {
    const char* what;
    frame_bytes frame;
    status expected;
  };
  const frame_bytes good = send(first, {{1, "one"}, {2, "two"}});
  const std::size_t index = good.size() - 2 * 67 - 2 * 16;
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    frame_bytes frame = good;
    frame.at(at) = static_cast<std::byte>(value);
    return frame;
  };
  const row rows[] = {
      {"no messages", send(first, {}), status::invalid_messages_count},
      {"an offset in the index", changed(index, 1), status::non_zero_offset},
      {"a time in the index", changed(index + 16 + 15, 1), status::non_zero_timestamp},
      {"a position behind the end", changed(index + 5, 1), status::missing_index},
      {"a position in a header", changed(index + 4, 63), status::missing_index},
      {"a payload longer than its slice", changed(index + 32 + 52, 4), status::missing_index},
      {"a payload shorter than its slice", changed(index + 32 + 52, 2),
       status::invalid_messages_size},
      {"reserved bytes", send(first, {{1, "x", "", 0, 1}}), status::invalid_reserved_field},
      {"falling offsets", send(first, {{1, "x", "", 5}, {2, "y", "", 4}}), status::invalid_offset},
      {"long headers", send(first, {{1, "x", std::string(100'001, 'h')}}),
       status::too_big_user_headers},
  };
  for (const generation speaks : {generation::iggy_0_7, generation::iggy_0_8}) {
    visit at(speaks);
    at.prepare(1);
    for (const row& each : rows) {
      CAPTURE(each.what);
      at.refuses(each.expected, each.frame);
    }
    CHECK(at.with().counters().messages_stored == 0);
    at.succeeds(good);
    CHECK(at.with().counters().messages_stored == 2);
  }
}

TEST_CASE("A bad partitioning leaves the rest of the send for the next frame", "[sends]") {
  visit at(generation::iggy_0_8);
  at.prepare(1);
  const frame_bytes frame = send(from_hex("0900"), {{1, "x"}});
  const heard back = at.say(frame);
  REQUIRE(back.replies.size() > 8);  // status 3, and the answers to what is no frame
  CHECK(broker::load<std::uint32_t>(back.replies.data()) == 3);
  CHECK(at.with().counters().requests.at(command::send_messages) == 1);
}

}  // namespace
}  // namespace vibes::test
