#pragma once

#include <exception>
#include <iostream>
#include <new>

#include "config/exit_code.hpp"

namespace vibes::command {

/// What `body` gives, or `failed` when an exception leaves it, which is told on standard error. An
/// exception is not a way to end here: errors that are met in use have values and codes.
template <class Body>
int guarded(Body&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    std::cerr << "vibes-ingestd: out of memory\n";
    return to_int(config::exit_code::failed);
  } catch (const std::exception& odd) {
    std::cerr << "vibes-ingestd: something unexpected: " << odd.what() << "\n";
    return to_int(config::exit_code::failed);
  } catch (...) {
    std::cerr << "vibes-ingestd: something unexpected\n";
    return to_int(config::exit_code::failed);
  }
}

}  // namespace vibes::command
