#pragma once

#include "protocol/classic/layout.hpp"
#include "protocol/types.hpp"

namespace vibes::protocol::classic {

/// What differs between the classic generations on the wire (docs/wire.md, "Classic generations").
struct dialect {
  generation gen;
  bool headers_first;       // 0.4: user headers before the payload, no index, no count
  bool client_numbers;      // before 0.6: creating carries an id (0: the server's choice), and a
                            // partition is a plain number
  std::size_t header_size;  // what a message adds to its payload, without its index entry
};

constexpr dialect dialect_of(generation gen) noexcept {
  switch (gen) {
    case generation::iggy_0_4: return {gen, true, true, headers_first_size};
    case generation::iggy_0_5: return {gen, false, true, message_header::size_0_6};
    case generation::iggy_0_6: return {gen, false, false, message_header::size_0_6};
    case generation::iggy_0_7:
    case generation::iggy_0_9:
    case generation::iggy_0_10: break;
  }
  return {gen, false, false, message_header::size_0_7};
}

}  // namespace vibes::protocol::classic
