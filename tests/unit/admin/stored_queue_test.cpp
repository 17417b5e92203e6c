#include "daemon/admin/stored_queue.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {
namespace {

namespace json = boost::json;
using admin::stored_queue;
using purpose = stored_queue::purpose;

/// A directory in which 3 to 20 wait, and 11 and 12 are in a batch that may be with Iggy.
class directory {
 public:
  directory() {
    journal::journal kept(disk, small_limits(), writer);
    REQUIRE(kept.open().has_value());
    journal::record_group group = group_of(1, 20);
    group.add(batch_of({{11, 12}}));
    REQUIRE(!kept.append(std::move(group), wall_clock_us));
    REQUIRE(!kept.release(set_of({{1, 2}}), wall_clock_us));
    disk.process_ends();
  }

  json::object ask(std::string_view request, purpose for_what = purpose::peek,
                   admin::queue_command_limits limits = {}) {
    stored_queue stored(disk, for_what, small_limits());
    REQUIRE(stored.open().has_value());
    json::object answer = stored.answer(json::parse({request.data(), request.size()}).as_object(),
                                        wall_clock_us + 5'000'000, limits);
    disk.process_ends();
    return answer;
  }

  /// "3 4 next 4 last 20"
  std::string shown(std::string_view request, admin::queue_command_limits limits = {}) {
    const json::object page = ask(request, purpose::peek, limits);
    std::string text;
    for (const json::value& each : page.at("events").as_array()) {
      text += json::serialize(each.at("sequence")) + " ";
    }
    return text + "next " + json::serialize(page.at("next")) + " last " +
           json::serialize(page.at("last"));
  }

  std::vector<std::uint64_t> left() {
    journal::journal kept(disk, small_limits(), writer);
    REQUIRE(kept.open().has_value());
    return sequences_in(read_all(kept));
  }

  fake_file_system disk;
};

TEST_CASE("A directory lists its events as a running daemon does", "[stored_queue]") {
  directory at;
  CHECK(at.shown(R"({"command":"queue_list","after":17})") == "18 19 20 next null last 20");
  const json::object page = at.ask(R"({"command":"queue_list","after":0,"limit":1})");
  CHECK(json::serialize(page.at("events").at(0)) ==
        R"({"sequence":3,"age_ms":4999,"partition":null,"session_hash":"00000015","bytes":21,)"
        R"("state":"on_disk","droppable":true,)"
        R"("message_id":"00000000-0000-0009-0000-00000000000f"})");
  const json::object sent = at.ask(R"({"command":"queue_list","after":10,"limit":1})");
  CHECK(sent.at("events").at(0).at("state") == "returned");
  CHECK(sent.at("events").at(0).at("droppable") == false);
}

TEST_CASE("A directory's events come in pages", "[stored_queue]") {
  directory at;
  CHECK(at.shown(R"({"command":"queue_list","after":0,"limit":3})") == "3 4 5 next 5 last 20");
  CHECK(at.shown(R"({"command":"queue_list","after":18,"limit":2})") == "19 20 next 20 last 20");
  CHECK(at.shown(R"({"command":"queue_list","after":20})") == "next null last 20");
  CHECK(at.shown(R"({"command":"queue_list","after":18446744073709551615})") ==
        "next null last 20");
  CHECK(at.shown(R"({"command":"queue_export"})", {4, 1 << 20, 1}) == "3 4 5 6 next 6 last 20");
  CHECK(at.shown(R"({"command":"queue_export","after":3})", {1'000, 1, 1}) == "4 next 4 last 20");
  const json::object page = at.ask(R"({"command":"queue_export","after":19})");
  CHECK(page.at("events").at(0).at("payload").as_string() == text_for(20));
}

TEST_CASE("A directory shows one event", "[stored_queue]") {
  directory at;
  CHECK(at.ask(R"({"command":"queue_show","sequence":7})").at("payload").as_string() ==
        text_for(7));
  for (const char* const each : {"2", "21", "18446744073709551615"}) {
    CAPTURE(each);
    const json::object none =
        at.ask(R"({"command":"queue_show","sequence":)" + std::string(each) + "}");
    CHECK(none.at("error").at("code") == "no_such_event");
  }
  CHECK(at.ask(R"({"command":"queue_show"})").at("error").at("code") == "bad_request");
}

TEST_CASE("Looking changes nothing", "[stored_queue]") {
  directory at;
  const auto before = at.disk.contents();
  at.shown(R"({"command":"queue_list"})");
  at.shown(R"({"command":"queue_export"})");
  at.ask(R"({"command":"queue_show","sequence":7})");
  CHECK(at.disk.contents() == before);
}

TEST_CASE("What is dropped from a directory is gone for good, also after a power failure",
          "[stored_queue]") {
  directory at;
  CHECK(json::serialize(at.ask(R"({"command":"queue_drop","sequences":[4,2,11,4,99,20]})",
                               purpose::change)) == R"({"dropped":[4,20],"kept":[2,11,99]})");
  std::mt19937_64 any(1);
  at.disk.crash(any);
  CHECK(at.left() ==
        std::vector<std::uint64_t>{3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  CHECK(json::serialize(at.ask(R"({"command":"queue_drop","all":true})", purpose::change)) ==
        R"({"dropped_events":14,"up_to":20,"more":false})");
  at.disk.crash(any);
  CHECK(at.left() == std::vector<std::uint64_t>{11, 12});
}

TEST_CASE("A drop that the disk does not take is an error, not an answer", "[stored_queue]") {
  directory at;
  stored_queue stored(at.disk, purpose::change, small_limits());
  REQUIRE(stored.open().has_value());
  at.disk.set_capacity(0);
  const json::object answer = stored.answer(
      json::parse(R"({"command":"queue_drop","all":true})").as_object(), wall_clock_us);
  CHECK(answer.at("error").at("code") == "disk_failed");
}

TEST_CASE("What cannot be read is counted, and the rest is shown", "[stored_queue]") {
  directory at;
  stored_queue stored(at.disk, purpose::peek, small_limits());
  REQUIRE(stored.open().has_value());
  for (const auto& [name, bytes] : at.disk.contents()) {
    if (journal::segment_id_of(name) == 0) continue;
    // After the opening: before it this would be damage that recovery tells of.
    at.disk.bytes_of(name)[bytes.size() / 2] ^= std::byte{1};
    break;
  }
  const json::object page =
      stored.answer(json::parse(R"({"command":"queue_list"})").as_object(), wall_clock_us);
  CHECK(page.at("events").as_array().size() == 17);
  CHECK(page.at("unreadable_events") == 1);
}

TEST_CASE("A directory without a journal is told from an empty journal", "[stored_queue]") {
  fake_file_system disk;
  disk.put("notes.txt", {});
  CHECK(stored_queue(disk, purpose::peek, small_limits()).open().error() ==
        journal::journal_errc::no_journal);
  CHECK(stored_queue(disk, purpose::change, small_limits()).open().error() ==
        journal::journal_errc::no_journal);
  CHECK(disk.contents().size() == 1);
  disk.put(std::string(journal::lock_name), {});
  stored_queue empty(disk, purpose::peek, small_limits());
  REQUIRE(empty.open().has_value());
  CHECK(json::serialize(empty.answer(json::parse(R"({"command":"queue_list"})").as_object(), 0)) ==
        R"({"events":[],"next":null,"last":0})");
}

TEST_CASE("What needs a daemon is refused", "[stored_queue]") {
  directory at;
  CHECK(at.ask(R"({"command":"queue_pause"})").at("error").at("code") == "unknown_command");
  CHECK(at.ask("{}").at("error").at("code") == "unknown_command");
}

}  // namespace
}  // namespace vibes::test
