#include "tests/broker/cluster_commands.hpp"

#include <charconv>

#include "tests/broker/server.hpp"

namespace vibes::broker {
namespace {

using number = std::optional<std::uint64_t>;

const std::string ok = "ok";

number number_at(const words& said, std::size_t at) {
  return at < said.size() ? read_number(said[at]) : std::nullopt;
}

/// The node a command names as its last word.
number node_at(const server& of, const words& said, std::size_t at) {
  const number node = said.size() == at + 1 ? number_at(said, at) : std::nullopt;
  return node && *node < of.nodes() ? node : std::nullopt;
}

std::string nodes(server& of, const words&) {
  std::string line = ok;
  for (const std::uint16_t port : of.state().ports()) line += " 127.0.0.1:" + std::to_string(port);
  return line;
}

std::string vanish_node(server& of, const words& said) {
  const number node = node_at(of, said, 1);
  if (!node) return "error: vanish-node NODE";
  of.vanish(*node, departure::abrupt);
  return ok;
}

std::string come_back_node(server& of, const words& said) {
  const number node = node_at(of, said, 1);
  if (!node) return "error: come-back-node NODE";
  const auto failure = of.come_back(*node);
  return failure ? "error: " + failure.message() : ok;
}

std::string lead(server& of, const words& said) {
  const number node = node_at(of, said, 1);
  if (!node) return "error: lead NODE";
  of.state().vsr().lead(*node);
  return ok;
}

std::string evict(server& of, const words& said) {
  const number reason = said.size() == 2 ? number_at(said, 1) : std::nullopt;
  if (!reason || *reason == 0 || *reason > 255) return "error: evict REASON";
  of.evict(static_cast<std::uint8_t>(*reason));
  return ok;
}

std::string forget_sessions(server& of, const words&) {
  of.state().vsr().forget_all();
  return ok;
}

std::string forget_producers(server& of, const words&) {
  for (const auto& in_stream : of.state().data().streams())
    for (const auto& in_topic : in_stream->topics)
      for (const auto& one : in_topic->partitions) one->vsr().producers.clear();
  return ok;
}

struct found_partition {
  vsr_partition* at = nullptr;
  std::string problem;
};

/// STREAM TOPIC PARTITION behind the command.
found_partition partition_at(server& of, const words& said) {
  const number wanted = number_at(said, 3);
  if (!wanted) return {nullptr, "error: " + std::string(said[0]) + " STREAM TOPIC PARTITION"};
  const topic* const in = of.state().data().find(said[1], said[2]);
  if (in == nullptr || *wanted >= in->partitions.size())
    return {nullptr, "error: no such partition"};
  partition& one = *in->partitions[*wanted];
  return {&of.state().vsr_standing(one, static_cast<std::uint32_t>(*wanted)), {}};
}

std::string lead_partition(server& of, const words& said) {
  const number node = node_at(of, said, 4);
  if (!node) return "error: lead-partition STREAM TOPIC PARTITION NODE";
  const found_partition found = partition_at(of, said);
  if (found.at == nullptr) return found.problem;
  found.at->primary = static_cast<std::uint8_t>(*node);
  ++found.at->view;
  return ok;
}

std::string incarnate(server& of, const words& said) {
  const found_partition found = partition_at(of, said);
  if (found.at == nullptr) return found.problem;
  found.at->incarnation = of.state().vsr().mint_incarnation();
  of.state().vsr().commit_metadata();
  return ok;
}

struct cluster_command {
  std::string_view name;
  std::string (*obey)(server&, const words&);
};

constexpr cluster_command commands[] = {
    {"nodes", nodes}, {"vanish-node", vanish_node},         {"come-back-node", come_back_node},
    {"lead", lead},   {"lead-partition", lead_partition},   {"incarnate", incarnate},
    {"evict", evict}, {"forget-sessions", forget_sessions}, {"forget-producers", forget_producers},
};

}  // namespace

std::optional<std::uint64_t> read_number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<std::string> obey_for_cluster(server& of, const words& said) {
  for (const cluster_command& each : commands)
    if (each.name == said[0]) return each.obey(of, said);
  return std::nullopt;
}

}  // namespace vibes::broker
