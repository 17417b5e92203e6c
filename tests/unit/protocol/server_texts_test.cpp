#include "protocol/server_texts.hpp"

#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

TEST_CASE("A version is believed when it is short and printable", "[server_texts]") {
  for (const char* const good : {"0.8.0", "0.9.0-edge.5+a b", "~"}) {
    CHECK(believable_version(good) == good);
  }
  CHECK(believable_version(std::string(64, '0')).size() == 64);
  CHECK(believable_version(std::string(65, '0')).empty());
  for (const std::string& bad :
       {std::string("0.8.0\nWATCHDOG=trigger"), std::string("\x1b[31m"), std::string("0.8\0", 4),
        std::string("0.8\x7f"), std::string("0.8\xc2\x9b"), std::string("\xe2\x80\xae")}) {
    CHECK(believable_version(bad).empty());
  }
}

TEST_CASE("A node's address is one, or none", "[server_texts]") {
  for (const char* const good :
       {"", "127.0.0.1", "::", "fe80::1%eth0", "[::1]", "iggy-1.example", "iggy_1"}) {
    CHECK(is_node_address(good));
  }
  CHECK(is_node_address(std::string(255, 'a')));
  CHECK_FALSE(is_node_address(std::string(256, 'a')));
  for (const std::string& bad :
       {std::string("a\n"), std::string("a b"), std::string("a/b"), std::string("\x1b"),
        std::string("a\0", 2), std::string("\xc3\xa4")}) {
    CHECK_FALSE(is_node_address(bad));
  }
}

frame_bytes classic_cluster(const std::string& name, const std::string& ip, std::size_t nodes) {
  frame_bytes payload;
  append_text(payload, "cluster");
  append_number(payload, static_cast<std::uint32_t>(nodes));
  for (std::size_t i = 0; i < nodes; ++i) {
    append_text(payload, name);
    append_text(payload, ip);
    for (int port = 0; port < 4; ++port) append_number<std::uint16_t>(payload, 8090);
    append_number<std::uint16_t>(payload, 0);  // role, status
  }
  return reply_frame(0, payload);
}

protocol::result<reply> decode_cluster_reply(const frame_bytes& frame) {
  return make_codec(generation::iggy_0_7)->decode(command::get_cluster_metadata, frame);
}

TEST_CASE("A cluster with a node that is nowhere is malformed", "[server_texts]") {
  for (const std::string& bad :
       {std::string(std::size_t{8} << 20, 'x'), std::string("10.0.0.1\n"), std::string("a b")}) {
    const protocol::result<reply> got = decode_cluster_reply(classic_cluster("node", bad, 2));
    CHECK((!got && got.error() == wire_errc::malformed));
  }
}

TEST_CASE("Long names of a cluster are not kept", "[server_texts]") {
  const std::string longest(255, 'n');
  const auto name_of = [](const std::string& name) {
    const protocol::result<reply> got = decode_cluster_reply(classic_cluster(name, "10.0.0.1", 1));
    REQUIRE(got.has_value());
    return std::get<cluster_metadata>(got->body).nodes.front().name;
  };
  CHECK(name_of(longest) == longest);
  CHECK(name_of(longest + "n").empty());
}

TEST_CASE("A cluster has at most as many nodes as numbers for them", "[server_texts]") {
  CHECK(decode_cluster_reply(classic_cluster("n", "a", 256)).has_value());
  const protocol::result<reply> got = decode_cluster_reply(classic_cluster("n", "a", 257));
  CHECK((!got && got.error() == wire_errc::malformed));
}

frame_bytes login_payload(const std::string& version) {
  frame_bytes payload = no_rejection();
  append_number<std::uint32_t>(payload, 5);
  append_number<std::uint64_t>(payload, 77);
  append_number<std::uint32_t>(payload, 12'288);
  append_number(payload, static_cast<std::uint8_t>(version.size()));
  const frame_bytes text = text_bytes(version);
  payload.insert(payload.end(), text.begin(), text.end());
  return payload;
}

TEST_CASE("A version that forges lines is not kept, in any generation", "[server_texts]") {
  const std::string forged = "0.8.0\nWATCHDOG=trigger";
  const auto stats = make_codec(generation::iggy_0_7)
                         ->decode(command::get_stats, reply_frame(0, stats_payload(forged)));
  REQUIRE(stats.has_value());
  CHECK(std::get<server_stats>(stats->body).server_version.empty());
  CHECK(std::get<server_stats>(stats->body).tells_version);
  for (const generation gen : {generation::iggy_0_9, generation::iggy_0_10}) {
    const auto login =
        codec_of(gen)->decode(command::login_with_password,
                              vsr_reply_frame(command::login_with_password, login_payload(forged)));
    REQUIRE(login.has_value());
    CHECK(std::get<session_opened>(login->body).server_version.empty());
  }
}

frame_bytes classic_topic(std::uint32_t partitions) {
  frame_bytes payload;
  append_number<std::uint32_t>(payload, 1);
  append_number<std::uint64_t>(payload, 0);
  append_number(payload, partitions);
  payload.resize(payload.size() + 8 + 1 + 8 + 1 + 8 + 8);
  append_number<std::uint8_t>(payload, 1);
  payload.push_back(std::byte{'t'});
  for (std::uint32_t id = 0; id < partitions; ++id) {
    append_number(payload, id);
    payload.resize(payload.size() + 36);
  }
  return reply_frame(0, payload);
}

frame_bytes topic_of(generation gen, std::uint32_t partitions) {
  if (!is_vsr(gen)) return classic_topic(partitions);
  return vsr_reply_frame(command::get_topic, topic_payload(gen, true, partitions));
}

TEST_CASE("A topic of more than 10,000 partitions is an error of its own", "[server_texts]") {
  for (const generation gen : {generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6,
                               generation::iggy_0_7, generation::iggy_0_9, generation::iggy_0_10}) {
    CAPTURE(to_string(gen));
    const auto wire = codec_of(gen);
    const protocol::result<reply> most = wire->decode(command::get_topic, topic_of(gen, 10'000));
    REQUIRE(most.has_value());
    CHECK(std::get<topic_details>(most->body).partitions.size() == 10'000);
    const protocol::result<reply> more = wire->decode(command::get_topic, topic_of(gen, 10'001));
    CHECK((!more && more.error() == wire_errc::too_many_partitions));
  }
}

}  // namespace
}  // namespace vibes::test
