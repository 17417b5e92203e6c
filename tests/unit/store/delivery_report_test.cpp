#include "daemon/store/delivery_report.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace vibes::test {
namespace {

using store::delivery_outcome;
using store::loss_reason;

/// Writes down each report as "outcome line line ...", and "." for the end of a step.
struct transcript final : store::delivery_listener {
  void report(const store::delivery_report& of) override {
    text += of.outcome == delivery_outcome::lost      ? to_string(of.reason)
            : of.outcome == delivery_outcome::durable ? "durable"
                                                      : "committed";
    for (const store::producer_line& each : of.events) text += " " + std::to_string(each.line);
    text += "; ";
    events += of.events.size();
    ++reports;
  }
  void reported() override { text += "."; }

  std::string text;
  std::size_t events = 0;
  std::size_t reports = 0;
};

TEST_CASE("A listener is called once for events of one outcome", "[delivery]") {
  transcript heard;
  store::delivery_reporter reporter(heard);
  for (const std::uint64_t line : {3u, 1u, 2u}) {
    reporter.add(delivery_outcome::committed, {{0, 0}, line});
  }
  CHECK(heard.text.empty());
  reporter.complete();
  CHECK(heard.text == "committed 3 1 2; .");
}

TEST_CASE("Events are reported in the order in which they were added", "[delivery]") {
  transcript heard;
  store::delivery_reporter reporter(heard);
  reporter.add_lost(loss_reason::journal_damage, {{0, 0}, 1});
  reporter.add_lost(loss_reason::left_at_stop, {{0, 0}, 2});
  reporter.add(delivery_outcome::durable, {{0, 0}, 3});
  reporter.add(delivery_outcome::committed, {{0, 0}, 3});
  reporter.complete();
  CHECK(heard.text == "journal_damage 1; left_at_stop 2; durable 3; committed 3; .");
}

TEST_CASE("A step without events ends without a report", "[delivery]") {
  transcript heard;
  store::delivery_reporter reporter(heard);
  reporter.report_added();
  reporter.complete();
  CHECK(heard.text == ".");
}

TEST_CASE("A whole queue that is lost is reported in parts", "[delivery]") {
  transcript heard;
  store::delivery_reporter reporter(heard);
  for (std::uint64_t line = 1; line <= 10'000; ++line) {
    reporter.add_lost(loss_reason::left_at_stop, {{0, 0}, line});
  }
  reporter.complete();
  CHECK(heard.events == 10'000);
  CHECK(heard.reports == 10);
}

}  // namespace
}  // namespace vibes::test
