#pragma once

#include <exception>
#include <new>
#include <string>

#include "config/exit_code.hpp"
#include "daemon/cli/complaint.hpp"

namespace vibes::cli {

/// What `body` gives, or `failed` when an exception leaves it, which is told on standard error. An
/// exception is not a way to end here: errors that are met in use have values and codes.
template <class Body>
int guarded(Body&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    complain("vibes-ingestd: out of memory");
    return to_int(config::exit_code::failed);
  } catch (const std::exception& odd) {
    complain("vibes-ingestd: something unexpected: " + std::string(odd.what()));
    return to_int(config::exit_code::failed);
  } catch (...) {
    complain("vibes-ingestd: something unexpected");
    return to_int(config::exit_code::failed);
  }
}

}  // namespace vibes::cli
