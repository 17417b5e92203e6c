#include "tests/upstream/failing_allocations.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

bool failing = false;
int left = 0;
bool failed = false;

bool fails_now() {
  if (!failing || left-- > 0) return false;
  failed = true;
  return true;
}

}  // namespace

// As in tests/protocol/allocation_meter.cpp: every form, over malloc.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
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
