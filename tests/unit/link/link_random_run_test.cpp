#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "tests/support/seed.hpp"
#include "tests/unit/link/link_simulation.hpp"

// Long random lives of a link to a classic server that answers anything to anything, loses replies
// and connections. The world throws when the link spins or breaks a promise to its work source.

namespace vibes::test {
namespace {

constexpr std::uint32_t known_statuses[] = {
    1,    3,    4,    5,    6,    8,    20,   30,   31,   40,   41,    42,    47,    54,   80,
    100,  206,  1009, 1010, 1012, 1013, 2010, 2011, 2013, 3007, 3008,  3009,  4009,  4017, 4022,
    4033, 4036, 4100, 4101, 57,   58,   59,   85,   92,   9999, 11000, 11001, 12001, 13000};

class classic_random_run {
 public:
  explicit classic_random_run(std::uint64_t seed) : random_(seed), at(settings_of(seed)) {}

  void rages(int steps) {
    wild_ = true;
    for (int step = 0; step < steps; ++step) {
      if (one_in(3)) {
        ++offered;
        at.offer(static_cast<protocol::session_hash>(offered % 7));
      }
      at.random = random_();
      go_on();
    }
    wild_ = false;
  }

  bool calms_down() {
    for (int step = 0; step < 5'000 && !at.box.empty(); ++step) go_on();
    return at.box.empty();
  }

 private:
  static link::link_settings settings_of(std::uint64_t seed) {
    link::link_settings settings = link_defaults();
    settings.requests_in_flight_max = 1 + seed % 4;
    return settings;
  }

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }

  void go_on() {
    switch (at.link.task()) {
      case link_task::connect:
        if (wild_ && one_in(10)) return at.fails(boost::system::errc::connection_refused);
        return at.connects();
      case link_task::close: replies_.clear(); return at.closes();
      case link_task::exchange: return exchange();
      case link_task::sleep:
      case link_task::stop: break;
    }
    wait();
  }

  void wait() { at.pass(at.link.wake_at() - at.now); }

  void exchange() {
    bool something = false;
    while (const auto request = at.next()) {
      something = true;
      replies_.push_back(answer_to(*request));
    }
    if (wild_ && one_in(25)) return at.fails();
    if (wild_ && one_in(60)) return at.answer(reply(8));  // shuts down, unasked
    if (!replies_.empty()) return deliver();
    if (!something) wait();
  }

  void deliver() {
    const std::string next = replies_.front();
    replies_.pop_front();
    if (wild_ && one_in(30)) {
      at.answer(next.substr(0, below(next.size())));
      if (at.link.task() == link_task::exchange) at.fails();
      return;
    }
    at.answer(next);
  }

  std::string answer_to(const seen_request& request) {
    if (request.code == code::send) return answer_to_send(read_send(request));
    if (wild_ && one_in(8)) return reply(known_statuses[below(std::size(known_statuses))]);
    switch (request.code) {
      case code::login: return login_reply();
      case code::get_stats: return stats_reply();
      case code::get_stream:
      case code::create_stream: return stream_reply();
      case code::get_topic:
      case code::create_topic: return topic_reply(3);
      default: return ok();
    }
  }

  std::string answer_to_send(const seen_send& sent) {
    if (wild_ && one_in(3)) {
      const std::uint32_t status = known_statuses[below(std::size(known_statuses))];
      const bool refuses = status == 4017 || status == 4022;
      if (refuses && sent.messages.size() == 1) refused.insert(sent.messages.front().id.low);
      return reply(status);
    }
    for (const std::uint64_t line : lines(sent)) stored[sent.partition].push_back(line);
    return ok();
  }

  std::mt19937_64 random_;
  std::deque<std::string> replies_;
  bool wild_ = false;

 public:
  link_simulation at;
  std::uint64_t offered = 0;
  std::map<std::uint32_t, std::vector<std::uint64_t>> stored;  // lines of each partition
  std::set<std::uint64_t> refused;
};

void check_reports(const classic_random_run& after) {
  std::set<std::uint64_t> all_stored;
  for (const auto& [partition, all] : after.stored) {
    std::map<std::uint64_t, std::uint64_t> newest;  // of each session
    for (const std::uint64_t line : all) {
      if (!all_stored.insert(line).second) continue;
      REQUIRE(newest[line % 7] < line);
      newest[line % 7] = line;
    }
  }
  for (std::uint64_t line = 1; line <= after.offered; ++line) {
    CAPTURE(line);
    if (after.at.reports.of_line(line) == "committed") {
      REQUIRE(all_stored.contains(line));
    } else {
      REQUIRE(after.at.reports.of_line(line) == "refused_by_iggy");
      REQUIRE(after.refused.contains(line));
    }
  }
}

TEST_CASE("A classic server that answers anything gets what it does not refuse, in order",
          "[link][random]") {
  constexpr std::uint64_t runs = 60;
  std::uint64_t committed = 0;
  std::uint64_t resent = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const std::uint64_t seed = random_seed() + run;
    CAPTURE(seed);
    classic_random_run faulty_run(seed);
    faulty_run.rages(400);
    REQUIRE(faulty_run.calms_down());
    check_reports(faulty_run);
    committed += faulty_run.at.box.counters().committed_events;
    resent += faulty_run.at.box.counters().resent_events;
  }
  // Or the weather was not rough.
  CHECK(committed > 50 * runs);
  CHECK(resent > 10 * runs);
}

}  // namespace
}  // namespace vibes::test
