#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "protocol/error.hpp"
#include "tests/unit/protocol/recorded.hpp"

// What real servers answered is read as what the SDKs of that time made of it.

namespace vibes::test {
namespace {

using namespace protocol;

std::vector<partition_id> ids_of(const topic_details& topic) {
  std::vector<partition_id> ids;
  for (const partition_details& each : topic.partitions) ids.push_back(each.id);
  return ids;
}

std::vector<std::uint64_t> offsets_of(const topic_details& topic) {
  std::vector<std::uint64_t> offsets;
  for (const partition_details& each : topic.partitions) offsets.push_back(each.current_offset);
  return offsets;
}

std::vector<std::uint64_t> counts_of(const topic_details& topic) {
  std::vector<std::uint64_t> counts;
  for (const partition_details& each : topic.partitions) counts.push_back(each.messages_count);
  return counts;
}

/// The session's replies in order (tests/golden/README.md).
class session_reader {
 public:
  explicit session_reader(const recorded_server& server)
      : gen(server.gen),
        recorded_(recorded_session(server.version)),
        codec_(codec_of(server.gen)) {}

  reply next(command expected) {
    INFO("reply " << next_);
    REQUIRE(next_ < recorded_.size());
    const exchange& at = recorded_[next_++];
    REQUIRE(asked_by(at.request) == expected);
    const result<reply> got = codec_->decode(expected, at.reply);
    REQUIRE(got.has_value());
    return *got;
  }
  template <class Body>
  Body success(command expected) {
    const reply got = next(expected);
    REQUIRE(got.status == 0);
    REQUIRE(std::holds_alternative<Body>(got.body));
    return std::get<Body>(got.body);
  }
  error_code refusal(command expected) {
    const reply got = next(expected);
    REQUIRE(got.status != 0);
    CHECK(std::holds_alternative<done>(got.body));
    return iggy_status(got.status);
  }
  bool at_end() const { return next_ == recorded_.size(); }

  /// Numbers of streams, topics and partitions begin here.
  std::uint32_t first() const { return gen < generation::iggy_0_6 ? 1 : 0; }
  const generation gen;

 private:
  std::vector<exchange> recorded_;
  std::unique_ptr<codec> codec_;
  std::size_t next_ = 0;
};

void check_cluster(session_reader& session, std::uint16_t port) {
  const auto cluster = session.success<cluster_metadata>(command::get_cluster_metadata);
  CHECK(cluster.name == "single-node");
  REQUIRE(cluster.nodes.size() == 1);
  const cluster_node& node = cluster.nodes.front();
  CHECK(node.name == "iggy-node");
  CHECK(node.ip == "127.0.0.1");
  CHECK(node.tcp_port == port);
  CHECK(node.leader);
  CHECK(node.status == 0);
}

/// Eight in a row, given as the values for partitions 0 to 7 of later servers: where numbers begin
/// with 1, what would be in 0 is in 8.
std::vector<std::uint64_t> by_number(const session_reader& session,
                                     std::vector<std::uint64_t> values) {
  if (session.first() == 1) std::ranges::rotate(values, values.begin() + 1);
  return values;
}

std::vector<partition_id> eight_from(partition_id first) {
  std::vector<partition_id> ids(8);
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

/// The SDK of 0.4 did not look before it created.
void check_old_creation(session_reader& session) {
  const auto stream = session.success<stream_details>(command::create_stream);
  CHECK(stream.id == 1);
  const auto topic = session.success<topic_details>(command::create_topic);
  CHECK(topic.id == 1);
  CHECK(ids_of(topic) == eight_from(1));
  CHECK(session.refusal(command::create_stream) == iggy_errc::stream_name_exists);
  CHECK(session.refusal(command::create_topic) == iggy_errc::topic_name_exists);
}

void check_creation(session_reader& session) {
  session.success<not_found>(command::get_stream);
  const auto stream = session.success<stream_details>(command::create_stream);
  CHECK(stream.id == session.first());
  CHECK(stream.name == "vibes");
  CHECK(stream.topics_count == 0);
  CHECK(stream.messages_count == 0);
  session.success<not_found>(command::get_topic);
  const auto topic = session.success<topic_details>(command::create_topic);
  CHECK(topic.id == session.first());
  CHECK(topic.name == "events");
  CHECK(topic.messages_count == 0);
  CHECK(ids_of(topic) == eight_from(session.first()));
  CHECK(offsets_of(topic) == std::vector<std::uint64_t>(8, 0));
  CHECK(counts_of(topic) == std::vector<std::uint64_t>(8, 0));
  CHECK(session.refusal(command::create_stream) == iggy_errc::stream_name_exists);
  CHECK(session.refusal(command::create_topic) == iggy_errc::topic_name_exists);
}

void check_sends(session_reader& session) {
  for (int key = 0; key < 8; ++key) session.success<done>(command::send_messages);
  session.success<done>(command::send_messages);
  CHECK(session.refusal(command::send_messages) == iggy_errc::partition_not_found);
}

/// From 0.9 on a send's answer says where the messages are. The SDK read the topic first.
void check_confirmed_sends(session_reader& session) {
  CHECK(counts_of(session.success<topic_details>(command::get_topic)).size() == 8);
  const std::pair<partition_id, std::uint64_t> places[] = {{1, 0}, {0, 0}, {2, 0}, {2, 1}, {2, 2},
                                                           {3, 0}, {2, 3}, {0, 1}, {3, 1}};
  for (const auto& [partition, base_offset] : places) {
    const auto confirmed = session.success<sent>(command::send_messages).confirmed;
    REQUIRE(confirmed.has_value());
    CHECK(confirmed->stream_id == 0);
    CHECK(confirmed->topic_id == 0);
    CHECK(confirmed->partition == partition);
    CHECK(confirmed->base_offset == base_offset);
  }
  CHECK(session.refusal(command::send_messages) == iggy_errc::resource_not_found);
}

void check_login(session_reader& session) {
  if (!is_vsr(session.gen)) {
    CHECK(session.success<user_identity>(command::login_with_password).user_id == session.first());
    return;
  }
  const auto opened = session.success<session_opened>(command::login_with_password);
  CHECK(opened.user_id == 0);
  CHECK(opened.session_id == 1);
  CHECK(opened.protocol_version == protocol_0_11);
  CHECK(opened.server_version == "0.9.0-edge.5");
}

void check_use(session_reader& session) {
  is_vsr(session.gen) ? check_confirmed_sends(session) : check_sends(session);
  for (const partition_id partition : eight_from(session.first())) {
    CHECK(session.success<polled_messages>(command::poll_messages).partition == partition);
  }
  session.success<done>(command::store_consumer_offset);
  const auto offset = session.success<consumer_offset>(command::get_consumer_offset);
  CHECK(offset.partition == 3);
  CHECK(offset.current_offset == 2);
  CHECK(offset.stored_offset == 1);
  const auto topic = session.success<topic_details>(command::get_topic);
  CHECK(topic.id == session.first());
  CHECK(topic.name == "events");
  CHECK(topic.messages_count == 10);
  CHECK(ids_of(topic) == eight_from(session.first()));
  CHECK(offsets_of(topic) == by_number(session, {1, 0, 3, 2, 0, 0, 0, 0}));
  CHECK(counts_of(topic) == by_number(session, {2, 1, 4, 3, 0, 0, 0, 0}));
}

TEST_CASE("Every recorded reply is read as what it says", "[golden]") {
  const std::vector<std::uint16_t> ports = {0,    0,    8490,
                                            8590, 8090, 8190};  // the recorded servers' own
  for (std::size_t i = 0; i < std::size(recorded_servers); ++i) {
    CAPTURE(recorded_servers[i].version);
    session_reader session(recorded_servers[i]);
    session.success<done>(command::ping);
    check_login(session);
    if (ports[i] != 0) check_cluster(session, ports[i]);
    session.success<done>(command::ping);
    session.gen == generation::iggy_0_4 ? check_old_creation(session) : check_creation(session);
    check_use(session);
    session.success<done>(command::logout);
    CHECK(session.at_end());
  }
}

TEST_CASE("Replies to changes of the topology tell its position, and no others", "[golden]") {
  const auto wire = codec_of(generation::iggy_0_9);
  std::vector<std::uint64_t> positions;
  for (const exchange& each : recorded_session("0.9.0-edge.5")) {
    const command asked = asked_by(each.request);
    const result<reply> got = wire->decode(asked, each.reply);
    REQUIRE(got.has_value());
    const bool changes = asked == command::create_stream || asked == command::create_topic;
    CHECK((got->metadata_position != 0) == changes);
    if (changes) positions.push_back(got->metadata_position);
  }
  CHECK(positions == std::vector<std::uint64_t>{2, 3, 4, 5});
}

TEST_CASE("A reply of 0.9 names its request", "[golden]") {
  const auto wire = codec_of(generation::iggy_0_9);
  for (const exchange& each : recorded_session("0.9.0-edge.5")) {
    const auto named = wire->answered(each.reply);
    REQUIRE(named.has_value());
    CHECK(*named == number_at<std::uint64_t>(each.request, 168));
  }
}

TEST_CASE("Partitions come out sorted however a server lists them", "[golden]") {
  const auto recorded = recorded_session("0.8.0");
  frame_bytes frame = recorded.at(7).reply;  // create_topic: eight records of 40 bytes at its end
  REQUIRE(asked_by(recorded.at(7).request) == command::create_topic);
  const std::size_t records = frame.size() - 8 * 40;
  const std::uint32_t listed[] = {7, 300, 1, 65536, 0, 2, 256, 3};
  for (std::size_t i = 0; i < 8; ++i) set_number(frame, records + 40 * i, listed[i]);
  const auto got = make_codec(generation::iggy_0_7)->decode(command::create_topic, frame);
  REQUIRE(got.has_value());
  CHECK(ids_of(std::get<topic_details>(got->body)) ==
        std::vector<partition_id>{0, 1, 2, 3, 7, 256, 300, 65536});
}

}  // namespace
}  // namespace vibes::test
