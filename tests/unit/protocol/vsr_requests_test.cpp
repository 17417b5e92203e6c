#define XXH_INLINE_ALL
#include <xxhash.h>

#include <catch2/catch.hpp>
#include <set>

#include "protocol/error.hpp"
#include "tests/unit/protocol/recorded.hpp"

// Requests of 0.9 and 0.10 field by field, where the recording has none of them.

namespace vibes::test {
namespace {

using namespace protocol;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};
constexpr generation newer = generation::iggy_0_10;

std::shared_ptr<session> some_session() {
  auto made = std::make_shared<session>();
  made->client = {0x1112131415161718, 0x0102030405060708};
  for (std::size_t i = 0; i < made->bind_secret.size(); ++i) {
    made->bind_secret[i] = static_cast<std::byte>(0xa0 + i);
  }
  made->protocol_version = protocol_0_12;
  made->id = 0x2122232425262728;
  made->metadata_position = 0x3132333435363738;
  return made;
}

const std::string client_hex = "08070605040302011817161514131211";
const std::string secret_hex = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
const std::string name_hex = "0d76696265732d696e6765737464";  // vibes-ingestd

frame_bytes encoded(generation gen, const control_request& request, request_number number = 9,
                    const std::shared_ptr<session>& with = some_session()) {
  byte_vector frame;
  REQUIRE_FALSE(make_codec(gen, with)->encode(request, number, frame));
  REQUIRE(frame.size() >= 256);
  CHECK(number_at<std::uint32_t>(frame, 48) == frame.size());
  CHECK(number_at<std::uint8_t>(frame, 60) == 5);
  return frame;
}

std::string body_of(const frame_bytes& frame) {
  return to_hex(frame_bytes(frame.begin() + 256, frame.end()));
}

std::string identity_of(const frame_bytes& frame) {
  return to_hex(frame_bytes(frame.begin() + 144, frame.begin() + 160));
}

const std::string no_identity(32, '0');
const login_with_password by_password{"iggy", "secret", "1.2", "ctx"};

TEST_CASE("A login opens a session: it has none, and the number 0", "[vsr]") {
  for (const generation gen : both) {
    for (const control_request& login :
         {control_request(by_password), control_request(login_with_token{"token", "1.2"})}) {
      const frame_bytes frame = encoded(gen, login);
      CHECK(to_hex(frame_bytes(frame.begin() + 128, frame.begin() + 144)) == client_hex);
      CHECK(number_at<std::uint64_t>(frame, 168) == 0);
      CHECK(number_at<std::uint8_t>(frame, 176) == 1);
      CHECK(number_at<std::uint64_t>(frame, 184) == 0);
      CHECK(number_at<std::uint32_t>(frame, 196) == 0);
    }
  }
}

TEST_CASE("A login says versions, the secret of 0.10, and who logs in", "[vsr]") {
  for (const generation gen : both) {
    const std::string secret = gen == newer ? secret_hex : "";
    const std::string client = "00300000" + name_hex + "03312e32";
    CHECK(body_of(encoded(gen, by_password)) ==
          client + secret + "0469676779" + "06736563726574" + "03000000637478");
    CHECK(body_of(encoded(gen, login_with_token{"token", "1.2"})) ==
          client + secret + "05746f6b656e" + "00000000");
    // A version is never empty on the wire.
    CHECK(body_of(encoded(gen, login_with_token{"t", "", "", "x"})) ==
          "00300000"
          "0178"
          "07756e6b6e6f776e" +
              secret +
              "0174"
              "00000000");
  }
}

TEST_CASE("A bind names the session and proves that it is ours", "[vsr]") {
  const frame_bytes frame = encoded(newer, bind_session{"1.2"});
  CHECK(number_at<std::uint8_t>(frame, 176) == 2);
  CHECK(number_at<std::uint32_t>(frame, 196) == 15);
  CHECK(number_at<std::uint64_t>(frame, 168) == 9);
  CHECK(number_at<std::uint64_t>(frame, 184) == 0x2122232425262728);
  CHECK(body_of(frame) == "00300000" + name_hex + "03312e32" + client_hex + "2827262524232221" +
                              "3837363534333231" + secret_hex);
}

TEST_CASE("What only 0.10 has is refused for 0.9", "[vsr]") {
  const auto wire = make_codec(generation::iggy_0_9, some_session());
  for (const control_request& request :
       {control_request(bind_session{}), control_request(get_partition_route{"s", "t", 1})}) {
    byte_vector bytes(3);
    CHECK(wire->encode(request, bytes) == wire_errc::unsupported_generation);
    CHECK(bytes.size() == 3);
  }
}

TEST_CASE("A route is asked for by stream, topic and partition", "[vsr]") {
  const frame_bytes frame = encoded(newer, get_partition_route{"s", std::uint32_t{7}, 3});
  CHECK(number_at<std::uint32_t>(frame, 196) == 105);
  CHECK(body_of(frame) ==
        "020173"
        "010407000000"
        "03000000");
}

struct replicated_row {
  control_request request;
  int operation;
  std::uint32_t code;
  bool has_identity;
  bool has_context;
};

std::vector<replicated_row> replicated_rows() {
  const partition_context where{0x4142434445464748, 0x5152535455565758};
  poll_messages poll{{false, "c"}, "s", "t", 3};
  poll.context = where;
  store_consumer_offset store{{false, "c"}, "s", "t", 3, 1};
  store.context = where;
  return {{ping{}, 2, 1, false, false},
          {get_stats{}, 2, 10, false, false},
          {get_cluster_metadata{}, 2, 12, false, false},
          {poll, 2, 100, false, true},
          {get_consumer_offset{{false, "c"}, "s", "t", 3}, 2, 120, false, false},
          {get_stream{"s"}, 2, 200, false, false},
          {get_topic{"s", "t"}, 2, 300, false, false},
          {logout{}, 3, 0, true, false},
          {create_stream{"s"}, 128, 0, true, false},
          {create_topic{"s", "t", 8, 0}, 132, 0, true, false},
          {store, 161, 0, false, true}};
}

TEST_CASE("Every request has its operation, its number and its session", "[vsr]") {
  for (const generation gen : both) {
    for (const replicated_row& row : replicated_rows()) {
      CAPTURE(to_string(command_of(row.request)));
      const frame_bytes frame = encoded(gen, row.request);
      CHECK(number_at<std::uint8_t>(frame, 176) == row.operation);
      CHECK(number_at<std::uint32_t>(frame, 196) == row.code);
      CHECK(number_at<std::uint64_t>(frame, 168) == 9);
      CHECK(number_at<std::uint64_t>(frame, 184) == 0x2122232425262728);
      const bool has_context = row.has_context && gen == newer;
      CHECK(number_at<std::uint64_t>(frame, 200) == (has_context ? 0x4142434445464748 : 0));
      CHECK(number_at<std::uint64_t>(frame, 208) == 0);
      CHECK(number_at<std::uint64_t>(frame, 216) == (has_context ? 0x5152535455565758 : 0));
      CHECK((identity_of(frame) != no_identity) == row.has_identity);
    }
  }
}

TEST_CASE("0.9's identity is the body's hash", "[vsr]") {
  // Those of nothing, and of a byte for a length and 1 to 240 more.
  CHECK(identity_of(encoded(generation::iggy_0_9, logout{})) ==
        "c294d3380580062d"
        "0000000000000000");
  for (const std::size_t length : {1U, 15U, 16U, 127U, 128U, 239U, 240U, 255U}) {
    const frame_bytes frame =
        encoded(generation::iggy_0_9, create_stream{std::string(length, 'x')});
    CHECK(number_at<std::uint64_t>(frame, 144) ==
          XXH3_64bits(frame.data() + 256, frame.size() - 256));
    CHECK(number_at<std::uint64_t>(frame, 152) == 0);
  }
}

TEST_CASE("0.10's identity is one request's, and the same when it is repeated", "[vsr]") {
  std::set<std::string> seen;
  const auto is_new = [&](const frame_bytes& frame) {
    return seen.insert(identity_of(frame)).second;
  };
  for (request_number number = 1; number < 100; ++number) {
    const frame_bytes first = encoded(newer, create_stream{"s"}, number);
    CHECK(is_new(first));
    CHECK(encoded(newer, create_stream{"s"}, number) == first);
  }
  CHECK(is_new(encoded(newer, by_password)));
  auto other = some_session();
  other->client.low += 1;
  CHECK(is_new(encoded(newer, create_stream{"s"}, 1, other)));
  // Servers keep identities and send them back: the secret has no part in them.
  other = some_session();
  other->bind_secret[31] = std::byte{0};
  CHECK_FALSE(is_new(encoded(newer, create_stream{"s"}, 1, other)));
}

TEST_CASE("A topic's size limit is an option, unless there is none", "[vsr]") {
  for (const generation gen : both) {
    const std::string plain =
        "020173"
        "08000000"
        "0174";
    CHECK(body_of(encoded(gen, create_topic{"s", "t", 8, 0})) == plain);
    CHECK(body_of(encoded(gen, create_topic{"s", "t", 8, unlimited_topic_size})) == plain);
    CHECK(body_of(encoded(gen, create_topic{"s", "t", 8, 0x0102030405060708})) ==
          plain +
              "020e000000"
              "6d61785f746f7069635f73697a65"
              "0c08000000"
              "0807060504030201");
  }
  // The recorded SDK wrote this option in the same way.
  const frame_bytes recorded = recorded_session("0.9.0-edge.5").at(7).request;
  CHECK(to_hex(recorded).find("020e0000006d61785f746f7069635f73697a650c08000000") !=
        std::string::npos);
}

TEST_CASE("An offset is stored for a quorum to acknowledge", "[vsr]") {
  for (const generation gen : both) {
    CHECK(body_of(encoded(gen, store_consumer_offset{{true, "c"}, "s", "t", 3, 0x0807})) ==
          "02"
          "020163"
          "020173"
          "020174"
          "01"
          "03000000"
          "0708000000000000"
          "01");
    CHECK(body_of(encoded(
              gen, poll_messages{{false, "c"}, "s", "t", 3, polling_strategy::next, 5, 6, true})) ==
          "01"
          "020163"
          "020173"
          "020174"
          "01"
          "03000000"
          "05"
          "0500000000000000"
          "06000000"
          "01");
  }
}

TEST_CASE("Numbers go on within a session, whoever writes in it", "[vsr]") {
  const auto shared = some_session();
  const auto one = make_codec(newer, shared);
  const auto other = make_codec(newer, shared);
  CHECK(one->next_number() == 1);
  CHECK(other->next_number() == 2);
  byte_vector frame;
  REQUIRE_FALSE(one->encode(ping{}, frame));
  CHECK(number_at<std::uint64_t>(frame, 168) == 3);
}

}  // namespace
}  // namespace vibes::test
