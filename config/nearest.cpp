#include "config/nearest.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace vibes::config {
namespace {

/// How many slips make one word of the other: a letter left out, added, or typed for another, or
/// two neighbours swapped. What is typed may also be a beginning of the known name, with slips of
/// its own: all that is left out then ("linger" for "linger_ms") counts as one slip.
std::size_t slips(std::string_view typed, std::string_view known) {
  using row = std::vector<std::size_t>;
  std::array<row, 3> rows = {row(known.size() + 1), row(known.size() + 1), row(known.size() + 1)};
  std::iota(rows[1].begin(), rows[1].end(), std::size_t{0});
  for (std::size_t i = 0; i < typed.size(); ++i) {
    auto& [before, above, now] = rows;
    now[0] = i + 1;
    for (std::size_t j = 0; j < known.size(); ++j) {
      const std::size_t replaced = above[j] + (typed[i] == known[j] ? 0 : 1);
      now[j + 1] = std::min({replaced, above[j + 1] + 1, now[j] + 1});
      const bool swapped = i > 0 && j > 0 && typed[i] == known[j - 1] && typed[i - 1] == known[j];
      if (swapped) now[j + 1] = std::min(now[j + 1], before[j - 1] + 1);
    }
    std::rotate(rows.begin(), rows.begin() + 1, rows.end());
  }
  const row& last = rows[1];
  constexpr std::size_t beginning_min = 3;
  if (typed.size() < beginning_min) return last.back();
  return std::min(last.back(), *std::ranges::min_element(last) + 1);
}

}  // namespace

const std::string* nearest_name(std::string_view typed, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, typed.size() / 3) + 1;
  for (const std::string& each : known) {
    const std::size_t distance = slips(typed, each);
    if (distance < least) {
      least = distance;
      nearest = &each;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
  const std::string* const nearest = nearest_name(typed, known);
  return nearest == nullptr ? std::string() : " (did you mean \"" + *nearest + "\"?)";
}

}  // namespace vibes::config
