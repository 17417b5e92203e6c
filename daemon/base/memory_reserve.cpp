#include "daemon/base/memory_reserve.hpp"

#include <sys/mman.h>

#include <atomic>
#include <new>

namespace vibes {
namespace {

constexpr std::size_t reserve_bytes = 4 << 20;

std::atomic<void*> reserve = nullptr;
std::atomic<bool> is_out = false;
thread_local int running_out_is_expected = 0;
thread_local bool tried_again = false;

/// Straight from the system: what malloc keeps for itself would not be there for all threads.
void* map(std::size_t bytes) noexcept {
  void* const made =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return made == MAP_FAILED ? nullptr : made;
}

/// Returning makes `new` try again.
void give_reserve() {
  if (running_out_is_expected > 0) throw std::bad_alloc();
  if (void* const held = reserve.exchange(nullptr)) {
    ::munmap(held, reserve_bytes);
    is_out = true;
    return;
  }
  // Another thread may have given it just now.
  if (!is_out || tried_again) throw std::bad_alloc();
  tried_again = true;
}

}  // namespace

void keep_memory_reserve() {
  reserve = map(reserve_bytes);
  std::set_new_handler(give_reserve);
}

bool memory_is_out() noexcept {
  return is_out;
}

may_run_out::may_run_out() noexcept {
  ++running_out_is_expected;
}

may_run_out::~may_run_out() {
  --running_out_is_expected;
}

bool memory_is_left(std::size_t bytes) noexcept {
  void* const tried = map(bytes);
  if (tried != nullptr) ::munmap(tried, bytes);
  return tried != nullptr;
}

}  // namespace vibes
