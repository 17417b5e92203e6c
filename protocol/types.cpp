#include "protocol/types.hpp"

namespace vibes::protocol {

std::string_view to_string(generation gen) noexcept {
  switch (gen) {
    case generation::classic_0_4: return "0.4";
    case generation::classic_0_5: return "0.5";
    case generation::classic_0_6: return "0.6";
    case generation::classic_0_7: return "0.7-0.8";
    case generation::vsr_0_11: return "0.9";
    case generation::vsr_0_12: return "0.10";
  }
  return "unknown";
}

}  // namespace vibes::protocol
