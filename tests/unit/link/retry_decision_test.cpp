#include "daemon/link/retry_decision.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "protocol/error.hpp"

namespace vibes::test {
namespace {

using link::classify;
using link::retry_decision;
using protocol::command;
using protocol::iggy_errc;
using protocol::wire_errc;

constexpr auto go = retry_decision::proceed;
constexpr auto retry = retry_decision::retry;
constexpr auto again = retry_decision::reconnect;
constexpr auto learn = retry_decision::refresh_topology;
constexpr auto refuse = retry_decision::refuse;
constexpr auto slow = retry_decision::wait_for_operator;
constexpr auto repeat = retry_decision::repeat;
constexpr auto had_it = retry_decision::already_applied;
constexpr auto renew = retry_decision::renew;
constexpr auto new_route = retry_decision::renew_route;
constexpr auto new_epoch = retry_decision::renew_producer;
constexpr auto log_in = retry_decision::login_again;

struct golden_row {
  iggy_errc status;
  retry_decision send;
  retry_decision create;
  retry_decision login;
  retry_decision other;
};

constexpr golden_row golden[] = {
    {iggy_errc::error, retry, again, again, again},
    {iggy_errc::invalid_command, again, slow, slow, slow},
    {iggy_errc::invalid_format, again, slow, slow, slow},
    {iggy_errc::feature_unavailable, slow, slow, slow, slow},
    {iggy_errc::invalid_identifier, again, slow, slow, slow},
    {iggy_errc::disconnected, again, again, again, again},
    {iggy_errc::resource_not_found, learn, learn, slow, learn},
    {iggy_errc::stale_client, again, again, again, again},
    {iggy_errc::tcp_error, again, again, again, again},
    {iggy_errc::unauthenticated, again, again, again, again},
    {iggy_errc::unauthorized, slow, slow, slow, slow},
    {iggy_errc::invalid_credentials, slow, slow, slow, slow},
    {iggy_errc::invalid_username, slow, slow, slow, slow},
    {iggy_errc::invalid_password, slow, slow, slow, slow},
    {iggy_errc::user_inactive, slow, slow, slow, slow},
    {iggy_errc::invalid_token, slow, slow, slow, slow},
    {iggy_errc::token_expired, slow, slow, slow, slow},
    {iggy_errc::not_committed, repeat, again, again, again},
    {iggy_errc::not_accepted, learn, learn, learn, learn},
    {iggy_errc::already_applied, had_it, again, again, again},
    {iggy_errc::invalid_size, again, again, again, again},
    {iggy_errc::request_too_old, renew, again, again, again},
    {iggy_errc::history_unavailable, new_route, new_route, new_route, new_route},
    {iggy_errc::lifecycle_busy, renew, renew, renew, renew},
    {iggy_errc::not_primary, learn, learn, learn, learn},
    {iggy_errc::producer_out_of_order, new_epoch, again, again, again},
    {iggy_errc::producer_fenced, new_epoch, again, again, again},
    {iggy_errc::producer_unknown, new_epoch, again, again, again},
    {iggy_errc::producer_partition_required, slow, slow, slow, slow},
    {iggy_errc::client_not_found, again, again, again, again},
    {iggy_errc::connection_closed, again, again, again, again},
    {iggy_errc::stream_id_not_found, learn, learn, learn, learn},
    {iggy_errc::stream_name_not_found, learn, learn, learn, learn},
    {iggy_errc::stream_id_exists, again, again, again, again},
    {iggy_errc::stream_name_exists, again, go, again, again},
    {iggy_errc::invalid_stream_name, slow, slow, slow, slow},
    {iggy_errc::invalid_topic_size, slow, slow, slow, slow},
    {iggy_errc::topic_id_not_found, learn, learn, learn, learn},
    {iggy_errc::topic_name_not_found, learn, learn, learn, learn},
    {iggy_errc::topic_id_exists, again, go, again, again},
    {iggy_errc::topic_name_exists, again, go, again, again},
    {iggy_errc::invalid_topic_name, slow, slow, slow, slow},
    {iggy_errc::too_many_partitions, slow, slow, slow, slow},
    {iggy_errc::partition_not_found, learn, learn, learn, learn},
    {iggy_errc::no_partitions, learn, learn, learn, learn},
    {iggy_errc::topic_full, retry, again, again, again},
    {iggy_errc::consumer_offset_not_found, again, again, again, again},
    {iggy_errc::invalid_messages_count, again, again, again, again},
    {iggy_errc::too_big_user_headers, refuse, again, again, again},
    {iggy_errc::too_big_payload, refuse, again, again, again},
    {iggy_errc::missing_index, again, again, again, again},
    {iggy_errc::invalid_messages_size, again, again, again, again},
    {iggy_errc::invalid_offset, again, again, again, again},
    {iggy_errc::invalid_reserved_field, again, again, again, again},
    {iggy_errc::shard_not_found, retry, retry, retry, retry},
    {iggy_errc::shard_communication_error, retry, retry, retry, retry},
    {iggy_errc::task_timeout, again, again, again, again},
    {iggy_errc::io_error, again, again, again, again},
    {iggy_errc::invalid_session, log_in, log_in, log_in, log_in},
};

constexpr command logins[] = {command::login_with_password, command::login_with_token};
constexpr command creates[] = {command::create_stream, command::create_topic};
constexpr command others[] = {command::ping,       command::get_stats,
                              command::get_stream, command::get_topic,
                              command::logout,     command::get_cluster_metadata};

TEST_CASE("Every status of Iggy means what the table says, by what it answers", "[disposition]") {
  for (const golden_row& row : golden) {
    CAPTURE(static_cast<int>(row.status));
    CHECK(classify(command::send_messages, row.status) == row.send);
    for (const command each : creates) CHECK(classify(each, row.status) == row.create);
    for (const command each : logins) CHECK(classify(each, row.status) == row.login);
    for (const command each : others) {
      CAPTURE(static_cast<int>(each));
      CHECK(classify(each, row.status) == row.other);
    }
  }
}

TEST_CASE("No status that the protocol names is missing from the table", "[disposition]") {
  std::ifstream file(VIBES_SOURCE_DIR "/protocol/error.hpp");
  std::stringstream text;
  text << file.rdbuf();
  const std::string header = text.str();
  const std::size_t begin = header.find("enum class iggy_errc");
  REQUIRE(begin != std::string::npos);
  const std::string body = header.substr(begin, header.find("};", begin) - begin);

  std::set<int> named;
  const std::regex number("= ([0-9]+),");
  for (std::sregex_iterator at(body.begin(), body.end(), number), end; at != end; ++at) {
    named.insert(std::stoi((*at)[1]));
  }
  std::set<int> tabled;
  for (const golden_row& row : golden) tabled.insert(static_cast<int>(row.status));
  CHECK(named == tabled);
}

TEST_CASE("A status that nobody knows leads to a fresh connection", "[disposition]") {
  for (const std::uint32_t status : {2u, 7u, 999u, 4'000u, 65'536u, 0x7fff'ffffu, 0xffff'ffffu}) {
    CAPTURE(status);
    CHECK(classify(command::send_messages, protocol::iggy_status(status)) == again);
    CHECK(classify(command::create_topic, protocol::iggy_status(status)) == again);
    CHECK(classify(command::login_with_password, protocol::iggy_status(status)) == again);
    CHECK(classify(command::ping, protocol::iggy_status(status)) == again);
  }
}

TEST_CASE("Status 0 and no error are success", "[disposition]") {
  CHECK(classify(command::send_messages, protocol::iggy_status(0)) == go);
  CHECK(classify(command::login_with_password, {}) == go);
}

TEST_CASE("Errors of the wire mean the same for every request", "[disposition]") {
  struct {
    wire_errc code;
    retry_decision expected;
  } const cases[] = {
      {wire_errc::truncated, again},          {wire_errc::trailing_bytes, again},
      {wire_errc::malformed, slow},           {wire_errc::name_length, slow},
      {wire_errc::value_out_of_range, slow},  {wire_errc::empty_batch, again},
      {wire_errc::payload_too_large, refuse}, {wire_errc::unsupported_generation, slow},
      {wire_errc::generation_mismatch, slow}, {wire_errc::unexpected_reply, again},
      {wire_errc::no_partitions, slow},       {wire_errc::too_many_partitions, slow},
      {wire_errc::stream_missing, slow},      {wire_errc::topic_missing, slow},
      {wire_errc::time_span, refuse},         {wire_errc::unconfirmed_send, log_in},
      {wire_errc::no_leader, again},
  };
  for (const auto& each : cases) {
    CAPTURE(static_cast<int>(each.code));
    for (const command to : {command::send_messages, command::login_with_password,
                             command::get_topic, command::ping}) {
      CHECK(classify(to, make_error_code(each.code)) == each.expected);
    }
  }
}

TEST_CASE("What an eviction means goes by its reason", "[disposition]") {
  using protocol::eviction_error;
  for (const auto back : std::initializer_list<std::uint8_t>{1, 13}) {
    CHECK(classify(command::send_messages, eviction_error(back)) == again);
  }
  for (const auto over : std::initializer_list<std::uint8_t>{0, 7, 8, 12}) {
    CHECK(classify(command::ping, eviction_error(over)) == log_in);
  }
  for (const auto for_people :
       std::initializer_list<std::uint8_t>{2, 3, 4, 5, 6, 9, 10, 11, 14, 15}) {
    CHECK(classify(command::login_with_password, eviction_error(for_people)) == slow);
  }
  for (const auto nobody_knows : std::initializer_list<std::uint8_t>{16, 99, 255}) {
    CHECK(classify(command::login_with_password, eviction_error(nobody_knows)) == again);
  }
}

TEST_CASE("A bind that is refused for good gives the session up", "[disposition]") {
  for (const golden_row& row : golden) {
    CAPTURE(static_cast<int>(row.status));
    const retry_decision expected = row.other == slow ? log_in : row.other;
    CHECK(classify(command::bind_session, row.status) == expected);
  }
  for (int reason = 0; reason < 256; ++reason) {
    CAPTURE(reason);
    const auto error = protocol::eviction_error(static_cast<std::uint8_t>(reason));
    const bool kept = reason == 13 || reason > 15;  // only silent for too long, or nobody knows
    CHECK(classify(command::bind_session, error) == (kept ? again : log_in));
  }
  CHECK(classify(command::bind_session, make_error_code(wire_errc::generation_mismatch)) == log_in);
  CHECK(classify(command::bind_session, make_error_code(wire_errc::truncated)) == again);
}

TEST_CASE("An error of the transport is a lost connection, whatever its number", "[disposition]") {
  using boost::system::errc::make_error_code;
  CHECK(classify(command::ping, make_error_code(boost::system::errc::timed_out)) == again);
  // 42 is wrong credentials in Iggy's numbers; in another category it is not.
  CHECK(classify(command::login_with_password, {42, boost::system::generic_category()}) == again);
}

}  // namespace
}  // namespace vibes::test
