#include "tests/fuzz/handshake_input.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/protocol/reply_support.hpp"

// Inputs in which servers of every generation say what they say, and some that they do not.

namespace vibes::test {
namespace {

using namespace protocol;

constexpr std::size_t frames_of_a_seed = 16;

/// One known reply as it is.
void append_known(frame_bytes& input, generation gen, std::uint8_t which) {
  append_number(input, static_cast<std::uint8_t>(gen));
  append_number(input, which);
  append_number<std::uint8_t>(input, 0);
}

/// Every frame is the same `which` of what the generation answers.
frame_bytes all_known_seed(const char* plan, generation gen, std::uint8_t which) {
  frame_bytes input = from_hex(plan);
  for (std::size_t i = 0; i < frames_of_a_seed; ++i) append_known(input, gen, which);
  return input;
}

void append_status(frame_bytes& input, generation gen, std::uint16_t status) {
  append_number(input, static_cast<std::uint8_t>(static_cast<unsigned>(gen) |
                                                 static_cast<unsigned>(frame_form::status) << 3));
  append_number(input, status);
}

void append_payload(frame_bytes& input, generation gen, const frame_bytes& payload) {
  append_number(input, static_cast<std::uint8_t>(static_cast<unsigned>(gen) |
                                                 static_cast<unsigned>(frame_form::payload) << 3));
  append_number(input, static_cast<std::uint16_t>(payload.size()));
  input.insert(input.end(), payload.begin(), payload.end());
}

void append_all(frame_bytes& input, const frame_bytes& more) {
  input.insert(input.end(), more.begin(), more.end());
}

/// A ping, a login, the given frames in the middle, and then known replies: the first of each
/// command may say that there is nothing, so further ones too.
void add_with_middle(std::vector<frame_bytes>& seeds, generation gen, const frame_bytes& middle) {
  for (const std::uint8_t which : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
    frame_bytes input = from_hex("07021f00");
    append_status(input, gen, 0);
    append_known(input, gen, which);
    append_all(input, middle);
    append_all(input, all_known_seed("", gen, which));
    seeds.push_back(std::move(input));
  }
}

/// The statistics and versions of 0.4 and 0.5, which no recording has.
void add_old_servers(std::vector<frame_bytes>& seeds) {
  frame_bytes stats;
  append_payload(stats, generation::iggy_0_5, stats_payload("0.5.0"));
  add_with_middle(seeds, generation::iggy_0_5, stats);
  stats.clear();
  append_payload(stats, generation::iggy_0_4, stats_beginning(5, "host"));
  add_with_middle(seeds, generation::iggy_0_4, stats);
}

/// Statistics refused, a cluster told of, and what the probe for a message layout may meet.
void add_refused_statistics(std::vector<frame_bytes>& seeds) {
  constexpr std::uint16_t answers[] = {4036, 1009, 1010};
  for (const std::uint16_t probed : answers) {
    frame_bytes refused;
    append_status(refused, generation::iggy_0_7, 41);
    append_known(refused, generation::iggy_0_7, 0);
    append_status(refused, generation::iggy_0_7, probed);
    add_with_middle(seeds, generation::iggy_0_7, refused);
  }
}

}  // namespace

std::vector<frame_bytes> handshake_seeds() {
  std::vector<frame_bytes> seeds;
  // Nothing is wanted; detected is nothing, or what the generation shows of itself.
  for (const std::uint8_t which : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
    for (const generation gen :
         {generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6, generation::iggy_0_7}) {
      seeds.push_back(all_known_seed("07020700", gen, which));
      seeds.push_back(all_known_seed("17020700", gen, which));
    }
    for (const char* plan : {"27060700", "27060702", "24020700"}) {
      seeds.push_back(all_known_seed(plan, generation::iggy_0_9, which));
    }
    for (const char* plan : {"2f060700", "2f060702", "2f020700", "2f160702", "2f1e0702"}) {
      seeds.push_back(all_known_seed(plan, generation::iggy_0_10, which));
    }
  }
  add_old_servers(seeds);
  add_refused_statistics(seeds);
  return seeds;
}

}  // namespace vibes::test
