#pragma once

namespace vibes::test {

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
