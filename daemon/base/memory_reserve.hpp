#pragma once

#include <cstddef>

namespace vibes {

/// Keeps 4 MiB of memory for the time when there is no other, so that the process can end in order:
/// the first allocation that fails gets it, and `memory_is_out()` says so from then on. What fails
/// after that is std::bad_alloc. To be called once, before there are threads.
void keep_memory_reserve();
bool memory_is_out() noexcept;

/// While one lives, an allocation of this thread that fails throws at once and leaves the reserve
/// alone: whoever made it can do without.
class may_run_out {
 public:
  may_run_out() noexcept;
  ~may_run_out();
  may_run_out(const may_run_out&) = delete;
  may_run_out& operator=(const may_run_out&) = delete;
};

/// Whether the system would give so many bytes now. Costs two system calls.
bool memory_is_left(std::size_t bytes) noexcept;

}  // namespace vibes
