#pragma once

#include <map>
#include <random>
#include <set>

#include "tests/unit/link/vsr_simulation.hpp"

namespace vibes::test {

/// How a server misbehaves.
enum class manners : std::uint8_t {
  calm,     // not at all
  unlucky,  // within its protocol: replies are lost, sessions end, leaders move
  wild      // any status to any request
};

/// A server of 0.9 or 0.10, or several nodes of one cluster, that keeps the promises of
/// docs/wire.md ("Repeated requests", "Producer section") and otherwise does what it likes.
class rough_server {
 public:
  rough_server(generation gen, std::mt19937_64& random) : gen_(gen), random_(random) {}

  /// The frame that answers, or nothing: the reply is lost.
  std::optional<std::string> answer(const vsr_request&);
  std::size_t below(std::size_t end);
  bool one_in(std::size_t count) { return below(count) == 0; }

  manners now = manners::calm;
  std::vector<std::uint8_t> nodes{1};                          // the first leads the topology
  std::vector<std::uint8_t> leaders{1, 1, 1};                  // of each partition
  std::map<std::uint32_t, std::vector<std::uint64_t>> stored;  // lines of each partition
  std::set<std::uint64_t> refused;                             // lines that it would not have

 private:
  struct producer_place {
    std::uint32_t epoch = 0;
    std::uint32_t next = 0;
  };
  using receipt = std::pair<std::uint64_t, std::uint64_t>;  // session and number

  std::string answer_control(const vsr_request&);
  std::string answer_session(const vsr_request&);
  std::optional<std::string> answer_send(const vsr_send&);
  std::string store(const vsr_send&);
  std::uint32_t judge(const vsr_send&, bool& had_it);
  std::uint32_t some_status();

  generation gen_;
  std::mt19937_64& random_;
  std::set<std::uint64_t> sessions_;
  std::uint64_t last_session_ = 0;
  std::set<receipt> receipts_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, producer_place> producers_;
};

}  // namespace vibes::test
