#include "daemon/admin/run_summary.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "daemon/journal/run_note.hpp"
#include "tests/unit/admin/status_support.hpp"

namespace vibes::test {
namespace {

using admin::decode_run;
using admin::encode_run;
using admin::run_summary;
using store::loss_reason;

run_summary some_run() {
  run_summary made{1'764'036'454'123'456, true, 6'000, {}, "vibes", "events"};
  made.losses.add(loss_reason::overflow_drop_oldest, 2);
  made.losses.add(loss_reason::journal_damage, 1);
  return made;
}

TEST_CASE("A run's summary is read as it was written", "[run_summary]") {
  const std::optional<run_summary> read = decode_run(encode_run(some_run()));
  REQUIRE(read);
  CHECK(read->at_us == 1'764'036'454'123'456);
  CHECK(read->clean);
  CHECK(read->events_left == 6'000);
  CHECK(read->losses.of(loss_reason::overflow_drop_oldest) == 2);
  CHECK(read->losses.of(loss_reason::left_at_stop) == 0);
  CHECK(read->losses.total() == 3);
  CHECK(read->stream == "vibes");
  CHECK(read->topic == "events");
}

TEST_CASE("A backlog that goes elsewhere than it was taken for is said", "[run_summary]") {
  run_summary now = some_run();
  now.events_left = 7;
  CHECK(admin::moved_backlog_text(some_run(), now) == "");
  now.topic = "others";
  CHECK(
      admin::moved_backlog_text(some_run(), now) ==
      "7 queued events were taken for topic events of stream vibes, and will go to topic others of "
      "stream vibes, as the settings say now");
  now.topic = "events";
  now.stream = "elsewhere";
  now.events_left = 1;
  CHECK_THAT(admin::moved_backlog_text(some_run(), now),
             Catch::StartsWith("1 queued event was taken for topic events of stream vibes"));
  now.events_left = 0;
  CHECK(admin::moved_backlog_text(some_run(), now) == "");
}

TEST_CASE("A note that does not say where its events went, or says it oddly, is no fault",
          "[run_summary]") {
  run_summary now = some_run();
  now.topic = "others";
  for (const std::string_view stream : {"", R"(,"stream":1,"topic":2)", R"(,"stream":"vibes")"}) {
    const auto read =
        decode_run(R"({"version":1,"at_us":1,"clean":true,"events_left":1,"losses":{})" +
                   std::string(stream) + "}");
    REQUIRE(read);
    CHECK(admin::moved_backlog_text(*read, now) == "");
  }
  run_summary forged = some_run();
  forged.stream = "a\nb";
  CHECK(admin::moved_backlog_text(forged, now).find('\n') == std::string::npos);
}

TEST_CASE("A summary with the largest numbers is a note still", "[run_summary]") {
  // Names have at most 255 bytes; those take most as escapes.
  const std::string name(255, '\x01');
  run_summary largest{~std::uint64_t{0}, false, ~std::uint64_t{0}, {}, name, name};
  for (std::size_t i = 0; i < store::loss_reason_count; ++i) {
    largest.losses.add(static_cast<loss_reason>(i), ~std::uint64_t{0} / 10);
  }
  const std::string text = encode_run(largest);
  CHECK(text.size() <= journal::run_note_bytes_max);
  REQUIRE(decode_run(text));
  CHECK(decode_run(text)->at_us == ~std::uint64_t{0});
}

TEST_CASE("Every text that is cut or spoilt is a summary or none", "[run_summary]") {
  const std::string whole = encode_run(some_run());
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode_run(whole.substr(0, size)));
  }
  for (const std::string_view text :
       {"null", "[]", "{}", R"({"version":2,"at_us":1,"clean":true,"events_left":0,"losses":{}})",
        R"({"version":1,"at_us":-1,"clean":true,"events_left":0,"losses":{}})",
        R"({"version":1,"at_us":1,"clean":1,"events_left":0,"losses":{}})",
        R"({"version":1,"at_us":1,"clean":true,"events_left":"0","losses":{}})",
        R"({"version":1,"at_us":1,"clean":true,"events_left":0,"losses":[]})"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_run(text));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string spoilt = whole;
    spoilt[at] = '\x80';
    decode_run(spoilt);
  }
  // Of a later version's reasons this one shows those that it knows.
  CHECK(decode_run(R"({"version":1,"at_us":1,"clean":true,"events_left":0,"losses":{"new":5}})"));
}

TEST_CASE("The status shows the previous run, and its losses are not this run's", "[run_summary]") {
  const daemon_state daemon;
  admin::status_sources from = daemon.sources();
  CHECK(admin::make_status(from).at("previous_run").is_null());
  from.previous_run = some_run();
  const boost::json::object report = admin::make_status(from);
  CHECK(boost::json::serialize(report.at("previous_run")) ==
        R"({"at":"2025-11-25T02:07:34.123456Z","clean":true,"events_left":6000,)"
        R"("losses":{"overflow_drop_oldest":2,"overflow_drop_newest":0,"overflow_block_expired":0,)"
        R"("refused_by_iggy":0,"left_at_stop":0,"dropped_by_operator":0,"journal_damage":1,)"
        R"("out_of_memory":0,"total":3}})");
  CHECK(report.at("losses").at("total") == 3);  // this run's own, all of them refused
  CHECK(report.at("losses").at("overflow_drop_oldest") == 0);
  const std::string text = admin::human_status(report);
  CHECK_THAT(text, Catch::Contains("previous run\n  at") && Catch::Contains("events left"));
}

TEST_CASE("Losses are said by reason", "[run_summary]") {
  CHECK(admin::losses_text({}) == "");
  CHECK(admin::losses_text(some_run().losses) ==
        "3 events were lost (overflow_drop_oldest 2, journal_damage 1)");
  store::loss_ledger one;
  one.add(loss_reason::left_at_stop);
  CHECK(admin::losses_text(one) == "1 event was lost (left_at_stop 1)");
}

}  // namespace
}  // namespace vibes::test
