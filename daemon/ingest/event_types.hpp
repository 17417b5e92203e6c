#pragma once

#include <string_view>

namespace vibes::ingest {

struct event_type {
  std::string_view name;
  bool needs_session = false;
};

/// The VibesEvent type of this name, or none. Both generations of the type list are known.
const event_type* find_event_type(std::string_view name) noexcept;

}  // namespace vibes::ingest
