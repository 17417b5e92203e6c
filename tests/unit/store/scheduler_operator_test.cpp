#include "tests/unit/store/scheduler_operator.hpp"

#include <catch2/catch.hpp>
#include <cerrno>

namespace vibes::test {
namespace {

namespace json = boost::json;
using level = scheduler_simulation::level;
using answer = scheduler_simulation::answer;

/// Memory for four events: 1 to 4 are there, 5 to 20 on disk, 21 to 24 on their way to it.
class spilled_simulation : public scheduler_simulation {
 public:
  spilled_simulation()
      : scheduler_simulation(small_memory_rules(store::overflow_policy::drop_newest)) {
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
  scheduler_operator who{*this};
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

std::string dropped(scheduler_simulation& simulation) {
  return std::to_string(simulation.box->losses().of(store::loss_reason::dropped_by_operator));
}

}  // namespace

TEST_CASE("A list has what is in memory, on disk, and on its way there", "[scheduler][operator]") {
  spilled_simulation simulation;
  CHECK(shown(simulation.who.list("{}")) ==
        "1 queued, 2 queued, 3 queued, 4 queued next 4 last 24");
  CHECK(shown(simulation.who.list(R"({"after":4,"limit":2})")) ==
        "5 on_disk, 6 on_disk next 6 last 24");
  CHECK(shown(simulation.who.list(R"({"after":18})")) == "19 on_disk, 20 on_disk next 20 last 24");
  CHECK(shown(simulation.who.list(R"({"after":22})")) ==
        "23 to_disk, 24 to_disk next null last 24");
  CHECK(shown(simulation.who.list(R"({"after":18446744073709551615})")) == " next null last 24");
  CHECK(simulation.who.list(std::size_t{7}).events == 24);
}

TEST_CASE("What the journal was just given is listed as soon as it has it",
          "[scheduler][operator]") {
  spilled_simulation simulation;
  REQUIRE(simulation.take_job());
  CHECK(shown(simulation.who.list(R"({"after":20})")) ==
        "21 on_disk, 22 on_disk, 23 on_disk, 24 on_disk next null last 24");
}

TEST_CASE("What the journal could not write is listed from memory", "[scheduler][operator]") {
  spilled_simulation simulation;
  REQUIRE(simulation.take_job());
  simulation.disk.fail_call(fake_file_system::call::write, 0, EIO);
  CHECK(shown(simulation.who.list(R"({"after":20})")) ==
        "21 to_disk, 22 to_disk, 23 to_disk, 24 to_disk next null last 24");
  CHECK(simulation.who.list(std::size_t{7}).events == 24);
}

TEST_CASE("An export goes through all three places, payload by payload", "[scheduler][operator]") {
  spilled_simulation simulation;
  store::sequence_number after = 0;
  std::vector<std::string> payloads;
  while (true) {
    const json::object page = simulation.who.exported("{\"after\":" + std::to_string(after) + "}");
    for (const json::value& each : page.at("events").as_array()) {
      payloads.emplace_back(each.at("payload").as_string());
    }
    if (page.at("next").is_null()) break;
    after = page.at("next").to_number<store::sequence_number>();
  }
  REQUIRE(payloads.size() == 24);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    CHECK(payloads[i] == "{\"n\":" + std::to_string(i + 1) + "}");
  }
}

TEST_CASE("One event is shown wherever it is", "[scheduler][operator]") {
  spilled_simulation simulation;
  for (const store::sequence_number each :
       {store::sequence_number{2}, store::sequence_number{9}, store::sequence_number{23}}) {
    CHECK(simulation.who.show(each).at("payload").as_string() ==
          "{\"n\":" + std::to_string(each) + "}");
  }
  CHECK(simulation.who.show(25).at("error").at("code") == "no_such_event");
}

TEST_CASE("A look changes nothing, not even what the disk does not give it",
          "[scheduler][operator]") {
  spilled_simulation simulation;
  const auto contents = simulation.disk.contents();
  for (const auto& [name, bytes] : contents) {
    if (journal::segment_id_of(name) != 0) simulation.disk.set_unreadable(name, 64, bytes.size());
  }
  const json::object page = simulation.who.list(R"({"after":4})");
  CHECK(page.at("unreadable_events") == 16);
  CHECK(simulation.who.show(9).at("error").at("code") == "unreadable_event");
  CHECK(simulation.who.list(std::size_t{7}).unreadable == 16);
  CHECK(simulation.disk.contents() == contents);
  simulation.disk.set_unreadable("", 0, 0);
  CHECK(simulation.who.list(std::size_t{7}).events == 24);
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 24);
}

TEST_CASE("A disk that refuses is an answer, and the rest goes on", "[scheduler][operator]") {
  spilled_simulation simulation;
  simulation.disk.fail_call(fake_file_system::call::any, 0, EIO);
  CHECK(simulation.who.list(R"({"after":4})").at("error").at("code") == "disk_failed");
  CHECK(shown(simulation.who.list(R"({"after":2})")) == "3 queued, 4 queued next 4 last 24");
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 24);
}

TEST_CASE("Events on disk are dropped, counted, told, and gone for good", "[scheduler][operator]") {
  spilled_simulation simulation;
  CHECK(json::serialize(simulation.who.drop(R"({"sequences":[24,7,3,99,7,21]})")) ==
        R"({"dropped":[3,7,21,24],"kept":[99]})");
  CHECK(dropped(simulation) == "4");
  // As many producers of events on disk are remembered as memory has room for events: of 5 to 8.
  CHECK(simulation.reports->of_line(3) == "dropped_by_operator");
  CHECK(simulation.reports->of_line(7) == "dropped_by_operator");
  CHECK(simulation.reports->size() == 2);
  CHECK(simulation.reports->unreported() == 0);
  simulation.check();
  CHECK(simulation.who.list(std::size_t{7}).events == 20);
  CHECK(simulation.who.show(7).at("error").at("code") == "no_such_event");
  simulation.work();
  simulation.kill();
  simulation.start();
  CHECK(simulation.who.list(std::size_t{7}).events == 20);
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 20);
}

TEST_CASE("What is dropped while the journal is at it is released behind it",
          "[scheduler][operator]") {
  spilled_simulation simulation;
  REQUIRE(simulation.take_job());
  CHECK(json::serialize(simulation.who.drop(R"({"sequences":[22]})")) ==
        R"({"dropped":[22],"kept":[]})");
  simulation.work();
  simulation.kill();
  simulation.start();
  CHECK(simulation.who.list(std::size_t{7}).events == 23);
}

TEST_CASE("All goes in steps, the oldest first, and what comes later stays",
          "[scheduler][operator]") {
  spilled_simulation simulation;
  CHECK(simulation.box->drop_up_to(22, 6) == 6);
  CHECK(shown(simulation.who.list(R"({"limit":1})")) == "7 on_disk next 7 last 24");
  CHECK(simulation.box->drop_up_to(22, 100) == 16);
  simulation.check();
  CHECK(dropped(simulation) == "22");
  CHECK(simulation.who.list(std::size_t{7}).events == 2);
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 2);
}

TEST_CASE("What a late journal gives back is listed by number, and dropped like the rest",
          "[scheduler][operator]") {
  spilled_simulation simulation;
  simulation.work();
  simulation.kill();
  simulation.disk.fail_call(fake_file_system::call::any, 0, EIO);
  simulation.start();
  CHECK(simulation.offer(0, level::received) == offer_verdict::accepted);
  simulation.pass(2s);
  simulation.work();
  REQUIRE_FALSE(simulation.box->queue().ascends());
  CHECK(simulation.who.list(std::size_t{7}).events == 25);
  const std::string first = shown(simulation.who.list(R"({"limit":2})"));
  CHECK(first.starts_with("1 queued, 2 queued next 2 last "));
  CHECK(simulation.box->drop_up_to(24, 100) == 24);
  CHECK(simulation.who.list(std::size_t{7}).events == 1);
  simulation.check();
}

TEST_CASE("What an earlier process sent is not dropped", "[scheduler][operator]") {
  simulation_rules rules = small_memory_rules(store::overflow_policy::block);
  rules.generation = protocol::generation::iggy_0_10;
  scheduler_simulation simulation(rules);
  simulation.start();
  simulation.link_up();
  for (int i = 0; i < 2; ++i) simulation.offer(0, level::received);
  REQUIRE(simulation.send());  // to the journal first
  simulation.work();
  REQUIRE(simulation.send());
  simulation.pass(1s);  // without an answer: what comes now goes to the disk
  for (int i = 0; i < 6; ++i) simulation.offer(0, level::received);
  simulation.work();
  simulation.kill();
  simulation.start();
  scheduler_operator who(simulation);
  CHECK(shown(who.list(R"({"after":0})")).find("returned") != std::string::npos);
  CHECK(json::serialize(who.drop(R"({"all":true})")) ==
        R"({"dropped_events":6,"up_to":8,"more":false})");
  simulation.check();
  CHECK(who.list(std::size_t{7}).events == 2);
}

TEST_CASE("A stop leaves what was sent as it was, and nobody may drop it",
          "[scheduler][operator]") {
  simulation_rules rules = small_memory_rules(store::overflow_policy::drop_newest);
  rules.generation = GENERATE(protocol::generation::iggy_0_4, protocol::generation::iggy_0_7,
                              protocol::generation::iggy_0_9, protocol::generation::iggy_0_10);
  rules.producer_identity = GENERATE(false, true);
  const bool is_full = GENERATE(false, true);
  CAPTURE(protocol::to_string(rules.generation), rules.producer_identity, is_full);
  scheduler_simulation simulation(rules);
  simulation.start();
  simulation.link_up();
  for (int i = 0; i < 2; ++i) simulation.offer(0, level::received);
  REQUIRE(simulation.send());
  simulation.work();
  if (simulation.sends() == 0) REQUIRE(simulation.send());  // went to the journal first
  std::mt19937_64 any(1);
  simulation.answer_with(answer::stored_but_lost, any);
  simulation.link_down();
  simulation.pass(5s);
  for (int i = 0; i < (is_full ? 1'000 : 6); ++i) {
    simulation.offer(0, level::received, 200);
    simulation.work();
  }
  CHECK((simulation.box->losses().total() > 0) == is_full);
  simulation.stop();
  simulation.start();
  const std::uint64_t waiting = simulation.box->queued_events();
  CHECK(simulation.box->drop_up_to(~std::uint64_t{0}, waiting) == waiting - 2);
  simulation.link_up();
  simulation.work();
  const std::optional<store::batch> again =
      simulation.box->next_batch(simulation.now, {true, true});
  REQUIRE(again);
  CHECK(again->entries.size() == 2);
  CHECK(again->producer.has_value() == rules.has_producers());
  simulation.box->returned(store::batch(*again));
}

}  // namespace vibes::test
