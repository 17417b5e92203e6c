#include <algorithm>

#include "tests/fuzz/reply_checks.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

// An input is a byte that says what was asked and what the other bytes are: received as they stand,
// or (so that lengths need not be guessed) a payload, or a frame whose length is put right.

namespace vibes::test {
namespace {

using namespace protocol;

constexpr command commands[] = {
    command::ping,          command::get_stats,
    command::logout,        command::get_cluster_metadata,
    command::bind_session,  command::login_with_password,
    command::get_stream,    command::login_with_token,
    command::create_stream, command::get_consumer_offset,
    command::get_topic,     command::store_consumer_offset,
    command::create_topic,  command::get_partition_route,
    command::poll_messages, command::send_messages,
};
static_assert(std::size(commands) == 16);
constexpr unsigned command_mask = 0x0f;
constexpr unsigned is_payload = 0x80;
constexpr unsigned length_put_right = 0x40;

constexpr std::size_t frame_size_max = 1024 * 1024;
constexpr std::size_t small_frame_size_max = 300;

std::byte choice_of(command asked, unsigned form) {
  const auto* const at = std::ranges::find(commands, asked);
  return static_cast<std::byte>(static_cast<unsigned>(at - std::begin(commands)) | form);
}

frame_bytes frame_of(generation gen, command asked, unsigned form, const_bytes rest) {
  frame_bytes bytes(rest.begin(), rest.end());
  if ((form & is_payload) != 0) {
    return is_vsr(gen) ? vsr_reply_frame(asked, bytes) : reply_frame(0, bytes);
  }
  if ((form & length_put_right) != 0 && bytes.size() >= header_size_of(gen)) {
    set_number(bytes, length_at(gen), length_of(gen, bytes.size()));
  }
  return bytes;
}

frame_bytes seed_of(std::byte choice, const_bytes rest) {
  // Made in its full size: GCC 12 warns of an insertion that would move what is not there.
  frame_bytes input(1 + rest.size(), choice);
  std::ranges::copy(rest, input.begin() + 1);
  return input;
}

}  // namespace

template <generation Gen>
void run_replies(const_bytes input) {
  if (input.empty()) return;
  const auto choice = std::to_integer<unsigned>(input.front());
  const command asked = commands[choice & command_mask];
  const exact_bytes bytes(frame_of(Gen, asked, choice, input.subspan(1)));
  static const std::unique_ptr<codec> wire = codec_of(Gen);

  check_need(*wire, bytes.view(), small_frame_size_max);
  const std::size_t first = check_need(*wire, bytes.view(), frame_size_max);
  check_decode(*wire, asked, bytes.view());
  if (first == bytes.view().size()) return;
  // As a connection takes them: one behind the other.
  const_bytes left = bytes.view();
  for (std::size_t size = first; size != 0; size = check_need(*wire, left, frame_size_max)) {
    check_decode(*wire, asked, left.first(size));
    left = left.subspan(size);
  }
}

template <generation Gen>
std::vector<frame_bytes> reply_seeds() {
  std::vector<frame_bytes> seeds;
  const std::size_t header = header_size_of(Gen);
  for (const known_reply& each : known_replies()) {
    if (each.gen != Gen) continue;
    seeds.push_back(seed_of(choice_of(each.asked, 0), each.frame));
    seeds.push_back(seed_of(choice_of(each.asked, length_put_right), each.frame));
    seeds.push_back(
        seed_of(choice_of(each.asked, is_payload), const_bytes(each.frame).subspan(header)));
  }
  if (is_vsr(Gen)) seeds.push_back(seed_of(choice_of(command::ping, 0), eviction_frame(14, 9, 8)));
  return seeds;
}

template void run_replies<generation::iggy_0_4>(const_bytes);
template void run_replies<generation::iggy_0_5>(const_bytes);
template void run_replies<generation::iggy_0_6>(const_bytes);
template void run_replies<generation::iggy_0_7>(const_bytes);
template void run_replies<generation::iggy_0_9>(const_bytes);
template void run_replies<generation::iggy_0_10>(const_bytes);
template std::vector<frame_bytes> reply_seeds<generation::iggy_0_4>();
template std::vector<frame_bytes> reply_seeds<generation::iggy_0_5>();
template std::vector<frame_bytes> reply_seeds<generation::iggy_0_6>();
template std::vector<frame_bytes> reply_seeds<generation::iggy_0_7>();
template std::vector<frame_bytes> reply_seeds<generation::iggy_0_9>();
template std::vector<frame_bytes> reply_seeds<generation::iggy_0_10>();

}  // namespace vibes::test
