#include "config/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace vibes::config {
namespace {

std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, typed.size() / 3) + 1;
  for (const std::string& each : known) {
    // "linger" for "linger_ms" is a forgotten unit, whatever its edit distance.
    const bool prefix = typed.size() >= 3 && each.starts_with(typed);
    const std::size_t distance = prefix ? 1 : edit_distance(typed, each);
    if (distance < least) {
      least = distance;
      nearest = &each;
    }
  }
  return nearest == nullptr ? std::string() : " (did you mean \"" + *nearest + "\"?)";
}

}  // namespace vibes::config
