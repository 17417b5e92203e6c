#pragma once

#include <memory>
#include <string>

#include "protocol/codec.hpp"
#include "tests/unit/protocol/recorded.hpp"

// Replies to take apart: the recorded ones and some that the recordings lack, written by hand.

namespace vibes::test {

/// A copy on the heap of exactly its size, so that a sanitizer sees the first byte read past it.
class exact_bytes {
 public:
  explicit exact_bytes(std::span<const std::byte> from)
      : bytes_(new std::byte[from.size()]), size_(from.size()) {
    if (size_ != 0) std::memcpy(bytes_.get(), from.data(), size_);
  }
  std::span<const std::byte> view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_;
};

struct known_reply {
  std::string what;
  protocol::generation gen;
  protocol::command asked;
  frame_bytes frame;
};

/// Every recorded reply, and get_stats, a stream with a topic, user headers, two cluster nodes; and
/// those of vsr_support.hpp.
std::vector<known_reply> known_replies();

/// A reply frame around a payload.
frame_bytes reply_frame(std::uint32_t status, const frame_bytes& payload = {});
frame_bytes text_bytes(std::string_view text);
template <class Number>
void append_number(frame_bytes& to, Number value) {
  to.resize(to.size() + sizeof value);
  set_number(to, to.size() - sizeof value, value);
}
void append_text(frame_bytes& to, std::string_view text);  // its length before it, u32

/// The payload of get_stats as servers 0.4 to 0.8 begin it, up to the kernel's version.
frame_bytes stats_beginning(std::uint64_t messages_count, std::string_view hostname);
/// The whole of it, as 0.5 and later have it.
frame_bytes stats_payload(std::string_view server_version);

/// Empty when every part of the value lies inside the frame and is in order; else what is wrong.
std::string flaw_of(const protocol::reply& decoded, std::span<const std::byte> frame);

}  // namespace vibes::test
