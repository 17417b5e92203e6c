#include <catch2/catch.hpp>

#include "tests/support/seed.hpp"
#include "tests/unit/link/played_journal.hpp"
#include "tests/unit/link/rough_server.hpp"

// Long random lives of the links, with a server that loses replies, sessions and leaders. The
// simulation throws when a link spins or breaks a promise to its work source.

namespace vibes::test {
namespace {

struct random_run_plan {
  generation gen = generation::iggy_0_10;
  manners how = manners::unlucky;
  bool cluster = false;
  bool partitions_change = false;
  bool recorded = false;  // there is a journal, on a disk that fails now and then
};

class random_run {
 public:
  random_run(const random_run_plan& plan, std::uint64_t seed)
      : plan_(plan),
        random_(seed),
        server(plan.gen, random_),
        at(plan.gen, settings_of(seed), limits_of(plan)) {
    if (plan.recorded) journal.emplace(at.box, at.now);
    at.work.has_node_links = plan.cluster;
    if (plan.cluster) server.nodes = {1, 2, 3};
    at.draws = seed;
  }

  void rages(int steps) {
    server.now = plan_.how;
    for (int step = 0; step < steps; ++step) {
      if (server.one_in(3)) offer();
      if (plan_.cluster && server.one_in(20)) move_leaders();
      if (plan_.partitions_change && server.one_in(30)) {
        server.leaders.resize(1 + server.below(4), server.nodes.front());
      }
      go_on();
    }
  }

  /// Until everything is resolved. False when that does not come.
  bool calms_down() {
    server.now = manners::calm;
    for (int step = 0; step < 5'000 && !at.box.empty(); ++step) go_on();
    return at.box.empty();
  }

  std::uint64_t offered() const { return offered_; }
  static std::uint32_t session_of(std::uint64_t line) {
    return static_cast<std::uint32_t>(line % 7);
  }

 private:
  struct visit {
    vsr_line* line;
    std::vector<std::string> replies;
  };

  link::link_settings settings_of(std::uint64_t seed) const {
    link::link_settings settings = vsr_settings(1 + seed % 4);
    settings.heartbeat = 5s;
    settings.topology_refresh = 30s;
    return settings;
  }

  static store::outbox_limits limits_of(const random_run_plan& plan) {
    store::outbox_limits limits = eager_outbox();
    if (plan.recorded) limits.journal.emplace().journal = small_journal;
    return limits;
  }

  void offer() { at.offer(session_of(++offered_)); }

  /// The journal begins a job or ends one, a little later than it could.
  bool records() {
    if (!journal) return false;
    const bool was_out = journal->job_is_out();
    if (was_out && server.now != manners::calm && !server.one_in(3)) return true;
    if (!was_out) return journal->takes_job();
    if (server.now != manners::calm && server.one_in(150)) {
      journal->disk.fail_call(fake_file_system::call::write, 0, EIO);
    }
    journal->ends_job();
    at.wake();
    return true;
  }

  void move_leaders() {
    if (server.one_in(3)) std::swap(server.nodes[0], server.nodes[1 + server.below(2)]);
    for (std::uint8_t& each : server.leaders) each = server.nodes[server.below(3)];
  }

  void go_on() {
    bool something = go_on_with(at.coordinator);
    at.group.went_on(at.group.coordinator(), at.now);
    for (auto line = at.node_links.begin(); line != at.node_links.end();) {
      something |= go_on_with(*line);
      const bool ended = line->link.task() == link_task::stop;
      if (ended) forget(*line);
      line = ended ? at.node_links.erase(line) : std::next(line);
    }
    at.group.remove_ended();
    something |= begins_links();
    something |= records();
    if (!something) at.wait();
  }

  /// Each link that the group gives for the first time. The others are woken by the simulation.
  bool begins_links() {
    bool begins = false;
    while (link::link_group::member* const given = at.group.next()) {
      if (given == &at.group.coordinator()) continue;
      const bool is_new = std::ranges::none_of(
          member_of_, [given](const auto& each) { return each.second == given; });
      if (is_new) member_of_[&at.node_links.emplace_back(at, given->machine)] = given;
      begins |= is_new;
    }
    return begins;
  }

  void forget(vsr_line& line) {
    at.group.ended(*member_of_.at(&line));
    member_of_.erase(&line);
    replies_.erase(&line);
  }

  bool go_on_with(vsr_line& line) {
    switch (line.link.task()) {
      case link_task::connect: connect(line); return true;
      case link_task::close:
        replies_[&line].clear();
        line.closes();
        return true;
      case link_task::exchange: return exchange(line);
      case link_task::sleep:
      case link_task::stop: break;
    }
    return false;
  }

  void connect(vsr_line& line) {
    if (server.now != manners::calm && server.one_in(10)) {
      return line.fails(boost::system::errc::connection_refused);
    }
    const std::string& address = line.link.report().address;
    const std::string prefix = "10.0.0.";
    const bool is_node = address.starts_with(prefix);
    line.connects(is_node ? static_cast<std::uint8_t>(address[prefix.size()] - '0')
                          : server.nodes[server.below(server.nodes.size())]);
  }

  bool exchange(vsr_line& line) {
    std::vector<std::string>& replies = replies_[&line];
    bool something = false;
    while (const auto request = line.next()) {
      something = true;
      if (auto reply = server.answer(*request)) replies.push_back(std::move(*reply));
    }
    if (server.now != manners::calm && server.one_in(25)) {
      line.fails();
      return true;
    }
    if (replies.empty()) return something;
    const std::size_t which = server.below(replies.size());
    deliver(line, replies[which]);
    replies.erase(replies.begin() + static_cast<std::ptrdiff_t>(which));
    return true;
  }

  /// A number that nobody has, a reply that comes twice, or a wrong bit elsewhere. (With the number
  /// of another request a reply would be a lie that nobody could find out.)
  void spoil(std::string& reply) {
    const std::size_t at_byte = server.below(reply.size());
    switch (server.below(3)) {
      case 0: reply[207] = '\x7f'; break;
      case 1: reply += reply; break;
      default:
        if (at_byte < 200 || at_byte > 207) reply[at_byte] ^= '\x40';
    }
  }

  void deliver(vsr_line& line, std::string reply) {
    if (server.now == manners::wild && server.one_in(15)) spoil(reply);
    if (server.now != manners::calm && server.one_in(30)) {
      line.answer(reply.substr(0, server.below(reply.size())));
      if (line.link.task() == link_task::exchange) line.fails();
      return;
    }
    line.answer(reply);
  }

  random_run_plan plan_;
  std::mt19937_64 random_;
  std::uint64_t offered_ = 0;
  std::map<vsr_line*, std::vector<std::string>> replies_;
  std::map<vsr_line*, link::link_group::member*> member_of_;

 public:
  rough_server server;
  vsr_simulation at;
  std::optional<played_journal> journal;
};

/// Each event is stored or was refused, and is told so; those of a session in their order.
void check_reports(random_run& after, bool once, bool in_order) {
  std::map<std::uint64_t, int> times;
  for (const auto& [partition, all] : after.server.stored) {
    std::map<std::uint32_t, std::uint64_t> newest;
    for (const std::uint64_t line : all) {
      if (times[line]++ > 0 || !in_order) continue;
      REQUIRE(newest[random_run::session_of(line)] < line);
      newest[random_run::session_of(line)] = line;
    }
  }
  for (std::uint64_t line = 1; line <= after.offered(); ++line) {
    CAPTURE(line);
    const std::string fate = after.at.reports.of_line(line);
    if (fate == "committed") {
      REQUIRE(times[line] > 0);
      if (once) REQUIRE(times[line] == 1);
    } else {
      REQUIRE(fate == "refused_by_iggy");
      REQUIRE(after.server.refused.contains(line));
    }
  }
}

void survives(const random_run_plan& plan, bool once, std::uint64_t runs) {
  std::uint64_t committed = 0;
  std::uint64_t resent = 0;
  std::uint64_t connections = 0;
  std::uint64_t recorded = 0;
  std::uint64_t disk_failures = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const std::uint64_t seed = random_seed() + run;
    CAPTURE(to_string(plan.gen), seed);
    random_run faulty_run(plan, seed);
    faulty_run.rages(plan.recorded ? 600 : 400);  // in some steps only the journal moves
    REQUIRE(faulty_run.calms_down());
    check_reports(faulty_run, once, !plan.partitions_change);
    REQUIRE(faulty_run.at.work.out() == 0);
    committed += faulty_run.at.box.counters().committed_events;
    resent += faulty_run.at.box.counters().resent_events;
    connections += faulty_run.at.coordinator.link.report().connections;
    recorded += faulty_run.at.box.journal().status().counters.recorded_batches;
    disk_failures += faulty_run.at.box.journal().status().counters.failures;
  }
  // Or the weather was not rough.
  CHECK(committed > 50 * runs);
  CHECK(resent > 10 * runs);
  CHECK(connections > 3 * runs);
  if (!plan.recorded) return;
  CHECK(recorded > 4 * runs);
  CHECK(disk_failures > 0);
}

// A failure names its seed; VIBES_TEST_SEED takes it as the first of the runs.
constexpr std::uint64_t runs = 60;

TEST_CASE("An unlucky 0.9 gets every event, in order", "[link][vsr][random]") {
  survives({generation::iggy_0_9, manners::unlucky}, false, runs);
}

TEST_CASE("An unlucky 0.10 gets every event once, in order", "[link][vsr][random]") {
  survives({generation::iggy_0_10, manners::unlucky}, true, runs);
}

TEST_CASE("An unlucky 0.10 gets every event once, in order, by way of a journal",
          "[link][vsr][random]") {
  for (const bool cluster : {false, true}) {
    survives({generation::iggy_0_10, manners::unlucky, cluster, false, true}, true, runs);
  }
}

TEST_CASE("A cluster of 0.10 whose leaders move gets every event once, in order",
          "[link][vsr][random]") {
  survives({generation::iggy_0_10, manners::unlucky, true}, true, runs);
}

TEST_CASE("A cluster of 0.9 whose leader moves gets every event, in order", "[link][vsr][random]") {
  survives({generation::iggy_0_9, manners::unlucky, true}, false, runs);
}

TEST_CASE("A topic whose partitions come and go gets every event", "[link][vsr][random]") {
  for (const generation gen : {generation::iggy_0_9, generation::iggy_0_10}) {
    survives({gen, manners::unlucky, false, true}, false, runs);
    survives({gen, manners::wild, true, true}, false, runs);
  }
}

TEST_CASE("A server that answers anything to anything gets what it does not refuse",
          "[link][vsr][random]") {
  for (const generation gen : {generation::iggy_0_9, generation::iggy_0_10}) {
    survives({gen, manners::wild, false}, false, runs);
    survives({gen, manners::wild, true}, false, runs);
  }
}

}  // namespace
}  // namespace vibes::test
