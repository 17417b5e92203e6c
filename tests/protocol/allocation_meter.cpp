#include "tests/protocol/allocation_meter.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t largest_allocation = 0;

}  // namespace

// Every form is replaced, as sanitizers have their own of each and tell them apart. All of them
// still go through malloc, which sanitizers watch.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  largest_allocation = std::max(largest_allocation, size);
  return std::malloc(std::max<std::size_t>(size, 1));
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

}  // namespace vibes::test
