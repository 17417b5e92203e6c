#include "tests/broker/vsr.hpp"

namespace vibes::broker {
namespace {

void put_counts(bytes& to, const store& kept, std::uint64_t clients) {
  std::uint32_t topics = 0;
  std::uint32_t groups = 0;
  std::uint64_t messages = 0;
  for (const auto& in_stream : kept.streams())
    for (const auto& in_topic : in_stream->topics) {
      ++topics;
      groups += static_cast<std::uint32_t>(in_topic->groups.size());
      messages += in_topic->messages();
    }
  const auto partitions = static_cast<std::uint32_t>(kept.partitions());
  put(to, static_cast<std::uint32_t>(kept.streams().size()));
  put(to, topics);
  put(to, partitions);
  put(to, partitions);  // segments: one for each partition
  put(to, messages);
  put(to, static_cast<std::uint32_t>(clients));
  put(to, groups);
}

}  // namespace

outcome ping(vsr_request&) {
  return outcome::answer();
}

outcome get_me(vsr_request& request) {
  put(request.reply, request.at.who.client);
  put<std::uint32_t>(request.reply, 0);  // user id
  put<std::uint8_t>(request.reply, 1);   // TCP
  put_text<std::uint32_t>(request.reply, request.at.who.address);
  put<std::uint32_t>(request.reply, 0);  // consumer groups
  return outcome::answer();
}

outcome get_stats(vsr_request& request) {
  broker& with = request.at.with;
  bytes& reply = request.reply;
  put<std::uint32_t>(reply, 1);  // process id: this broker has no eye for the system it runs on
  put(reply, 0.0F);              // cpu
  put(reply, 0.0F);              // cpu of the machine
  put<std::uint64_t>(reply, with.data().memory_bytes());
  put<std::uint64_t>(reply, with.options().memory_bytes_max);
  put<std::uint64_t>(reply, with.options().memory_bytes_max);
  for (int unknown = 0; unknown < 4; ++unknown)  // run and start time, bytes read and written
    put<std::uint64_t>(reply, 0);
  put<std::uint64_t>(reply, with.counters().bytes_stored);
  put_counts(reply, with.data(), with.counters().connections_open);
  put_text<std::uint32_t>(reply, "vibes-demo-broker");
  put_text<std::uint32_t>(reply, "Linux");
  put_text<std::uint32_t>(reply, "");  // system's version
  put_text<std::uint32_t>(reply, "");  // kernel's version
  put_text<std::uint32_t>(reply, request.traits.version);
  put(reply, request.traits.semver);
  put<std::uint32_t>(reply, 0);  // cache metrics
  put<std::uint32_t>(reply, 1);  // threads
  put<std::uint64_t>(reply, 0);  // free disk
  put<std::uint64_t>(reply, 0);  // whole disk
  if (!request.traits.binds_and_routes) return outcome::answer();
  put<std::uint64_t>(reply, with.counters().connections_open);
  put<std::uint64_t>(reply, 1024);  // open files at most
  return outcome::answer();
}

outcome get_cluster_metadata(vsr_request& request) {
  const std::size_t nodes = request.at.with.ports().size();
  put_text<std::uint32_t>(request.reply, nodes == 1 ? "single-node" : "vibes-cluster");
  put(request.reply, static_cast<std::uint32_t>(nodes));
  for (std::size_t node = 0; node < nodes; ++node) put_node(request, node);
  return outcome::answer();
}

}  // namespace vibes::broker
