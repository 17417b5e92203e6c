#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// What the servers 0.4 and 0.5 do otherwise: ids from 1 that clients may choose, other numbers for
// what is missing, and with 0.4 another message and other names.

namespace vibes::test {
namespace {

using broker::generation;

constexpr generation both[] = {generation::iggy_0_4, generation::iggy_0_5};
constexpr std::size_t no_limit = 100;

frame_bytes send_as(generation speaks, const frame_bytes& where,
                    const std::vector<record>& records) {
  return speaks == generation::iggy_0_4 ? send_0_4(where, records) : send(where, records, 56);
}

std::vector<polled> polled_by(visit& at, generation speaks, std::uint32_t partition) {
  const frame_bytes body = at.succeeds(early::poll(partition, 0, no_limit));
  return speaks == generation::iggy_0_4 ? polled_from_0_4(body) : polled_from(body, 56);
}

std::uint32_t id_in(const frame_bytes& details) {
  return broker::load<std::uint32_t>(details.data());
}

frame_bytes path(std::string_view stream, std::string_view topic) {
  return joined({named(stream), named(topic)});
}

/// The ids of the partitions at the end of a topic's details.
std::vector<std::uint32_t> partitions_in(const frame_bytes& details) {
  const auto count = broker::load<std::uint32_t>(details.data() + 12);
  std::vector<std::uint32_t> ids;
  for (std::uint32_t at = count; at != 0; --at)
    ids.push_back(broker::load<std::uint32_t>(details.data() + details.size() - at * 40));
  return ids;
}

TEST_CASE("The ids of 0.4 and 0.5 begin at 1 and may be chosen", "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    CHECK(id_in(at.succeeds(login("iggy", "iggy"))) == 1);
    CHECK(id_in(at.succeeds(early::create_stream("first"))) == 1);
    CHECK(id_in(at.succeeds(early::create_stream("chosen", 3))) == 3);
    CHECK(id_in(at.succeeds(early::create_stream("between"))) == 2);
    CHECK(id_in(at.succeeds(early::create_stream("behind"))) == 4);
    at.refuses(status::stream_id_taken, early::create_stream("other", 3));
    at.refuses(status::stream_name_taken, early::create_stream("chosen", 9));
    CHECK(id_in(at.succeeds(early::create_topic("chosen", "t7", 2, 7))) == 7);
    const frame_bytes topic = at.succeeds(early::create_topic("chosen", "t", 3));
    CHECK(id_in(topic) == 1);
    CHECK(partitions_in(topic) == std::vector<std::uint32_t>{1, 2, 3});
    at.refuses(status::topic_id_taken, early::create_topic("chosen", "other", 1, 7));
    CHECK(at.with().data().streams().size() == 4);
    CHECK(at.with().data().find("chosen")->topics.size() == 2);
  }
}

TEST_CASE("A key whose hash leaves no remainder goes to the last partition", "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    at.prepare(8);
    // Where real servers were seen to put them (docs/wire.md, "Partitioning").
    at.succeeds(send_as(speaks, from_hex("030c736573732d6162632d313233"), {{1, "eighth"}}));
    at.succeeds(send_as(speaks, from_hex("0307756e6b6e6f776e"), {{2, "first"}}));
    CHECK(polled_by(at, speaks, 8) == std::vector<polled>{{0, 1, "eighth"}});
    CHECK(polled_by(at, speaks, 1) == std::vector<polled>{{0, 2, "first"}});
  }
}

TEST_CASE("Partition 0 is none to a send and the first to a poll", "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    at.prepare(2);
    at.refuses(status::partition_not_found, send_as(speaks, to_partition(0), {{1, "x"}}));
    at.refuses(status::partition_not_found, send_as(speaks, to_partition(3), {{1, "x"}}));
    at.succeeds(send_as(speaks, to_partition(1), {{1, "one"}, {0, "two", ""}}));
    at.succeeds(send_as(speaks, to_partition(2), {{3, "other"}}));
    const std::vector<polled> first = {{0, 1, "one"}, {1, 1, "two"}};  // the first id it made up
    CHECK(polled_by(at, speaks, 0) == first);
    CHECK(polled_by(at, speaks, 1) == first);
    CHECK(polled_by(at, speaks, 2) == std::vector<polled>{{0, 3, "other"}});
    at.refuses(status::partition_not_found, early::poll(3, 0, 1));
    at.refuses(status::invalid_messages_count, early::poll(1, 0, 0));
  }
}

TEST_CASE("A balanced send begins with the first partition", "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    at.prepare(2);
    for (std::uint64_t id = 1; id <= 3; ++id)
      at.succeeds(send_as(speaks, from_hex("0100"), {{id, "x"}}));
    CHECK(polled_by(at, speaks, 1) == std::vector<polled>{{0, 1, "x"}, {1, 3, "x"}});
    CHECK(polled_by(at, speaks, 2) == std::vector<polled>{{0, 2, "x"}});
  }
}

TEST_CASE("0.4 and 0.5 tell whether what is missing was asked for by name", "[early]") {
  const frame_bytes one = number(std::uint32_t{1});
  const frame_bytes ninth = from_hex("010409000000");
  for (const generation speaks : both) {
    visit at(speaks);
    at.succeeds(login("iggy", "iggy"));
    const frame_bytes frame = send_as(speaks, to_partition(1), {{1, "x"}});
    at.refuses(status::stream_name_not_found, frame);
    at.refuses(status::stream_name_not_found, early::create_topic("s", "t", 1));
    at.succeeds(early::create_stream("s"));
    at.refuses(status::topic_name_not_found, frame);
    at.refuses(status::topic_name_not_found, early::poll(1, 0, 1));
    at.refuses(status::stream_name_not_found, request(command::get_topics, named("x")));
    at.refuses(status::stream_not_found, request(command::get_topics, ninth));
    at.refuses(status::stream_not_found, request(command::delete_stream, ninth));
    at.refuses(status::topic_not_found,
               request(command::create_partitions, joined({named("s"), ninth, one})));
    CHECK(at.succeeds(request(command::get_stream, ninth)).empty());
    CHECK(at.succeeds(request(command::get_topic, path("s", "x"))).empty());
    at.succeeds(early::create_topic("s", "t", 0));
    at.refuses(status::no_partitions, frame);
    at.refuses(status::no_partitions, send_as(speaks, from_hex("0100"), {{1, "x"}}));
    at.refuses(status::no_partitions, send_as(speaks, from_hex("030161"), {{1, "x"}}));
    at.refuses(status::no_partitions, early::poll(1, 0, 1));
    at.refuses(status::group_name_not_found,
               request(command::join_consumer_group, joined({path("s", "t"), named("g")})));
  }
}

TEST_CASE("A send without login is refused when it has been read", "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    at.refuses(status::unauthenticated, send_as(speaks, to_partition(1), {{1, "x"}}));
    CHECK(at.succeeds(request(command::ping)).empty());
  }
}

TEST_CASE("Nothing stored is an empty reply of 0.5 and offset 0 of 0.4", "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    at.prepare(2);
    const auto read = [&] { return to_hex(at.succeeds(early::offset_of("c", 2))); };
    const bool tells_zero = speaks == generation::iggy_0_4;
    CHECK(read() == (tells_zero ? "0200000000000000000000000000000000000000" : ""));
    at.succeeds(send_as(speaks, to_partition(2), {{1, "a"}, {2, "b"}}));
    at.refuses(status::invalid_offset, early::offset_of("c", 2, 2));
    at.succeeds(early::offset_of("c", 2, 1));
    CHECK(read() == "0200000001000000000000000100000000000000");
    // Neither can tell an empty partition from one with a message.
    at.succeeds(early::offset_of("c", 1, 0));
    at.refuses(status::invalid_offset, early::offset_of("c", 1, 1));
  }
}

TEST_CASE("A message that was sent before is stored once by 0.4 and 0.5 too", "[early]") {
  for (const generation speaks : both) {
    broker::broker_options options;
    options.speaks = speaks;
    options.deduplicate = true;
    visit at(options);
    at.prepare(1);
    at.succeeds(send_as(speaks, to_partition(1), {{1, "a"}, {2, "b"}}));
    at.succeeds(send_as(speaks, to_partition(1), {{2, "again"}, {3, "c"}}));
    CHECK(polled_by(at, speaks, 1) == std::vector<polled>{{0, 1, "a"}, {1, 2, "b"}, {2, 3, "c"}});
    CHECK(at.with().counters().messages_repeated == 1);
  }
}

TEST_CASE(
    "A group of 0.4 and 0.5 is left twice, and its offset looked for where consumers have theirs",
    "[early]") {
  for (const generation speaks : both) {
    visit at(speaks);
    at.prepare(1);
    at.succeeds(send_as(speaks, to_partition(1), {{1, "a"}, {2, "b"}}));
    const frame_bytes group = joined({path("s", "t"), named("g")});
    at.succeeds(request(command::create_consumer_group,
                        joined({path("s", "t"), number(std::uint32_t{7}), name("g")})));
    at.succeeds(request(command::join_consumer_group, group));
    const frame_bytes place =
        joined({number(std::uint8_t{2}), named("g"), path("s", "t"), number(std::uint32_t{1})});
    at.succeeds(request(command::store_consumer_offset, joined({place, number(std::uint64_t{1})})));
    const auto stored = [&] {
      return to_hex(at.succeeds(request(command::get_consumer_offset, place)));
    };
    const std::string nothing = "0100000001000000000000000000000000000000";
    CHECK(stored() == (speaks == generation::iggy_0_4 ? nothing : ""));
    at.succeeds(request(command::leave_consumer_group, group));
    at.succeeds(request(command::leave_consumer_group, group));
  }
}

TEST_CASE("0.5 finds out the other generation's message header", "[early]") {
  visit at(generation::iggy_0_5);
  at.prepare(1);
  at.refuses(status::connection_closed, send(to_partition(1), {}, 56));
  at.refuses(status::invalid_messages_size, send(to_partition(1), {{1, "payload"}}, 64));
  at.refuses(status::too_big_payload,
             send(to_partition(1), {{1, std::string(10'000'001, 'x')}}, 56));
  at.succeeds(send(to_partition(1), {{1, std::string(10'000'000, 'x')}}, 56));
}

TEST_CASE("The figures of 0.4 end before the version", "[early]") {
  visit oldest(generation::iggy_0_4);
  oldest.prepare(1);
  const frame_bytes short_one = oldest.succeeds(request(command::get_stats));
  visit later(generation::iggy_0_5);
  later.prepare(1);
  const frame_bytes long_one = later.succeeds(request(command::get_stats));
  REQUIRE(long_one.size() == short_one.size() + 4 + 5 + 4 + 4);
  CHECK(std::string(broker::as_text({long_one.data() + short_one.size() + 4, 5})) == "0.5.0");
}

}  // namespace
}  // namespace vibes::test
