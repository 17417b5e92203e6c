#pragma once

#include <string>
#include <string_view>

namespace vibes::test {

/// What Boost.JSON's tree of a line says that a lenient scanner has to make of it, as verdict_of
/// states it (scanner_support.hpp). The tree knows nothing of events, so what makes a line an event
/// is worked out from the whole of it. Stated differences:
///  - the tree's limit of nesting is set to the scanner's;
///  - a tree keeps the last of equal keys; the scanner refuses the three keys that decide;
///  - the scanner stops at the first thing it refuses, so of a line with several faults (another
///    value than an object, a key that stands twice, and broken JSON behind it) it names the first;
///    `scanner_says` is believed there.
std::string expected_verdict(std::string_view line, const std::string& scanner_says);

}  // namespace vibes::test
