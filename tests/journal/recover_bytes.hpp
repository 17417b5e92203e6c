#pragma once

#include "protocol/codec.hpp"

namespace vibes::test {

/// The entry point for fuzzing: a directory with these bytes as its only segment is opened, read
/// back, written to and opened again. Aborts, or throws, when a promise is broken; never for bytes.
/// The first byte decides whether the rest gets a proper header and checksums that verify.
void recover_bytes(protocol::const_bytes input);

}  // namespace vibes::test
