#include "tests/support/allocations.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t largest_allocation = 0;
bool failing = false;
int left = 0;
bool failed = false;

bool fails_now() {
  if (!failing || left-- > 0) return false;
  failed = true;
  return true;
}

}  // namespace

// Every form is replaced, as sanitizers have their own of each and tell them apart. All of them
// still go through malloc, which sanitizers watch.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  largest_allocation = std::max(largest_allocation, size);
  return fails_now() ? nullptr : std::malloc(std::max<std::size_t>(size, 1));
}
void* operator new(std::size_t size) {
  if (void* const made = operator new(size, std::nothrow)) return made;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete(void* gone) noexcept {
  std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept {
  std::free(gone);
}
void operator delete(void* gone, const std::nothrow_t&) noexcept {
  std::free(gone);
}
void operator delete[](void* gone) noexcept {
  std::free(gone);
}
void operator delete[](void* gone, std::size_t) noexcept {
  std::free(gone);
}
void operator delete[](void* gone, const std::nothrow_t&) noexcept {
  std::free(gone);
}

namespace vibes::test {

allocation_meter::allocation_meter() noexcept {
  largest_allocation = 0;
}

std::size_t allocation_meter::largest() const noexcept {
  return largest_allocation;
}

failing_allocations::failing_allocations(int after) noexcept {
  left = after;
  failed = false;
  failing = true;
}

failing_allocations::~failing_allocations() {
  failing = false;
}

bool failing_allocations::one_failed() const noexcept {
  return failed;
}

}  // namespace vibes::test
