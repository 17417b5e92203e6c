#include "tests/network/schedule_run.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "tests/network/committed_producer.hpp"

namespace vibes::test {
namespace {

using broker::generation;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view topic = "events";
constexpr std::string_view stream = "vibes";
constexpr std::size_t sessions = 8;
constexpr std::uint64_t unanswered_max = 3'000;
constexpr milliseconds between_writes{4};
constexpr std::uint64_t backoff_max_ms = 200;
/// "Within one second plus the current backoff", which is at most its maximum.
constexpr milliseconds resume_limit{1'000 + backoff_max_ms};
constexpr milliseconds patience{20'000};

constexpr std::array<network_kind, 8> all_kinds{{
    {"0.6", generation::iggy_0_6},
    {"0.8", generation::iggy_0_8},
    {"0.9", generation::iggy_0_9},
    {"0.10", generation::iggy_0_10},
    {"0.6 with deduplication", generation::iggy_0_6, true},
    {"0.8 with deduplication", generation::iggy_0_8, true},
    {"0.9, one request at a time", generation::iggy_0_9, false, true, 1},
    {"0.10 without producer identity", generation::iggy_0_10, false, false},
}};

broker::broker_options options_of(const network_kind& kind) {
  broker::broker_options options;
  options.speaks = kind.speaks;
  options.deduplicate = kind.deduplicate;
  return options;
}

std::string settings_for(const network_kind& kind, const std::string& address) {
  return "[iggy]\naddresses = [\"" + address +
         "\"]\npartitions = 4\nconnect_timeout_ms = 300\nreply_timeout_ms = 300\n"
         "heartbeat_ms = 200\ntopology_refresh_ms = 400\nbackoff_min_ms = 10\n"
         "backoff_reset_ms = 500\nbackoff_max_ms = " +
         std::to_string(backoff_max_ms) +
         "\nrequests_in_flight_max = " + std::to_string(kind.requests_in_flight_max) +
         "\nproducer_identity = " + (kind.producer_identity ? "true" : "false") +
         "\n[queue]\nevents_max = 100000\noverflow = \"block\"\nblock_ms = 600000\n";
}

std::string session_name(std::uint64_t seed, std::uint64_t index) {
  return std::to_string(seed) + "-" + std::to_string(index);
}

bool changes_bytes(const std::vector<faults::fault>& schedule) {
  return std::ranges::any_of(
      schedule, [](const faults::fault& each) { return each.what == faults::fault_kind::flip; });
}

/// Writes the events of one schedule's sessions, a few at a time.
class steady_writer {
 public:
  steady_writer(delivery_oracle& oracle, const std::string& socket, std::uint64_t seed)
      : oracle_(oracle), seed_(seed), random_(seed), producer_(socket) {}

  void go_on_for(milliseconds time) {
    const auto end = steady_clock::now() + time;
    while (steady_clock::now() < end) step();
  }
  /// Until events are acked that were not even written yet. False when that never happens.
  bool go_on_until_new_ones_are_acked() {
    const std::uint64_t mark = producer_.written();
    const auto end = steady_clock::now() + patience;
    while (producer_.acked() <= mark && steady_clock::now() < end) step();
    return producer_.acked() > mark;
  }
  bool wait_for_the_rest() {
    const auto end = steady_clock::now() + patience;
    while (producer_.acked() < producer_.written() && steady_clock::now() < end)
      if (!producer_.listen_for(between_writes)) break;
    return producer_.acked() == producer_.written();
  }
  const committed_producer& producer() const { return producer_; }

 private:
  void step() {
    std::string lines;
    const std::size_t count = 1 + random_() % 6;
    if (producer_.written() - producer_.acked() < unanswered_max) {
      for (std::size_t i = 0; i < count; ++i)
        lines += oracle_.write(session_name(seed_, random_() % sessions)) + "\n";
      producer_.write(lines, count);
    }
    if (!producer_.listen_for(between_writes)) throw std::runtime_error("the daemon hung up");
  }

  delivery_oracle& oracle_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  committed_producer producer_;
};

}  // namespace

std::size_t kinds() {
  return all_kinds.size();
}

const network_kind& kind_of(std::uint64_t seed) {
  return all_kinds[seed % all_kinds.size()];
}

std::vector<faults::fault> schedule_of(std::uint64_t seed) {
  faults::schedule_limits limits;
  limits.flips_requests = kind_of(seed).checks_requests();
  return faults::make_schedule(seed, limits);
}

network::network(const network_kind& kind)
    : kind_(kind), fixture_(options_of(kind)), daemon_(settings_for(kind, fixture_.address())) {}

run_result network::run(std::uint64_t seed) {
  run_result result;
  const std::vector<faults::fault> schedule = schedule_of(seed);
  const auto say = [&](std::string what) { result.findings.push_back(std::move(what)); };
  steady_writer writer(oracle_, daemon_.socket(), seed);
  if (!writer.go_on_until_new_ones_are_acked()) say("nothing was delivered before the first fault");
  for (const faults::fault& each : schedule) {
    fixture_.begin(each);
    writer.go_on_for(milliseconds(each.lasts_ms));
  }
  fixture_.heal();
  const auto healed = steady_clock::now();
  const bool resumed = writer.go_on_until_new_ones_are_acked();
  result.resumed_after = std::chrono::duration_cast<milliseconds>(steady_clock::now() - healed);
  if (!resumed || result.resumed_after > resume_limit)
    say("delivery resumed after " + std::to_string(result.resumed_after.count()) + " ms");
  if (!writer.wait_for_the_rest())
    say(std::to_string(writer.producer().written() - writer.producer().acked()) +
        " events were never acked");
  for (const std::string& each : writer.producer().errors()) say("refused: " + each);
  written_ += writer.producer().written();

  if (changes_bytes(schedule))
    for (std::uint64_t i = 0; i < sessions; ++i) may_repeat_.insert(session_name(seed, i));
  for (std::string& each : findings_in_the_store()) say(std::move(each));
  return result;
}

std::vector<std::string> network::findings_in_the_store() {
  const std::vector<stored_event> stored = fixture_.read_back(stream, topic);
  std::vector<std::string> found = oracle_.findings(stored);
  const std::uint64_t repeated = delivery_oracle::repeated(stored);
  // Asked after the store was read: what is stored twice has been sent twice before.
  const auto resent =
      daemon_.status().at("counters").at("resent_events").to_number<std::uint64_t>();
  if (repeated > resent)
    found.push_back(std::to_string(repeated) + " events are stored again, but only " +
                    std::to_string(resent) + " were sent again");
  if (kind_.exactly_once() && delivery_oracle::repeated(stored, may_repeat_) > 0)
    found.push_back(std::to_string(delivery_oracle::repeated(stored, may_repeat_)) +
                    " events are stored twice");
  return found;
}

std::vector<std::string> network::finish() {
  const boost::json::object status = daemon_.status();
  const auto counter = [&](std::string_view section, std::string_view name) {
    return status.at(section).at(name).to_number<std::uint64_t>();
  };
  std::vector<std::string> found = findings_in_the_store();
  if (counter("counters", "received_events") != written_ ||
      counter("counters", "committed_events") != written_)
    found.push_back("of " + std::to_string(written_) + " events the daemon counts " +
                    std::to_string(counter("counters", "received_events")) + " received, " +
                    std::to_string(counter("counters", "committed_events")) + " committed");
  if (counter("losses", "total") != 0) found.push_back("the daemon counts losses");
  if (const int code = daemon_.stop(); code != 0)
    found.push_back("the daemon ended with " + std::to_string(code));
  return found;
}

}  // namespace vibes::test
