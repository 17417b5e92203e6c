#include "tests/broker/control_commands.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "tests/broker/cluster_commands.hpp"
#include "tests/broker/server.hpp"

namespace vibes::broker {
namespace {

using number = std::optional<std::uint64_t>;

words split(std::string_view line) {
  words found;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end != 0) found.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return found;
}

const std::string ok = "ok";

std::string vanish(server& of, const words& said) {
  const std::string_view how = said.size() > 1 ? said[1] : "abrupt";
  if (how == "abrupt")
    of.vanish(departure::abrupt);
  else if (how == "clean")
    of.vanish(departure::clean);
  else if (how == "announced")
    of.vanish(departure::announced);
  else
    return "error: vanish abrupt, clean or announced";
  return ok;
}

std::string come_back(server& of) {
  const auto failure = of.come_back();
  return failure ? "error: " + failure.message() : ok;
}

std::string answer(server& of, const words& said) {
  const number code = said.size() == 4 ? read_number(said[1]) : std::nullopt;
  const auto of_command = said.size() == 4 ? command_named(said[2]) : std::nullopt;
  const number count = said.size() == 4 ? read_number(said[3]) : std::nullopt;
  if (!code || !of_command || !count) return "error: answer CODE COMMAND COUNT";
  of.behaviour().answer(static_cast<std::uint32_t>(*code), *of_command, *count);
  return ok;
}

std::string grow(server& of, const words& said) {
  const number count = said.size() == 4 ? read_number(said[3]) : std::nullopt;
  if (!count) return "error: set-partitions STREAM TOPIC COUNT";
  topic* const found = of.state().data().find(said[1], said[2]);
  if (found == nullptr) return "error: no such topic";
  if (*count < found->partitions.size() || *count > 1000)
    return "error: a topic only grows, to 1000 partitions at most";
  of.state().vsr().commit_metadata();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  found->add_partitions(static_cast<std::uint32_t>(*count - found->partitions.size()),
                        static_cast<std::uint64_t>(
                            std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
  return ok;
}

std::string stats(server& of) {
  const broker_counters& counted = of.state().counters();
  boost::json::object requests;
  for (const auto& [asked, count] : counted.requests) requests[name_of(asked)] = count;
  const boost::json::object all{{"connections_accepted", counted.connections_accepted},
                                {"connections_open", counted.connections_open},
                                {"batches", counted.batches},
                                {"messages_stored", counted.messages_stored},
                                {"messages_repeated", counted.messages_repeated},
                                {"bytes_stored", counted.bytes_stored},
                                {"requests_dropped", counted.requests_dropped},
                                {"batch_messages_min", counted.batch_messages_min},
                                {"batch_messages_max", counted.batch_messages_max},
                                {"memory_bytes", of.state().data().memory_bytes()},
                                {"requests", requests}};
  return "ok " + boost::json::serialize(all);
}

std::string set_knob(server& of, const words& said) {
  misbehaviour& how = of.behaviour();
  const std::string_view what = said[0];
  if (what == "refuse") how.set.refuse = true;
  if (what == "stall") how.set.stall = true;
  if (what == "garbage") how.set.garbage = true;
  if (what == "refuse" || what == "stall" || what == "garbage") return ok;
  const number value = said.size() == 2 ? read_number(said[1]) : std::nullopt;
  if (!value.has_value()) return "error: " + std::string(what) + " NUMBER";
  const std::uint64_t count = value.value();
  if (what == "delay-ms") how.set.delay_ms = static_cast<std::uint32_t>(count);
  if (what == "cut-after-store") how.cut_after_store(count);
  if (what == "cut-after-sent") how.cut_after_sent(count);
  if (what == "cut-after-received") how.cut_after_received(count);
  return ok;
}

bool is_knob(std::string_view what) {
  constexpr std::string_view knobs[] = {
      "refuse",          "stall",          "garbage",           "delay-ms",
      "cut-after-store", "cut-after-sent", "cut-after-received"};
  for (const std::string_view each : knobs)
    if (each == what) return true;
  return false;
}

}  // namespace

std::string obey(server& of, std::string_view line) {
  const words said = split(line);
  if (said.empty()) return "error: an empty line";
  if (is_knob(said[0])) return set_knob(of, said);
  if (said[0] == "vanish") return vanish(of, said);
  if (said[0] == "come-back") return come_back(of);
  if (said[0] == "answer") return answer(of, said);
  if (said[0] == "set-partitions") return grow(of, said);
  if (said[0] == "stats") return stats(of);
  if (said[0] == "behave") {
    of.behaviour().behave();
    return ok;
  }
  if (said[0] == "forget") {
    of.state().data().forget_all();
    of.state().vsr().commit_metadata();
    return ok;
  }
  if (const auto done = obey_for_cluster(of, said)) return *done;
  return "error: unknown command " + std::string(said[0]);
}

}  // namespace vibes::broker
