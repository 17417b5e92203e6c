#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "daemon/consumer/consumer.hpp"
#include "protocol/error.hpp"
#include "tests/unit/consumer/iggy_simulation.hpp"

namespace vibes::test {

using namespace std::chrono_literals;

/// A topic of three partitions, and somebody connected to it.
struct reader_simulation {
  iggy_simulation simulation;
  consumer::iggy_client client;

  explicit reader_simulation(broker::generation speaks = broker::generation::iggy_0_8,
                             std::uint32_t partitions = 3)
      : simulation(speaks), client(simulation.settings(partitions)) {
    REQUIRE(client.connect() == error_code());
  }

  consumer::consumer named(const std::string& name,
                           std::vector<protocol::partition_id> partitions = {}) {
    return {client, {name, std::move(partitions)}};
  }
  /// So many messages "P:0", "P:1", ... in partition P.
  void fill(protocol::partition_id partition, std::size_t count) {
    std::vector<std::string> payloads;
    for (std::size_t i = 0; i < count; ++i) {
      payloads.push_back(std::to_string(partition) + ":" + std::to_string(i));
    }
    simulation.send(partition, payloads);
  }
};

/// "PARTITION/OFFSET PAYLOAD" of what is there now; or the error.
inline std::vector<std::string> texts_of(const result<std::vector<consumer::record>>& polled) {
  if (!polled) return {"error: " + polled.error().message()};
  std::vector<std::string> texts;
  for (const consumer::record& each : *polled) {
    texts.push_back(std::to_string(each.partition) + "/" + std::to_string(each.offset) + " " +
                    each.payload);
  }
  return texts;
}

inline std::vector<std::string> read_now(consumer::consumer& from, std::size_t count_max = 1'000) {
  return texts_of(from.poll(count_max, 0s));
}

/// "PARTITION:OFFSET", "PARTITION:-" for none.
inline std::vector<std::string> committed_by(consumer::consumer& who) {
  const auto stored = who.committed();
  if (!stored) return {"error: " + stored.error().message()};
  std::vector<std::string> texts;
  for (const auto& each : *stored) {
    texts.push_back(std::to_string(each.partition) + ":" +
                    (each.offset ? std::to_string(*each.offset) : "-"));
  }
  return texts;
}

using texts = std::vector<std::string>;

}  // namespace vibes::test
