#pragma once

#include "protocol/codec.hpp"

namespace vibes::test {

/// What a codec promises about received bytes, whatever they are. Throws a finding where it does
/// not hold. The bytes should stand in a buffer of exactly their size.

/// Sizes are bounded by what came and by the limit, and no longer beginning is judged otherwise.
/// Gives the size of the whole frame at the front, or 0.
std::size_t check_need(const protocol::codec&, std::span<const std::byte> buffered,
                       std::size_t frame_size_max);

/// An error of the wire or of an eviction, or a sound value; and no memory that the frame's size
/// does not explain.
void check_decode(const protocol::codec&, protocol::command asked,
                  std::span<const std::byte> frame);

}  // namespace vibes::test
