#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/seed.hpp"
#include "tests/unit/store/queue_model.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using store::batch;
using store::replay_queue;

enum class action : std::uint8_t { push, take, commit, put_back, split, drop_oldest, route };
constexpr std::size_t action_count = 7;

/// Random actions on a queue and its model side by side. Limits are small, so that every limit is
/// met often; what is likely differs from seed to seed.
class model_run {
 public:
  explicit model_run(std::uint64_t seed)
      : random_(seed),
        limits_{1 + below(40), (1 + below(40)) * store::entry_cost_bytes(20)},
        queue_(limits_),
        model_(limits_) {
    for (double& each : weights_) each = 1 + static_cast<double>(below(20));
    weights_[static_cast<std::size_t>(action::route)] = static_cast<double>(below(4));
  }

  void step() {
    std::discrete_distribution<std::size_t> pick(weights_.begin(), weights_.end());
    switch (static_cast<action>(pick(random_))) {
      case action::push: push(); break;
      case action::take: take(); break;
      case action::commit: settle(action::commit); break;
      case action::put_back: settle(action::put_back); break;
      case action::split: settle(action::split); break;
      case action::drop_oldest: drop_oldest(); break;
      case action::route: route(); break;
    }
    model_.compare(queue_);
  }

  std::size_t taken() const { return taken_; }

 private:
  struct handed_out {
    batch real;
    model_batch expected;
  };

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  void push() {
    model_event event;
    event.payload.assign(below(40), static_cast<char>('a' + below(26)));
    expect(queue_.fits(event.payload.size()) == model_.fits(event.payload.size()), "fits");
    if (!model_.fits(event.payload.size())) return;
    event.session = static_cast<protocol::session_hash>(below(12));
    event.id = {random_(), random_()};
    event.ack_wanted = below(4) == 0;
    store::new_event offered = event_of(event.session, event.payload);
    offered.id = event.id;
    offered.ack_wanted = event.ack_wanted;
    event.sequence = queue_.push(offered, start_of_time);
    expect(event.sequence == ++pushed_, "sequence number");
    model_.push(std::move(event));
  }

  void take() {
    const std::size_t lane = below(model_.lane_count());
    if (!model_.can_take(lane)) return;
    const std::size_t events_max = 1 + below(8);
    const std::size_t bytes_max = 1 + below(8 * store::entry_cost_bytes(20));
    batch real = queue_.take(lane, events_max, bytes_max);
    model_batch expected = model_.take(lane, events_max, bytes_max);
    ++taken_;
    expect(real.partition == expected.partition, "partition of a batch");
    expect(real.attempts == expected.attempts, "attempts of a batch");
    expect(numbers(real) == expected.numbers, "events of a batch");
    std::size_t cost = 0;
    for (const store::entry* each : real.entries) {
      const model_event& wanted = model_.at(each->sequence);
      expect(each->id == wanted.id && text(*each) == wanted.payload, "content of an event");
      cost += store::entry_cost_bytes(each->payload_size);
    }
    expect(real.cost_bytes == cost, "cost of a batch");
    out_.push_back({std::move(real), std::move(expected)});
  }

  void settle(action how) {
    if (out_.empty()) return;
    const auto chosen = out_.begin() + static_cast<std::ptrdiff_t>(below(out_.size()));
    handed_out back = std::move(*chosen);
    out_.erase(chosen);
    if (how == action::commit) {
      model_.commit(back.expected);
      queue_.commit(std::move(back.real));
    } else if (how == action::split && back.expected.numbers.size() > 1) {
      model_.put_back_split(back.expected);
      queue_.put_back_split(std::move(back.real));
    } else {
      model_.put_back(std::move(back.expected));
      queue_.put_back(std::move(back.real));
    }
  }

  void drop_oldest() {
    const store::sequence_number expected = model_.drop_oldest();
    store::sequence_number dropped = 0;
    const bool any = queue_.drop_oldest([&](const store::entry& gone) { dropped = gone.sequence; });
    expect(any == (expected != 0) && dropped == expected, "dropped event");
  }

  void route() {
    while (!out_.empty()) settle(below(2) == 0 ? action::commit : action::put_back);
    if (ids_.empty() || below(10) == 0) {
      begin_anew();
    } else if (below(5) == 0 && ids_.size() > 1) {
      ids_.erase(ids_.begin() + static_cast<std::ptrdiff_t>(below(ids_.size())));
    } else {
      ids_.push_back(ids_.back() + 1);  // what happens to real topics
    }
    queue_.route(ids_, generation_);
    model_.route(ids_, generation_);
  }

  void begin_anew() {
    const bool one_based = below(2) == 0;
    generation_ = one_based ? protocol::generation::iggy_0_5 : protocol::generation::iggy_0_7;
    ids_ = partitions(static_cast<std::uint32_t>(1 + below(4)), one_based ? 1 : 0);
  }

  std::mt19937_64 random_;
  store::queue_limits limits_;
  replay_queue queue_;
  queue_model model_;
  std::array<double, action_count> weights_{};
  std::vector<handed_out> out_;
  std::vector<protocol::partition_id> ids_;
  protocol::generation generation_ = protocol::generation::iggy_0_7;
  store::sequence_number pushed_ = 0;
  std::size_t taken_ = 0;
};

TEST_CASE("The queue does what a plain list of events would do", "[replay_queue][model]") {
  constexpr std::size_t runs = 100;
  constexpr std::size_t steps = 2'500;
  std::size_t taken = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    const std::uint64_t seed = random_seed() + run;
    model_run both(seed);
    std::size_t step = 0;
    try {
      for (; step < steps; ++step) both.step();
    } catch (const model_mismatch& mismatch) {
      FAIL("VIBES_TEST_SEED=" << seed << ", step " << step << ": " << mismatch.what());
    }
    taken += both.taken();
  }
  // The runs must not spend themselves on actions that had nothing to act on.
  CHECK(taken > runs * steps / 50);
}

}  // namespace
}  // namespace vibes::test
