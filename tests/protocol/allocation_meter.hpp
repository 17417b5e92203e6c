#pragma once

#include <cstddef>

namespace vibes::test {

/// The largest single allocation with `new` since the meter was made, in this program. One meter at
/// a time.
class allocation_meter {
 public:
  allocation_meter() noexcept;
  std::size_t largest() const noexcept;
};

}  // namespace vibes::test
