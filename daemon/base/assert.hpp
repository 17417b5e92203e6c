#pragma once

#include <cstdio>
#include <cstdlib>

/// A broken invariant is our bug: the program says where and stops, in release builds too, because
/// going on with wrong state can lose events silently, and the service manager restarts us.
#define VIBES_ASSERT(expression)                        \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::vibes::assertion_failed(#expression, __FILE__, __LINE__))

namespace vibes {

[[noreturn]] inline void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "<2>broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace vibes
