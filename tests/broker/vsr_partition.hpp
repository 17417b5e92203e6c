#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace vibes::broker {

/// As a client named itself: 16 bytes, never all zero.
using client_id = std::array<std::uint64_t, 2>;

/// A client's requests to one partition that were carried out, newest 128; docs/wire.md.
class applied_requests {
 public:
  static constexpr std::uint64_t window = 128;

  enum class standing : std::uint8_t { fresh, applied, too_old };
  standing of(std::uint64_t request) const;
  /// The base offset that was answered; nothing for one that was not a send.
  std::optional<std::uint64_t> answer_to(std::uint64_t request) const;
  void remember(std::uint64_t request, std::optional<std::uint64_t> base_offset);

 private:
  std::map<std::uint64_t, std::optional<std::uint64_t>> answers_;
};

/// What a batch says of its producer, bytes 52 to 71 of its header.
struct producer_claim {
  std::uint64_t id = 0;
  std::uint16_t epoch = 0;
  std::uint32_t base_sequence = 0;
};

/// One producer's standing in a partition: its epoch, and what it wrote last.
class producer_state {
 public:
  static constexpr std::size_t batches_remembered = 5;
  static constexpr std::uint64_t sequences = std::uint64_t{1} << 31;

  enum class judgement : std::uint8_t { next, repeated, out_of_order, fenced };
  judgement judge(const producer_claim& claim, std::uint32_t count) const;
  /// The base offset of the batch that this one repeats.
  std::uint64_t repeated_at(const producer_claim& claim) const;
  void remember(const producer_claim& claim, std::uint32_t count, std::uint64_t base_offset);

 private:
  struct written {
    std::uint32_t base_sequence;
    std::uint32_t count;
    std::uint64_t base_offset;
  };
  std::uint16_t epoch_ = 0;
  std::uint32_t next_sequence_ = 0;
  std::deque<written> last_;
};

/// What a VSR server knows of a partition beside its records.
struct vsr_partition {
  static constexpr std::size_t clients_max = 10'000;
  static constexpr std::size_t producers_max = 10'000;

  /// The client's requests so far. Above `clients_max` some other client is forgotten.
  applied_requests& requests_of(const client_id&);

  std::uint64_t op = 0;           // of its own log: sends and offset writes
  std::uint64_t incarnation = 0;  // 0: nobody has asked yet
  std::uint32_t view = 0;
  std::uint8_t primary = 0;
  std::map<client_id, applied_requests> applied;
  std::map<std::uint64_t, producer_state> producers;
};

}  // namespace vibes::broker
