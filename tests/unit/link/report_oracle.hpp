#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "daemon/store/outbox.hpp"

namespace vibes::test {

/// A promise of the code under test did not hold.
struct broken_promise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void promise(bool kept, const std::string& what) {
  if (!kept) throw broken_promise(what);
}

/// A listener that writes down what it hears and refuses to hear of an event twice.
class report_oracle final : public store::delivery_listener {
 public:
  struct producer_line {
    std::uint32_t slot = 0;
    std::uint32_t epoch = 0;
    std::uint64_t line = 0;
    friend auto operator<=>(const producer_line&, const producer_line&) = default;
  };

  void report(const store::delivery_report& of) override {
    promise(!of.events.empty(), "a report was empty");
    for (const auto& [who, line] : of.events) {
      const producer_line whose{who.slot, who.epoch, line};
      switch (of.outcome) {
        case store::delivery_outcome::durable: note_durable(whose); break;
        case store::delivery_outcome::committed: note(whose, "committed"); break;
        case store::delivery_outcome::lost: note(whose, std::string(to_string(of.reason))); break;
      }
    }
  }
  void reported() override {
    unreported_ = 0;
    ++times_reported_;
  }

  /// "committed", the name of a loss, or "" while it is open. Of producer slot 0, epoch 0.
  std::string of_line(std::uint64_t line) const { return of({0, 0, line}); }
  std::string of(const producer_line& whose) const {
    const auto found = reports_.find(whose);
    return found == reports_.end() ? "" : found->second;
  }
  bool is_durable(std::uint64_t line) const { return durable_.contains({0, 0, line}); }
  std::size_t durable_count() const { return durable_.size(); }
  std::size_t size() const { return reports_.size(); }
  std::size_t times_reported() const { return times_reported_; }
  /// Fates that came after the last `reported`: their producers would not be answered.
  std::size_t unreported() const { return unreported_; }

 private:
  void note_durable(const producer_line& whose) {
    promise(whose.slot != store::producer_ref::nobody, "nobody wants to know what is durable");
    promise(durable_.insert(whose).second, "durable was told twice");
  }
  void note(const producer_line& whose, const std::string& fate) {
    promise(whose.slot != store::producer_ref::nobody, "a fate was told to nobody");
    promise(reports_.emplace(whose, fate).second, "a fate was told twice");
    ++unreported_;
  }

  std::set<producer_line> durable_;
  std::map<producer_line, std::string> reports_;
  std::size_t unreported_ = 0;
  std::size_t times_reported_ = 0;
};

/// The sum rule, at every moment (store/loss_ledger.hpp).
inline bool sums_up(const store::outbox& box) {
  const store::outbox_counters& counted = box.counters();
  return counted.received_events + box.journal().status().counters.recovered_events ==
         counted.committed_events + box.queued_events() + box.losses().total() +
             counted.left_on_disk_events;
}

}  // namespace vibes::test
