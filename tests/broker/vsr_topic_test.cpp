#include <catch2/catch.hpp>

#include "tests/broker/vsr_visit.hpp"

// Streams, topics and groups of the VSR generations, and answers that a test scripts.

namespace vibes::test {
namespace {

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};

TEST_CASE("What is there is refused to be made again, in the result section", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.prepare(2);
    const answered stream = at.line.change(operation::create_stream, name("s"));
    CHECK(broker::load<std::uint32_t>(stream.raw.data() + 216) == 0);
    CHECK(stream.status() == 1012);
    CHECK(stream.op() == at.with.vsr().metadata_op());  // it is committed all the same
    CHECK(at.line.change(operation::create_topic, topic_body(2)).status() == 2013);
  }
}

TEST_CASE("A topic's options are looked at", "[vsr]") {
  struct said {
    frame_bytes options;
    std::uint32_t old_server;
    std::uint32_t new_server;
  };
  const frame_bytes expiry =
      joined({number(std::uint8_t{2}), number(std::uint32_t{14}), text("message_expiry"),
              number(std::uint8_t{12}), number(std::uint32_t{8}), number(std::uint64_t{5})});
  const said all[] = {
      {{}, 0, 0},
      {text_option("durability", "persisted"), 0, 0},
      {text_option("durability", "eternal"), 4042, 4042},
      {text_option("enforce_fsync", "true"), 4041, 4041},
      {text_option("partition_resize_policy", "fixed"), 4041, 0},
      {text_option("message_expiry", "1 day"), 0, 0},
      {text_option("segment_size", "1 MiB"), 4042, 4042},
      {number(std::uint16_t{2}), 3, 3},
      {joined({expiry, text_option("compression_algorithm", "gzip")}), 0, 0},
      {joined({expiry, expiry}), 3, 3},
  };
  for (const generation speaks : both)
    for (const said& each : all) {
      CAPTURE(to_hex(each.options));
      vsr_visit at(speaks);
      at.line.log_in();
      at.line.change(operation::create_stream, name("s"));
      const answered back = at.line.change(operation::create_topic, topic_body(1, each.options));
      CHECK(back.status() == (speaks == generation::iggy_0_9 ? each.old_server : each.new_server));
    }
}

TEST_CASE("What is missing is an empty answer to a get, and a number to a change", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.log_in();
    CHECK(at.line.read(command::get_stream, named("s")).body().empty());
    CHECK(at.line.read(command::get_topic, joined({named("s"), named("t")})).body().empty());
    CHECK(at.line.change(operation::create_topic, topic_body(1)).status() == 1009);
    CHECK(at.line.change(operation::delete_stream, named("s")).status() == 1009);
    at.line.change(operation::create_stream, name("s"));
    const frame_bytes topic = joined({named("s"), named("t")});
    CHECK(at.line.change(operation::delete_topic, topic).status() == 2010);
    const frame_bytes partitions = joined({topic, number(std::uint32_t{1})});
    CHECK(at.line.change(operation::create_partitions, partitions).status() == 2010);
  }
}

TEST_CASE("A topic has as many partitions as were asked for, up to 1000 at a time", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.log_in();
    at.line.change(operation::create_stream, name("s"));
    CHECK(at.line.change(operation::create_topic, topic_body(1001)).status() == 2015);
    CHECK(at.line.change(operation::create_topic, topic_body(3)).status() == 0);
    const frame_bytes topic = joined({named("s"), named("t")});
    const auto more = [&](std::uint32_t count) {
      return at.line.change(operation::create_partitions, joined({topic, number(count)})).status();
    };
    CHECK(more(0) == 2015);
    CHECK(more(2) == 0);
    const frame_bytes body = at.line.read(command::get_topic, topic).body();
    CHECK(broker::load<std::uint32_t>(body.data() + 12) == 5);
  }
}

TEST_CASE("The members of a group are sessions, and share its partitions", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.prepare(3);
    const frame_bytes topic = joined({named("s"), named("t")});
    const frame_bytes group = joined({topic, named("g")});
    CHECK(at.line.change(operation::create_group, joined({topic, name("g")})).status() == 0);
    CHECK(at.line.change(operation::create_group, joined({topic, name("g")})).status() == 5004);
    CHECK(at.line.read(command::sync_consumer_group, group).body().empty());
    vsr_line other(at.with, at.how, 12);
    other.log_in();
    for (vsr_line* line : {&at.line, &other})
      CHECK(line->change(operation::join_group, group).status() == 0);
    const auto shares = [&](vsr_line& line) {
      const frame_bytes body = line.read(command::sync_consumer_group, group).body();
      return broker::load<std::uint32_t>(body.data() + 8);
    };
    CHECK(shares(at.line) == 2);
    CHECK(shares(other) == 1);
    // A member reads what is its own, and is told to ask again elsewhere.
    const auto polled_partition = [&](std::uint8_t given, std::uint32_t partition) {
      asked poll{operation::read, command::poll_messages};
      if (speaks == generation::iggy_0_10) poll.incarnation = at.line.incarnation_of(partition);
      const frame_bytes body =
          joined({number(std::uint8_t{2}), named("g"), topic, number(given), number(partition),
                  number(std::uint8_t{5}), number(std::uint64_t{0}), number(std::uint32_t{1}),
                  number(std::uint8_t{0})});
      return broker::load<std::uint32_t>(other.ask(poll, body).body().data());
    };
    CHECK(polled_partition(1, 1) == 1);
    CHECK(polled_partition(1, 0) == 0xFFFFFFFF);
    CHECK(polled_partition(0, 0) == 0);
    CHECK(other.change(operation::leave_group, group).status() == 0);
    CHECK(shares(at.line) == 3);
  }
}

TEST_CASE("A scripted answer takes the shape that the request's answers have", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.how.answer(42, command::login_user, 1);
    CHECK(at.line.log_in().reason() == 9);
    at.how.answer(58, command::login_user, 1);
    CHECK(at.line.log_in().status() == 58);
    at.line.prepare(1);
    const auto header_status = [](const answered& back) {
      return broker::load<std::uint32_t>(back.raw.data() + 216);
    };
    at.how.answer(57, command::create_stream, 1);
    const answered framed = at.line.change(operation::create_stream, name("x"));
    CHECK(header_status(framed) == 0);
    CHECK(framed.status() == 57);
    CHECK(at.with.data().find("x") == nullptr);
    at.how.answer(41, command::send_messages, 1);
    const answered plain = at.line.change(operation::send, send_body(0, {{{1, "x"}}}));
    CHECK(header_status(plain) == 41);
    CHECK(plain.raw.size() == 256);
    CHECK(broker::load<std::uint64_t>(plain.raw.data() + 200) == at.line.request());
    at.how.answer(3, command::get_stats, 1);
    CHECK(at.line.read(command::get_stats).status() == 3);
    CHECK(at.line.read(command::get_stats).status() == 0);
  }
}

TEST_CASE("A send cut after it was stored is one that was stored", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.prepare(1);
    at.how.cut_after_store(1);
    asked send{operation::send};
    if (speaks == generation::iggy_0_10) send.incarnation = at.line.incarnation_of(0);
    CHECK(at.line.ask(send, send_body(7, {{{1, "x"}}})).status() != 0);
    send.request = 90;
    const answered cut = at.line.ask(send, send_body(0, {{{1, "x"}}}));
    CHECK(cut.hung_up);
    CHECK(cut.raw.empty());
    CHECK(at.with.counters().messages_stored == 1);
    const answered again = at.line.ask(send, send_body(0, {{{1, "x"}}}));
    CHECK(confirmed(again).has_value() == (speaks == generation::iggy_0_10));
    CHECK(at.with.counters().messages_stored == 1);
  }
}

TEST_CASE("A command that is not served is refused, and the line stays", "[vsr]") {
  vsr_visit old(generation::iggy_0_9);
  vsr_visit fresh(generation::iggy_0_10);
  old.line.log_in();
  fresh.line.log_in();
  CHECK(old.line.read(command::flush_unsaved_buffer).status() == 5);
  CHECK(old.line.read(command{9999}).status() == 3);
  CHECK(old.line.read(command::get_partition_route).status() == 3);
  CHECK(old.line.read(command::bind_session).status() == 3);
  CHECK(fresh.line.read(command::get_poll_routing).status() == 3);
  CHECK(old.line.read(command::ping).status() == 0);
}

}  // namespace
}  // namespace vibes::test
