#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vibes::config {

/// The known name that is closest to what was typed, or nothing when none is close enough to be
/// meant. Of equally close ones it is the first.
const std::string* nearest_name(std::string_view typed, const std::vector<std::string>& known);

/// The known name that is closest to what was typed, when it is close enough to be meant:
/// " (did you mean \"x\"?)", else nothing.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);

}  // namespace vibes::config
