#include "tests/unit/store/keeper_operator.hpp"

#include <catch2/catch.hpp>
#include <cerrno>

namespace vibes::test {
namespace {

namespace json = boost::json;
using level = keeper_world::level;
using answer = keeper_world::answer;

/// Memory for four events: 1 to 4 are there, 5 to 20 on disk, 21 to 24 on their way to it.
class spilled_world : public keeper_world {
 public:
  spilled_world() : keeper_world(small_memory_rules(store::overflow_policy::drop_newest)) {
    start();
    offer_until(20);
    work();
    offer_until(24);
  }

  void offer_until(std::uint64_t last) {
    while (box->queue().last_number() < last) {
      promise(offer(0, level::received) == offer_verdict::accepted, "there is room");
    }
  }
  keeper_operator who{*this};
};

/// "1 queued, 5 on_disk next 5 last 24"
std::string shown(const json::object& page) {
  std::string text;
  for (const json::value& each : page.at("events").as_array()) {
    text += (text.empty() ? "" : ", ") + json::serialize(each.at("sequence"));
    if (const auto* state = each.as_object().if_contains("state")) {
      text += " " + std::string(state->as_string());
    }
  }
  return text + " next " + json::serialize(page.at("next")) + " last " +
         json::serialize(page.at("last"));
}

std::string dropped(keeper_world& world) {
  return std::to_string(world.box->losses().of(store::loss_reason::dropped_by_operator));
}

}  // namespace

TEST_CASE("A list has what is in memory, on disk, and on its way there", "[keeper][operator]") {
  spilled_world world;
  CHECK(shown(world.who.list("{}")) == "1 queued, 2 queued, 3 queued, 4 queued next 4 last 24");
  CHECK(shown(world.who.list(R"({"after":4,"limit":2})")) == "5 on_disk, 6 on_disk next 6 last 24");
  CHECK(shown(world.who.list(R"({"after":18})")) == "19 on_disk, 20 on_disk next 20 last 24");
  CHECK(shown(world.who.list(R"({"after":22})")) == "23 to_disk, 24 to_disk next null last 24");
  CHECK(shown(world.who.list(R"({"after":18446744073709551615})")) == " next null last 24");
  CHECK(world.who.list(std::size_t{7}).events == 24);
}

TEST_CASE("What the journal was just given is listed as soon as it has it", "[keeper][operator]") {
  spilled_world world;
  REQUIRE(world.take_job());
  CHECK(shown(world.who.list(R"({"after":20})")) ==
        "21 on_disk, 22 on_disk, 23 on_disk, 24 on_disk next null last 24");
}

TEST_CASE("What the journal could not write is listed from memory", "[keeper][operator]") {
  spilled_world world;
  REQUIRE(world.take_job());
  world.disk.fail_call(fake_file_system::call::write, 0, EIO);
  CHECK(shown(world.who.list(R"({"after":20})")) ==
        "21 to_disk, 22 to_disk, 23 to_disk, 24 to_disk next null last 24");
  CHECK(world.who.list(std::size_t{7}).events == 24);
}

TEST_CASE("An export goes through all three places, payload by payload", "[keeper][operator]") {
  spilled_world world;
  store::sequence after = 0;
  std::vector<std::string> payloads;
  while (true) {
    const json::object page = world.who.exported("{\"after\":" + std::to_string(after) + "}");
    for (const json::value& each : page.at("events").as_array()) {
      payloads.emplace_back(each.at("payload").as_string());
    }
    if (page.at("next").is_null()) break;
    after = page.at("next").to_number<store::sequence>();
  }
  REQUIRE(payloads.size() == 24);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    CHECK(payloads[i] == "{\"n\":" + std::to_string(i + 1) + "}");
  }
}

TEST_CASE("One event is shown wherever it is", "[keeper][operator]") {
  spilled_world world;
  for (const store::sequence each : {store::sequence{2}, store::sequence{9}, store::sequence{23}}) {
    CHECK(world.who.show(each).at("payload").as_string() == "{\"n\":" + std::to_string(each) + "}");
  }
  CHECK(world.who.show(25).at("error").at("code") == "no_such_event");
}

TEST_CASE("A look changes nothing, not even what the disk does not give it", "[keeper][operator]") {
  spilled_world world;
  const auto contents = world.disk.contents();
  for (const auto& [name, bytes] : contents) {
    if (journal::segment_id_of(name) != 0) world.disk.set_unreadable(name, 64, bytes.size());
  }
  const json::object page = world.who.list(R"({"after":4})");
  CHECK(page.at("unreadable_events") == 16);
  CHECK(world.who.show(9).at("error").at("code") == "unreadable_event");
  CHECK(world.who.list(std::size_t{7}).unreadable == 16);
  CHECK(world.disk.contents() == contents);
  world.disk.set_unreadable("", 0, 0);
  CHECK(world.who.list(std::size_t{7}).events == 24);
  world.drain();
  CHECK(world.box->counters().committed_events == 24);
}

TEST_CASE("A disk that refuses is an answer, and the rest goes on", "[keeper][operator]") {
  spilled_world world;
  world.disk.fail_call(fake_file_system::call::any, 0, EIO);
  CHECK(world.who.list(R"({"after":4})").at("error").at("code") == "disk_failed");
  CHECK(shown(world.who.list(R"({"after":2})")) == "3 queued, 4 queued next 4 last 24");
  world.drain();
  CHECK(world.box->counters().committed_events == 24);
}

TEST_CASE("Events on disk are dropped, counted, told, and gone for good", "[keeper][operator]") {
  spilled_world world;
  CHECK(json::serialize(world.who.drop(R"({"sequences":[24,7,3,99,7,21]})")) ==
        R"({"dropped":[3,7,21,24],"kept":[99]})");
  CHECK(dropped(world) == "4");
  // As many producers of events on disk are remembered as memory has room for events: of 5 to 8.
  CHECK(world.fates->of_line(3) == "dropped_by_operator");
  CHECK(world.fates->of_line(7) == "dropped_by_operator");
  CHECK(world.fates->size() == 2);
  CHECK(world.fates->untold() == 0);
  world.check();
  CHECK(world.who.list(std::size_t{7}).events == 20);
  CHECK(world.who.show(7).at("error").at("code") == "no_such_event");
  world.work();
  world.kill();
  world.start();
  CHECK(world.who.list(std::size_t{7}).events == 20);
  world.drain();
  CHECK(world.box->counters().committed_events == 20);
}

TEST_CASE("What is dropped while the journal is at it is released behind it",
          "[keeper][operator]") {
  spilled_world world;
  REQUIRE(world.take_job());
  CHECK(json::serialize(world.who.drop(R"({"sequences":[22]})")) ==
        R"({"dropped":[22],"kept":[]})");
  world.work();
  world.kill();
  world.start();
  CHECK(world.who.list(std::size_t{7}).events == 23);
}

TEST_CASE("All goes in steps, the oldest first, and what comes later stays", "[keeper][operator]") {
  spilled_world world;
  CHECK(world.box->drop_up_to(22, 6) == 6);
  CHECK(shown(world.who.list(R"({"limit":1})")) == "7 on_disk next 7 last 24");
  CHECK(world.box->drop_up_to(22, 100) == 16);
  world.check();
  CHECK(dropped(world) == "22");
  CHECK(world.who.list(std::size_t{7}).events == 2);
  world.drain();
  CHECK(world.box->counters().committed_events == 2);
}

TEST_CASE("What a late journal gives back is listed by number, and dropped like the rest",
          "[keeper][operator]") {
  spilled_world world;
  world.work();
  world.kill();
  world.disk.fail_call(fake_file_system::call::any, 0, EIO);
  world.start();
  CHECK(world.offer(0, level::received) == offer_verdict::accepted);
  world.pass(2s);
  world.work();
  REQUIRE_FALSE(world.box->queue().ascends());
  CHECK(world.who.list(std::size_t{7}).events == 25);
  const std::string first = shown(world.who.list(R"({"limit":2})"));
  CHECK(first.starts_with("1 queued, 2 queued next 2 last "));
  CHECK(world.box->drop_up_to(24, 100) == 24);
  CHECK(world.who.list(std::size_t{7}).events == 1);
  world.check();
}

TEST_CASE("What an earlier process sent is not dropped", "[keeper][operator]") {
  world_rules rules = small_memory_rules(store::overflow_policy::block);
  rules.generation = protocol::generation::vsr_0_12;
  keeper_world world(rules);
  world.start();
  world.link_up();
  for (int i = 0; i < 2; ++i) world.offer(0, level::received);
  REQUIRE(world.send());  // to the journal first
  world.work();
  REQUIRE(world.send());
  world.pass(1s);  // without an answer: what comes now goes to the disk
  for (int i = 0; i < 6; ++i) world.offer(0, level::received);
  world.work();
  world.kill();
  world.start();
  keeper_operator who(world);
  CHECK(shown(who.list(R"({"after":0})")).find("returned") != std::string::npos);
  CHECK(json::serialize(who.drop(R"({"all":true})")) ==
        R"({"dropped_events":6,"up_to":8,"more":false})");
  world.check();
  CHECK(who.list(std::size_t{7}).events == 2);
}

TEST_CASE("A stop leaves what was sent as it was, and nobody may drop it", "[keeper][operator]") {
  world_rules rules = small_memory_rules(store::overflow_policy::drop_newest);
  rules.generation = GENERATE(protocol::generation::classic_0_4, protocol::generation::classic_0_7,
                              protocol::generation::vsr_0_11, protocol::generation::vsr_0_12);
  rules.producer_identity = GENERATE(false, true);
  const bool is_full = GENERATE(false, true);
  CAPTURE(protocol::to_string(rules.generation), rules.producer_identity, is_full);
  keeper_world world(rules);
  world.start();
  world.link_up();
  for (int i = 0; i < 2; ++i) world.offer(0, level::received);
  REQUIRE(world.send());
  world.work();
  if (world.sends() == 0) REQUIRE(world.send());  // went to the journal first
  std::mt19937_64 any(1);
  world.answer_with(answer::stored_but_lost, any);
  world.link_down();
  world.pass(5s);
  for (int i = 0; i < (is_full ? 1'000 : 6); ++i) {
    world.offer(0, level::received, 200);
    world.work();
  }
  CHECK((world.box->losses().total() > 0) == is_full);
  world.stop();
  world.start();
  const std::uint64_t waiting = world.box->queued_events();
  CHECK(world.box->drop_up_to(~std::uint64_t{0}, waiting) == waiting - 2);
  world.link_up();
  world.work();
  const std::optional<store::batch> again = world.box->next_batch(world.now, {true, true});
  REQUIRE(again);
  CHECK(again->entries.size() == 2);
  CHECK(again->producer.has_value() == rules.has_producers());
  world.box->returned(store::batch(*again));
}

}  // namespace vibes::test
