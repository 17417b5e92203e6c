#include "tests/unit/protocol/handshake_talk.hpp"

// Stream and topic: found, made, raced for, missing.

namespace vibes::test {
namespace {

using namespace protocol;
using talk = handshake_talk;

const get_stream asks_stream{"vibes"};
const get_topic asks_topic{"vibes", "events"};
const create_stream makes_stream{"vibes"};
const create_topic makes_topic{"vibes", "events", 8, unlimited_topic_size};

TEST_CASE("On a fresh server the stream and the topic are created", "[handshake]") {
  talk with(usual_plan());
  with.logs_in();
  with.says(asks_stream).hears_empty();
  with.says(makes_stream).hears(talk::stream());
  with.says(asks_topic).hears_empty();
  with.says(makes_topic).hears(talk::topic(talk::ids(8)));
  with.says(asks_topic).hears(talk::topic(talk::ids(8)));
  const handshake_outcome outcome = with.finishes();
  CHECK(outcome.gen == generation::iggy_0_7);
  CHECK(outcome.server_version == "0.8.0");
  CHECK(outcome.places.partition_ids() == talk::ids(8));
  CHECK(outcome.topic_created);
}

TEST_CASE("A stream and topic that exist are used as they are", "[handshake]") {
  for (const bool create : {true, false}) {
    CAPTURE(create);
    handshake_plan plan = usual_plan();
    plan.create = create;
    plan.partitions_count = 5;  // of a topic created here only
    talk with(plan);
    with.logs_in("0.6.0");
    with.says(asks_stream).hears(talk::stream());
    with.says(asks_topic).hears(talk::topic({2, 0, 1}));
    const handshake_outcome outcome = with.finishes();
    CHECK(outcome.gen == generation::iggy_0_6);
    CHECK(outcome.server_version == "0.6.0");
    CHECK(outcome.places.partition_ids() == std::vector<partition_id>{0, 1, 2});
    CHECK_FALSE(outcome.topic_created);
  }
}

TEST_CASE("Only the topic is created where the stream exists", "[handshake]") {
  talk with(usual_plan());
  with.logs_in();
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears_empty();
  with.says(makes_topic).hears(talk::topic(talk::ids(8)));
  with.says(asks_topic).hears(talk::topic(talk::ids(8)));
  CHECK(with.finishes().topic_created);
}

TEST_CASE("Who loses the race to create uses what the winner made", "[handshake]") {
  talk with(usual_plan());
  with.logs_in();
  with.says(asks_stream).hears_empty();
  with.says(makes_stream).hears(iggy_errc::stream_name_exists);
  with.says(asks_topic).hears_empty();
  with.says(makes_topic).hears(iggy_errc::topic_name_exists);
  with.says(asks_topic).hears(talk::topic(talk::ids(3)));
  const handshake_outcome outcome = with.finishes();
  CHECK(outcome.places.partition_ids() == talk::ids(3));
  CHECK_FALSE(outcome.topic_created);
}

TEST_CASE("A topic that vanishes after its creation is not created for ever", "[handshake]") {
  talk with(usual_plan());
  with.logs_in();
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears_empty();
  with.says(makes_topic).hears(talk::topic(talk::ids(8)));
  with.says(asks_topic).hears_empty();
  with.fails(wire_errc::topic_missing, command::get_topic);
}

TEST_CASE("What is missing and must not be created is said to be missing", "[handshake]") {
  handshake_plan plan = usual_plan();
  plan.create = false;
  talk no_stream(plan);
  no_stream.logs_in();
  no_stream.says(asks_stream).hears_empty();
  no_stream.fails(wire_errc::stream_missing, command::get_stream);
  talk no_topic(plan);
  no_topic.logs_in();
  no_topic.says(asks_stream).hears(talk::stream());
  no_topic.says(asks_topic).hears_empty();
  no_topic.fails(wire_errc::topic_missing, command::get_topic);
}

TEST_CASE("Any number of partitions from one on is taken", "[handshake]") {
  for (const std::uint32_t count : {1U, 2U, 3U, 8U, 1000U}) {
    CAPTURE(count);
    handshake_plan plan = usual_plan();
    plan.partitions_count = count;
    talk with(plan);
    with.logs_in();
    with.says(asks_stream).hears(talk::stream());
    with.says(asks_topic).hears_empty();
    with.says(create_topic{"vibes", "events", count, unlimited_topic_size});
    with.hears(talk::topic(talk::ids(count)));
    with.says(asks_topic).hears(talk::topic(talk::ids(count)));
    CHECK(with.finishes().places.partition_ids() == talk::ids(count));
  }
}

TEST_CASE("A topic without partitions is of no use", "[handshake]") {
  talk with(usual_plan());
  with.logs_in();
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears(talk::topic({}));
  with.fails(wire_errc::no_partitions, command::get_topic);
}

TEST_CASE("A refusal to find or create ends the handshake with its number", "[handshake]") {
  talk stream_hidden(usual_plan());
  stream_hidden.logs_in();
  stream_hidden.says(asks_stream).hears(iggy_errc::unauthorized);
  stream_hidden.fails(iggy_errc::unauthorized, command::get_stream);

  talk stream_refused(usual_plan());
  stream_refused.logs_in();
  stream_refused.says(asks_stream).hears_empty();
  stream_refused.says(makes_stream).hears(iggy_errc::unauthorized);
  stream_refused.fails(iggy_errc::unauthorized, command::create_stream);

  talk topic_hidden(usual_plan());
  topic_hidden.logs_in();
  topic_hidden.says(asks_stream).hears(talk::stream());
  topic_hidden.says(asks_topic).hears(iggy_errc::unauthorized);
  topic_hidden.fails(iggy_errc::unauthorized, command::get_topic);

  // 1012 is a lost race for a stream, and nothing of the kind for a topic; nor 2013 the other way.
  for (const iggy_errc status : {iggy_errc::too_many_partitions, iggy_errc::stream_name_exists}) {
    talk topic_refused(usual_plan());
    topic_refused.logs_in();
    topic_refused.says(asks_stream).hears(talk::stream());
    topic_refused.says(asks_topic).hears_empty();
    topic_refused.says(makes_topic).hears(status);
    topic_refused.fails(status, command::create_topic);
  }
  talk crossed(usual_plan());
  crossed.logs_in();
  crossed.says(asks_stream).hears_empty();
  crossed.says(makes_stream).hears(iggy_errc::topic_name_exists);
  crossed.fails(iggy_errc::topic_name_exists, command::create_stream);
}

}  // namespace
}  // namespace vibes::test
