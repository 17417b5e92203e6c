#pragma once

#include <span>
#include <stdexcept>
#include <string_view>

#include "protocol/codec.hpp"
#include "tests/support/recording.hpp"

// What takes bytes from elsewhere, in the form that libFuzzer (fuzz_main.cpp) and the replay in the
// normal test run (replay_test.cpp) both call.

namespace vibes::test {

using protocol::const_bytes;

/// A promise that an input broke. Thrown: it ends the fuzzer, and the replay names the input.
struct finding : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void promise(bool kept, const char* what) {
  if (!kept) throw finding(what);
}

struct fuzz_target {
  std::string_view name;
  /// Any input at all; throws a finding. Keeps nothing from one input to the next.
  void (*run)(const_bytes input);
  /// Inputs of the real thing, to start from.
  std::vector<frame_bytes> (*seeds)();
};

std::span<const fuzz_target> fuzz_targets();

// One for each generation's codec: see reply_target.cpp for what an input is, and so on.
template <protocol::generation>
void run_replies(const_bytes input);
template <protocol::generation>
std::vector<frame_bytes> reply_seeds();

void run_handshake(const_bytes input);
std::vector<frame_bytes> handshake_seeds();

void run_probe(const_bytes input);
std::vector<frame_bytes> probe_seeds();

void run_lines(const_bytes input);
std::vector<frame_bytes> line_seeds();

void run_events(const_bytes input);
std::vector<frame_bytes> event_seeds();

void run_recovery(const_bytes input);
std::vector<frame_bytes> recovery_seeds();

}  // namespace vibes::test
