#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// Logins that are not right, things that are not there, and things that are there already.

namespace vibes::test {
namespace {

using broker::generation;

constexpr generation all[] = {generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6,
                              generation::iggy_0_7, generation::iggy_0_8};

frame_bytes path(std::string_view stream, std::string_view topic) {
  return joined({named(stream), named(topic)});
}

TEST_CASE("Only the right password or token logs in", "[session]") {
  for (const generation speaks : all) {
    broker::broker_options options;
    options.speaks = speaks;
    options.username = "someone";
    options.password = "something";
    options.token = "a-token";
    visit at(options);
    at.refuses(status::invalid_credentials, login("iggy", "iggy"));
    at.refuses(status::invalid_credentials, login("someone", "iggy"));
    at.refuses(status::resource_not_found, request(command::login_with_token, name("b-token")));
    at.refuses(status::unauthenticated, request(command::get_streams));
    const bool early = speaks < generation::iggy_0_6;
    const char* const root = early ? "01000000" : "00000000";
    CHECK(to_hex(at.succeeds(login("someone", "something"))) == root);
    CHECK(at.succeeds(request(command::get_streams)).empty());
    at.succeeds(request(command::logout_user));
    CHECK(to_hex(at.succeeds(request(command::login_with_token, name("a-token")))) == root);
    visit without_token(speaks);
    without_token.refuses(status::resource_not_found,
                          request(command::login_with_token, name("a-token")));
  }
}

TEST_CASE("What is asked for and missing is an empty success", "[missing]") {
  visit at(generation::iggy_0_8);
  at.prepare(1);
  CHECK(at.succeeds(request(command::get_stream, named("x"))).empty());
  CHECK(at.succeeds(request(command::get_stream, from_hex("010409000000"))).empty());
  CHECK(at.succeeds(request(command::get_topic, path("x", "t"))).empty());
  CHECK(at.succeeds(request(command::get_topic, path("s", "x"))).empty());
  CHECK(at.succeeds(request(command::get_topics, named("x"))).empty());
  CHECK(at.succeeds(request(command::get_consumer_groups, path("s", "x"))).empty());
  CHECK(at.succeeds(request(command::get_consumer_group, joined({path("s", "t"), named("g")})))
            .empty());
  const frame_bytes consumer = joined({number(std::uint8_t{1}), named("c"), path("s", "t")});
  const frame_bytes first = from_hex("0100000000");
  CHECK(at.succeeds(request(command::get_consumer_offset, joined({consumer, first}))).empty());
}

TEST_CASE("What is to be changed and missing is refused with its number", "[missing]") {
  visit at(generation::iggy_0_8);
  at.prepare(1);
  const frame_bytes one = number(std::uint32_t{1});
  at.refuses(status::stream_not_found, request(command::delete_stream, named("x")));
  at.refuses(status::stream_not_found, create_topic("x", "t", 1));
  at.refuses(status::stream_not_found, request(command::delete_topic, path("x", "t")));
  at.refuses(status::topic_not_found, request(command::delete_topic, path("s", "x")));
  at.refuses(status::stream_not_found,
             request(command::create_partitions, joined({path("x", "t"), one})));
  at.refuses(status::topic_not_found,
             request(command::create_partitions, joined({path("s", "x"), one})));
  at.refuses(status::partition_not_found, poll(1, 0, 1));
  at.refuses(status::group_not_found,
             request(command::join_consumer_group, joined({path("s", "t"), named("g")})));
}

TEST_CASE("What is there already is refused and kept", "[missing]") {
  for (const generation speaks : all) {
    visit at(speaks);
    at.prepare(3);
    const bool early = speaks < generation::iggy_0_6;
    at.refuses(status::stream_name_taken,
               early ? early::create_stream("s") : request(command::create_stream, name("s")));
    at.refuses(status::topic_name_taken,
               early ? early::create_topic("s", "t", 1) : create_topic("s", "t", 1));
    CHECK(at.with().data().find("s", "t")->partitions.size() == 3);
  }
}

TEST_CASE("A topic smaller than a segment is refused", "[missing]") {
  visit at(generation::iggy_0_6);
  at.prepare(1);
  const auto with_size = [](std::uint64_t size) {
    return request(
        command::create_topic,
        joined({named("s"), number(std::uint32_t{1}), number(std::uint8_t{1}),
                number(std::uint64_t{0}), number(size), number(std::uint8_t{0}), name("small")}));
  };
  at.refuses(status::invalid_topic_size, with_size((1U << 30) - 1));
  CHECK(at.succeeds(with_size(1U << 30)).size() == 51 + 5 + 40);
}

TEST_CASE("Offsets are stored for each consumer, up to the last message", "[offsets]") {
  visit at(generation::iggy_0_8);
  at.prepare(2);
  at.succeeds(send(to_partition(1), {{1, "a"}, {2, "b"}}));
  const auto of = [](std::string_view consumer) {
    return joined(
        {number(std::uint8_t{1}), named(consumer), path("s", "t"), from_hex("0101000000")});
  };
  const auto store = [&](std::string_view consumer, std::uint64_t offset) {
    return request(command::store_consumer_offset, joined({of(consumer), number(offset)}));
  };
  at.refuses(status::invalid_offset, store("c", 2));
  at.succeeds(store("c", 1));
  at.succeeds(store("d", 0));
  const auto read = [&](std::string_view consumer) {
    return to_hex(at.succeeds(request(command::get_consumer_offset, of(consumer))));
  };
  CHECK(read("c") == "0100000001000000000000000100000000000000");
  CHECK(read("d") == "0100000001000000000000000000000000000000");
  at.succeeds(request(command::delete_consumer_offset, of("c")));
  CHECK(read("c").empty());
  at.refuses(status::consumer_offset_not_found, request(command::delete_consumer_offset, of("c")));
}

}  // namespace
}  // namespace vibes::test
