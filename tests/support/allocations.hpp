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

/// While one lives, allocations with `new` fail in this program, but for the first few. One at a
/// time, in one thread.
class failing_allocations {
 public:
  explicit failing_allocations(int after) noexcept;
  ~failing_allocations();
  failing_allocations(const failing_allocations&) = delete;
  failing_allocations& operator=(const failing_allocations&) = delete;

  /// Whether one was asked for that failed.
  bool one_failed() const noexcept;
};

}  // namespace vibes::test
