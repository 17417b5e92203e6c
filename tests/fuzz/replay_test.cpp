#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/fuzz/handshake_input.hpp"
#include "tests/fuzz/mutation.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/seed.hpp"

// The fuzzers' targets without a fuzzer: every seed, every input that once broke a promise (the
// folder `found`), and random damage to both. docs/testing.md, "Fuzzing".

namespace vibes::test {
namespace {

constexpr std::size_t damaged_inputs = 50'000;  // of each target

void run(const fuzz_target& target, const frame_bytes& input) {
  try {
    target.run(input);
  } catch (const finding& what) {
    FAIL(target.name << ": not so: " << what.what() << ", with " << to_hex(input));
  }
}

/// found/TARGET.WHAT.hex: one input, in hex, on the first line.
std::vector<frame_bytes> found_inputs(const fuzz_target& target) {
  std::vector<frame_bytes> all;
  const std::filesystem::path folder = VIBES_SOURCE_DIR "/tests/fuzz/found";
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    if (!each.path().filename().string().starts_with(std::string(target.name) + ".")) continue;
    std::ifstream file(each.path());
    std::string hex;
    std::getline(file, hex);
    CAPTURE(each.path().string());
    REQUIRE_FALSE(hex.empty());
    all.push_back(from_hex(hex));
  }
  return all;
}

void replay(const fuzz_target& target) {
  std::vector<frame_bytes> inputs = target.seeds();
  CAPTURE(target.name);
  REQUIRE(inputs.size() > 5);
  for (frame_bytes& each : found_inputs(target)) inputs.push_back(std::move(each));
  inputs.emplace_back();
  for (const frame_bytes& each : inputs) run(target, each);

  mutator damage(random_seed());
  for (std::size_t i = 0; i < damaged_inputs; ++i) {
    const frame_bytes& one = inputs[damage.below(inputs.size())];
    const frame_bytes& other = inputs[damage.below(inputs.size())];
    run(target, damage.damaged(one, other));
  }
}

void replay(std::initializer_list<std::string_view> names) {
  const auto all = fuzz_targets();
  for (const std::string_view name : names) {
    const auto target = std::ranges::find(all, name, &fuzz_target::name);
    REQUIRE(target != all.end());
    replay(*target);
  }
}

TEST_CASE("The handshake's seeds lead to each of its ends", "[fuzz]") {
  using protocol::handshake;
  std::set<protocol::generation> finished;
  std::size_t redirected = 0;
  std::size_t failed = 0;
  for (const frame_bytes& each : handshake_seeds()) {
    const handshake::step last = checked_handshake(each);
    if (const auto* end = std::get_if<handshake::finished>(&last))
      finished.insert(end->outcome.gen);
    redirected += std::holds_alternative<handshake::redirected>(last);
    failed += std::holds_alternative<handshake::failed>(last);
  }
  CHECK(finished.size() == 6);
  CHECK(redirected > 0);
  CHECK(failed > 0);
}

TEST_CASE("Replies of servers 0.4 to 0.8, damaged, break no promise", "[fuzz][random]") {
  replay({"replies_0_4", "replies_0_5", "replies_0_6", "replies_0_7"});
}

TEST_CASE("Replies of servers 0.9 and 0.10, damaged, break no promise", "[fuzz][random]") {
  replay({"replies_0_9", "replies_0_10"});
}

TEST_CASE("What is said in a handshake, damaged, breaks no promise", "[fuzz][random]") {
  replay({"handshake"});
}

TEST_CASE("Answers to a version probe, damaged, break no promise", "[fuzz][random]") {
  replay({"probe"});
}

TEST_CASE("What producers write, damaged, breaks no promise", "[fuzz][random]") {
  replay({"lines", "events"});
}

TEST_CASE("A journal's directory, damaged, breaks no promise", "[fuzz][random]") {
  replay({"recovery"});
}

}  // namespace
}  // namespace vibes::test
