#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// What a server of each generation does with requests that are wrong: 0.4 and 0.8 answer with a
// status, 0.5 to 0.7 hang up where the bytes make no sense.

namespace vibes::test {
namespace {

using broker::generation;

constexpr generation all[] = {generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6,
                              generation::iggy_0_7, generation::iggy_0_8};

bool is_early(generation speaks) {
  return speaks < generation::iggy_0_6;
}

bool answers(generation speaks) {
  return speaks == generation::iggy_0_4 || speaks == generation::iggy_0_8;
}

frame_bytes group_path() {
  return joined({named("s"), named("t"), named("g")});
}

frame_bytes offset_path() {
  return joined({number(std::uint8_t{1}), named("c"), named("s"), named("t"),
                 number(std::uint8_t{1}), number(std::uint32_t{0})});
}

struct request_row {
  const char* what;
  frame_bytes frame;
  bool gets_one = false;
};

/// Well-formed requests of 0.6 and later that need a login, without the sends.
std::vector<request_row> requests_of_users() {
  return {
      {"get_stats", request(command::get_stats)},
      {"get_me", request(command::get_me)},
      {"logout", request(command::logout_user)},
      {"poll", poll(0, 0, 1)},
      {"flush", request(command::flush_unsaved_buffer,
                        joined({named("s"), named("t"), number(std::uint32_t{0}),
                                number(std::uint8_t{0})}))},
      {"get offset", request(command::get_consumer_offset, offset_path()), true},
      {"store offset",
       request(command::store_consumer_offset, joined({offset_path(), number(std::uint64_t{0})}))},
      {"delete offset", request(command::delete_consumer_offset, offset_path())},
      {"get_stream", request(command::get_stream, named("s")), true},
      {"get_streams", request(command::get_streams)},
      {"create_stream", request(command::create_stream, name("s2"))},
      {"delete_stream", request(command::delete_stream, named("s"))},
      {"get_topic", request(command::get_topic, joined({named("s"), named("t")})), true},
      {"get_topics", request(command::get_topics, named("s"))},
      {"create_topic", create_topic("s", "t2", 1)},
      {"delete_topic", request(command::delete_topic, joined({named("s"), named("t")}))},
      {"create_partitions", request(command::create_partitions,
                                    joined({named("s"), named("t"), number(std::uint32_t{1})}))},
      {"get_group", request(command::get_consumer_group, group_path()), true},
      {"get_groups", request(command::get_consumer_groups, joined({named("s"), named("t")}))},
      {"create_group",
       request(command::create_consumer_group, joined({named("s"), named("t"), name("g")}))},
      {"delete_group", request(command::delete_consumer_group, group_path())},
      {"join_group", request(command::join_consumer_group, group_path())},
      {"leave_group", request(command::leave_consumer_group, group_path())},
  };
}

/// The same in the words of 0.4 or 0.5.
std::vector<request_row> requests_of_users(generation speaks) {
  std::vector<request_row> rows = requests_of_users();
  if (!is_early(speaks)) return rows;
  const frame_bytes group = joined({named("s"), named("t"), number(std::uint32_t{0}), name("g")});
  for (request_row& row : rows) {
    const std::string what = row.what;
    if (what == "poll") row.frame = early::poll(1, 0, 1);
    if (what == "get offset") row.frame = early::offset_of("c", 1);
    if (what == "store offset") row.frame = early::offset_of("c", 1, 0);
    if (what == "delete offset") {
      row.frame = early::offset_of("c", 1);
      broker::save(row.frame.data() + 4, command::delete_consumer_offset);
    }
    if (what == "create_stream") row.frame = early::create_stream("s2");
    if (what == "create_topic") row.frame = early::create_topic("s", "t2", 1);
    if (what == "create_group") row.frame = request(command::create_consumer_group, group);
  }
  if (speaks == generation::iggy_0_4)  // there is no such command
    std::erase_if(rows,
                  [](const request_row& row) { return row.what == std::string("delete offset"); });
  return rows;
}

TEST_CASE("Who has not logged in is refused everything but ping", "[errors]") {
  for (const generation speaks : all) {
    CAPTURE(static_cast<int>(speaks));
    visit at(speaks);
    at.prepare(1);
    at.succeeds(request(command::logout_user));
    CHECK(at.succeeds(request(command::ping)).empty());
    for (const request_row& row : requests_of_users(speaks)) {
      CAPTURE(row.what);
      if (is_early(speaks) && row.gets_one)  // as if there were no such thing
        CHECK(at.succeeds(row.frame).empty());
      else if (is_early(speaks) && row.what == std::string("get_stats"))
        CHECK(at.succeeds(row.frame).size() > 108);
      else
        at.refuses(status::unauthenticated, row.frame);
    }
    CHECK(at.with().data().streams().size() == 1);
    const frame_bytes cluster = request(command::get_cluster_metadata);
    if (speaks == generation::iggy_0_4)
      at.refuses(status::invalid_command, cluster);  // it does not know it
    else if (speaks == generation::iggy_0_5)
      at.hangs_up(cluster);
    else if (speaks == generation::iggy_0_6)
      CHECK(at.succeeds(cluster).size() == 55);
    else
      at.refuses(status::unauthenticated, cluster);
  }
}

TEST_CASE("Every request cut short in its body is refused or hung up on", "[errors]") {
  for (const generation speaks : all) {
    for (const request_row& row : requests_of_users(speaks)) {
      const auto code = broker::load<std::uint32_t>(row.frame.data() + 4);
      for (std::size_t size = 0; size + 8 < row.frame.size(); ++size) {
        CAPTURE(row.what, size);
        visit at(speaks);
        at.prepare(1);
        const frame_bytes cut(row.frame.begin() + 8,
                              row.frame.begin() + 8 + static_cast<std::ptrdiff_t>(size));
        const heard back = at.say(request(code, cut));
        if (!answers(speaks)) {
          CHECK(back.hang_up);
          CHECK(back.replies.empty());
          continue;
        }
        // 3 when a field is missing, with 0.8 also 4 when a name is.
        REQUIRE(back.replies.size() == 8);
        const auto answer = broker::load<std::uint32_t>(back.replies.data());
        CHECK((answer == 3 || (answer == 4 && speaks == generation::iggy_0_8)));
        CHECK_FALSE(back.hang_up);
      }
    }
  }
}

struct wrong_row {
  const char* what;
  frame_bytes frame;
  status by_0_8;
  status by_0_4;
  frame_bytes early = {};  // where 0.4 and 0.5 have other words
};

TEST_CASE("Fields out of their range are answered by 0.4 and 0.8 and end the others' line",
          "[errors]") {
  const frame_bytes three_bytes = from_hex("0103010203");
  const wrong_row rows[] = {
      {"user name too short", login("ab", "secret"), status::invalid_username,
       status::invalid_username},
      {"user name too long", login(std::string(51, 'u'), "secret"), status::invalid_username,
       status::invalid_username},
      {"no user name", login("", "secret"), status::invalid_format, status::invalid_username},
      {"password too short", login("iggy", "ab"), status::invalid_password,
       status::invalid_password},
      {"password too long", login("iggy", std::string(101, 'p')), status::invalid_password,
       status::invalid_password},
      {"empty token", request(command::login_with_token, name("")), status::invalid_command,
       status::invalid_command},
      {"identifier of 3 bytes", request(command::get_stream, three_bytes), status::invalid_format,
       status::invalid_command},
      {"identifier of kind 3", request(command::get_stream, from_hex("030161")),
       status::invalid_command, status::invalid_command},
      {"empty name", request(command::get_stream, from_hex("0200")), status::invalid_format,
       status::invalid_command},
      {"stream without a name", request(command::create_stream, name("")), status::invalid_format,
       status::invalid_command, early::create_stream("")},
      {"topic without a name", create_topic("s", "", 1), status::invalid_format,
       status::invalid_topic_name, early::create_topic("s", "", 1)},
      {"1001 partitions", create_topic("s", "t2", 1001), status::too_many_partitions,
       status::too_many_partitions, early::create_topic("s", "t2", 1001)},
      {"0 more partitions",
       request(command::create_partitions,
               joined({named("s"), named("t"), number(std::uint32_t{0})})),
       status::too_many_partitions, status::too_many_partitions},
  };
  for (const wrong_row& row : rows) {
    CAPTURE(row.what);
    for (const generation speaks : all) {
      visit at(speaks);
      at.prepare(1);
      const bool other = is_early(speaks) && !row.early.empty();
      const frame_bytes& frame = other ? row.early : row.frame;
      if (answers(speaks))
        at.refuses(speaks == generation::iggy_0_8 ? row.by_0_8 : row.by_0_4, frame);
      else
        at.hangs_up(frame);
    }
  }
}

}  // namespace
}  // namespace vibes::test
