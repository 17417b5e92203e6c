#include "tests/broker/misbehaviour.hpp"

#include <algorithm>

namespace vibes::broker {

void misbehaviour::answer(std::uint32_t code, command of, std::uint64_t count) {
  if (count != 0) answers_.push_back({of, code, count});
}

misbehaviour::plan misbehaviour::for_request(command asked, bytes_view body) {
  if (set.stall) return {fate::swallow, 0};
  if (set.garbage) return {fate::answer_garbage, 0};
  const bool refused = asked == command::send_messages && !set.refused_text.empty() &&
                       as_text(body).find(set.refused_text) != std::string_view::npos;
  if (refused) return {fate::answer_status, set.refused_code};
  const auto found = std::ranges::find(answers_, asked, &scripted::of);
  if (found == answers_.end()) return {};
  const plan planned{fate::answer_status, found->code};
  if (--found->left == 0) answers_.erase(found);
  return planned;
}

bool misbehaviour::cuts_this_store() {
  return sends_left_ != 0 && --sends_left_ == 0;
}

misbehaviour::allowance misbehaviour::pass(std::optional<std::uint64_t>& left, std::size_t count) {
  if (!left) return {count, false};
  if (count < *left) {
    *left -= count;
    return {count, false};
  }
  const auto passed = static_cast<std::size_t>(*left);
  left.reset();
  return {passed, true};
}

}  // namespace vibes::broker
