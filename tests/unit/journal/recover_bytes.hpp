#pragma once

#include <vector>

#include "protocol/codec.hpp"

namespace vibes::test {

/// The entry point for fuzzing: a directory with these bytes as its segments is opened twice, read
/// back, written to and opened again. Throws when a promise is broken; never for bytes.
///
/// The first byte is a directory_form, by its lowest bit. Then come the segments, in the order of
/// their ids from 1 on, at most 8 of them: each is a size of 2 bytes, little-endian, and as many
/// bytes, or what is left.
void recover_bytes(protocol::const_bytes input);

enum class directory_form : std::uint8_t {
  as_it_is,
  sealed,  // headers are put in front, and the records get the checksums that they need
};

/// The input of recover_bytes for these segments. Those that are to be sealed lose their headers.
protocol::byte_vector directory_input(directory_form, const std::vector<protocol::byte_vector>&);

}  // namespace vibes::test
