#include "daemon/store/delivery_report.hpp"

namespace vibes::store {

void delivery_reporter::add(delivery_outcome outcome, loss_reason reason,
                            const producer_line& event) {
  if (outcome != outcome_ || reason != reason_ || added_.size() == events_max) report_added();
  outcome_ = outcome;
  reason_ = reason;
  added_.push_back(event);
}

void delivery_reporter::report_added() {
  if (added_.empty()) return;
  listener_.report({outcome_, reason_, added_});
  added_.clear();
}

}  // namespace vibes::store
