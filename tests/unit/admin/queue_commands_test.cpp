#include "daemon/admin/queue_commands.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/link/outbox_support.hpp"

namespace vibes::test {
namespace {

namespace json = boost::json;
using admin::queue_command_limits;

json::object request(std::string_view text) {
  return json::parse({text.data(), text.size()}).as_object();
}

/// Six events of two partitions: 1 is in flight, 2 came back, 3 to 6 wait.
class waiting_queue {
 public:
  waiting_queue() : events(small_limits(store::overflow_policy::drop_newest, 100)) {
    events.route(2);
    events.offer(0, "{\"n\":1}");
    in_flight = std::move(*events.next());
    events.offer(1, "{\"n\":2}");
    events.box.returned(std::move(*events.next()));
    for (int n = 3; n <= 6; ++n) {
      events.offer(static_cast<unsigned>(n) % 2, "{\"n\":" + std::to_string(n) + "}");
    }
  }

  std::string list(std::string_view asked, queue_command_limits limits = {}) const {
    return shown(admin::list_queue(request(asked), events.box, start_of_time + 3s, limits));
  }
  std::string drop(std::string_view asked, queue_command_limits limits = {}) {
    return json::serialize(admin::drop_from_queue(request(asked), events.box, limits));
  }

  /// "1 2 3 next 3 last 6"
  static std::string shown(const json::object& page) {
    std::string text;
    for (const json::value& each : page.at("events").as_array()) {
      text += json::serialize(each.at("sequence")) + " ";
    }
    return text + "next " + json::serialize(page.at("next")) + " last " +
           json::serialize(page.at("last"));
  }

  outbox_fixture events;
  store::batch in_flight;
};

TEST_CASE("A list tells of each waiting event, oldest first", "[queue_commands]") {
  const waiting_queue at;
  CHECK(at.list("{}") == "1 2 3 4 5 6 next null last 6");
  const json::object page = admin::list_queue({}, at.events.box, start_of_time + 3s);
  CHECK(json::serialize(page.at("events").at(0)) ==
        R"({"sequence":1,"age_ms":3000,"partition":0,"session_hash":"00000000","bytes":7,)"
        R"("state":"in_flight","droppable":false,)"
        R"("message_id":"00000000-0000-0000-0000-000000000000"})");
  CHECK(page.at("events").at(1).at("state") == "returned");
  CHECK(page.at("events").at(1).at("droppable") == false);
  CHECK(page.at("events").at(2).at("state") == "queued");
  CHECK(page.at("events").at(2).at("droppable") == true);
}

TEST_CASE("A list comes in pages", "[queue_commands]") {
  const waiting_queue at;
  CHECK(at.list(R"({"limit":4})") == "1 2 3 4 next 4 last 6");
  CHECK(at.list(R"({"after":4,"limit":4})") == "5 6 next null last 6");
  CHECK(at.list(R"({"after":4,"limit":2})") == "5 6 next null last 6");
  CHECK(at.list(R"({"after":6})") == "next null last 6");
  CHECK(at.list(R"({"after":18446744073709551615})") == "next null last 6");
  CHECK(at.list("{}", {2, 1, 1}) == "1 2 next 2 last 6");
}

TEST_CASE("Before the topic is known nothing has a partition", "[queue_commands]") {
  outbox_fixture events(small_limits(store::overflow_policy::block));
  events.offer(7);
  const json::object page = admin::list_queue({}, events.box, events.now);
  CHECK(page.at("events").at(0).at("partition").is_null());
  CHECK(page.at("events").at(0).at("session_hash") == "00000007");
}

TEST_CASE("An export has every payload, in pages of bounded size", "[queue_commands]") {
  const waiting_queue at;
  const auto page = [&](std::string_view asked, std::size_t bytes_max) {
    return admin::export_queue(request(asked), at.events.box, {1'000, bytes_max, 1'000});
  };
  const json::object whole = page("{}", 1'000);
  CHECK(waiting_queue::shown(whole) == "1 2 3 4 5 6 next null last 6");
  for (int n = 1; n <= 6; ++n) {
    CHECK(whole.at("events").at(n - 1).at("payload").as_string() ==
          "{\"n\":" + std::to_string(n) + "}");
  }
  CHECK(waiting_queue::shown(page("{}", 14)) == "1 2 next 2 last 6");
  CHECK(waiting_queue::shown(page(R"({"after":2})", 1)) == "3 next 3 last 6");
}

TEST_CASE("One event is shown with its payload and where it came from", "[queue_commands]") {
  outbox_fixture events(small_limits(store::overflow_policy::block));
  store::new_event made = event_of(1, "{\"a\":1}");
  made.origin = {4, 17, 1'000};
  made.line = 9;
  events.box.offer(made, events.now, events.now);
  const json::object event =
      admin::show_event(request(R"({"sequence":1})"), events.box, events.now);
  CHECK(event.at("payload") == "{\"a\":1}");
  CHECK(event.at("connection") == 4);
  CHECK(event.at("pid") == 17);
  CHECK(event.at("line") == 9);
  const json::object none = admin::show_event(request(R"({"sequence":2})"), events.box, events.now);
  CHECK(none.at("error").at("code") == "no_such_event");
}

TEST_CASE("Only what was never put into a request is dropped", "[queue_commands]") {
  waiting_queue at;
  CHECK(at.drop(R"({"sequences":[5,1,2,5,3,77]})") == R"({"dropped":[3,5],"kept":[1,2,77]})");
  CHECK(at.list("{}") == "1 2 4 6 next null last 6");
  CHECK(at.events.lost(store::loss_reason::dropped_by_operator) == 2);
  CHECK(at.events.reports.of_line(3) == "dropped_by_operator");
  CHECK(at.events.reports.unreported() == 0);
  CHECK(sums_up(at.events.box));
}

TEST_CASE("All that may go goes in steps, and what comes meanwhile stays", "[queue_commands]") {
  waiting_queue at;
  const queue_command_limits three{1'000, 1'000, 3};
  CHECK(at.drop(R"({"all":true})", three) == R"({"dropped_events":3,"up_to":6,"more":true})");
  at.events.offer(0);
  CHECK(at.drop(R"({"all":true,"up_to":6})", three) ==
        R"({"dropped_events":1,"up_to":6,"more":false})");
  CHECK(at.list("{}") == "1 2 7 next null last 7");
  CHECK(sums_up(at.events.box));
}

TEST_CASE("A request that is not understood changes nothing", "[queue_commands]") {
  waiting_queue at;
  for (const char* const each :
       {"{}", R"({"all":false})", R"({"all":1})", R"({"sequences":3})", R"({"sequences":["3"]})",
        R"({"sequences":[3,-1]})", R"({"sequences":[1.5]})", R"({"all":true,"up_to":"x"})"}) {
    CAPTURE(each);
    CHECK_THAT(at.drop(each), Catch::Contains("bad_request"));
  }
  for (const char* const each : {R"({"after":-1})", R"({"limit":"many"})"}) {
    const json::object answer = admin::list_queue(request(each), at.events.box, at.events.now);
    CHECK(answer.at("error").at("code") == "bad_request");
  }
  CHECK(admin::show_event({}, at.events.box, at.events.now).at("error").at("code") ==
        "bad_request");
  CHECK(at.list("{}") == "1 2 3 4 5 6 next null last 6");
}

TEST_CASE("A paused queue says so", "[queue_commands]") {
  waiting_queue at;
  CHECK(json::serialize(admin::pause_queue(at.events.box)) == R"({"paused":true})");
  CHECK(at.events.box.paused());
  CHECK(json::serialize(admin::resume_queue(at.events.box)) == R"({"paused":false})");
  CHECK(!at.events.box.paused());
}

}  // namespace
}  // namespace vibes::test
