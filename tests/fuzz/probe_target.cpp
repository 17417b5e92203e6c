#include <algorithm>

#include "protocol/error.hpp"
#include "protocol/version_probe.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

// An input is what a server sent to a version probe.

namespace vibes::test {
namespace {

using namespace protocol;
using answer = std::optional<result<detection>>;

constexpr std::size_t decided_at_latest = 256;

void check_window(const version_window& window) {
  promise(0 < window.min && window.min <= window.max, "a window has its ends in order");
  promise(!to_string(window).empty(), "a window can be told");
  const auto chosen = choose_version(window);
  if (!chosen) return;
  promise(window.min <= chosen->protocol_version && chosen->protocol_version <= window.max,
          "a chosen version is one that the server accepts");
  const std::uint32_t ours = chosen->gen == generation::iggy_0_10 ? protocol_0_12 : protocol_0_11;
  promise(chosen->protocol_version >> 10 == ours >> 10, "a chosen version is of its generation");
}

answer checked_answer(const_bytes received) {
  const exact_bytes bytes(received);
  const answer got = read_probe_answer(bytes.view());
  if (!got) {
    promise(received.size() < decided_at_latest, "a header's size is enough to decide");
  } else if (!*got) {
    const bool is_tls = begins_like_tls(bytes.view());
    promise(got->error() == (is_tls ? wire_errc::login_withheld : wire_errc::malformed),
            "what is not Iggy's is malformed, or gets no login because it begins like TLS");
  } else if ((*got)->window) {
    promise((*got)->family == server_family::vsr, "only these servers have a window");
    check_window(*(*got)->window);
  }
  return got;
}

bool same(const answer& one, const answer& other) {
  if (one->has_value() != other->has_value()) return false;
  if (!one->has_value()) return one->error() == other->error();
  return (*one)->family == (*other)->family && (*one)->window == (*other)->window;
}

}  // namespace

void run_probe(const_bytes input) {
  const answer whole = checked_answer(input);
  for (const std::size_t size : {0U, 7U, 8U, 61U, 255U, 256U, 257U}) {
    const answer earlier = checked_answer(input.first(std::min<std::size_t>(size, input.size())));
    if (earlier) promise(whole && same(earlier, whole), "a decision stands whatever follows");
  }
  const exact_bytes frame(input);
  if (const auto window = window_of_eviction(frame.view())) check_window(*window);
}

std::vector<frame_bytes> probe_seeds() {
  constexpr std::uint32_t patch = 7;
  return {eviction_frame(14, protocol_0_12, protocol_0_11),
          eviction_frame(14, protocol_0_12 + patch, protocol_0_12),
          eviction_frame(14, protocol_0_11, protocol_0_11),
          eviction_frame(14, 0, 0),
          eviction_frame(13),
          vsr_reply_frame(command::login_with_password, no_rejection()),
          frame_bytes(8),
          from_hex("0300000000000000"
                   "0300000000000000"),
          text_bytes("HTTP/1.1 400 Bad Request\r\n")};
}

}  // namespace vibes::test
