#include <random>

#include "tests/support/seed.hpp"
#include "tests/unit/cli/send_exchange_support.hpp"

namespace vibes::test {
namespace {

/// The daemon's side: counts lines, and answers as it likes.
struct random_daemon {
  std::string heard;
  std::uint64_t lines = 0;
  std::uint64_t answered = 0;
  bool text = false;

  void hear(std::string_view bytes) {
    heard += bytes;
    for (const char each : bytes) {
      if (each == '\n') lines += std::exchange(text, false) ? 1 : 0;
      if (each != '\n' && each != ' ') text = true;
    }
  }
};

TEST_CASE("Whatever comes in whatever pieces, all of it goes out and is answered",
          "[send_exchange]") {
  std::mt19937_64 random(random_seed());
  const auto up_to = [&](std::size_t most) {
    return static_cast<std::size_t>(random() % (most + 1));
  };
  for (int round = 0; round < 30; ++round) {
    std::string input;
    for (std::size_t i = up_to(5'000); i > 0; --i) {
      input += std::string(up_to(3), ' ') + std::string(up_to(20) * (random() % 2), 'x');
      if (i > 1 || random() % 2 == 0) input += '\n';
    }
    exchange_with at("received");
    at.greet();
    random_daemon daemon;
    std::string_view left = input;
    for (int step = 0; !at.it.ended(); ++step) {
      REQUIRE(step < 1'000'000);
      at.now += 1ms;
      if (at.it.wants_input() && random() % 3 == 0) {
        const std::string_view piece = left.substr(0, up_to(3'000));
        left.remove_prefix(piece.size());
        at.it.input(piece, at.now);
        if (left.empty()) at.it.input_ended(at.now);
      }
      const std::string_view out = at.it.output().substr(0, up_to(2'000));
      daemon.hear(out);
      at.it.wrote(out.size(), at.now);
      REQUIRE(daemon.lines - daemon.answered <= send_exchange::window_lines_max);
      if (at.it.closes_writing()) at.it.writing_closed(at.now);
      if (daemon.answered < daemon.lines && random() % 4 == 0) {
        daemon.answered += 1 + up_to(daemon.lines - daemon.answered - 1);
        at.it.received(ack(daemon.answered), at.now);
      }
      if (at.it.deadline() == std::nullopt) continue;
      const bool all = left.empty() && at.it.output().empty() && !at.it.closes_writing();
      if (all && daemon.answered == daemon.lines) at.it.closed_by_daemon();
    }
    CHECK(at.it.verdict().ok());
    CHECK(daemon.heard == (input.empty() || input.ends_with('\n') ? input : input + "\n"));
  }
}

}  // namespace
}  // namespace vibes::test
