#include "protocol/types.hpp"

namespace vibes::protocol {

std::string_view to_string(generation gen) noexcept {
  switch (gen) {
    case generation::iggy_0_4: return "0.4";
    case generation::iggy_0_5: return "0.5";
    case generation::iggy_0_6: return "0.6";
    case generation::iggy_0_7: return "0.7-0.8";
    case generation::iggy_0_9: return "0.9";
    case generation::iggy_0_10: return "0.10";
  }
  return "unknown";
}

}  // namespace vibes::protocol
