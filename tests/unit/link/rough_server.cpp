#include "tests/unit/link/rough_server.hpp"

#include "tests/unit/link/byte_cursor.hpp"

namespace vibes::test {
namespace {

constexpr std::uint32_t known_statuses[] = {
    1,    3,    4,    5,    6,    8,    20,   30,    31,    40,    41,    42,   47,
    54,   57,   58,   59,   80,   85,   87,   88,    89,    92,    93,    94,   95,
    100,  206,  1009, 1010, 1012, 1013, 2010, 2011,  2013,  3007,  3008,  3009, 4009,
    4017, 4022, 4033, 4036, 4100, 4101, 9999, 11000, 11001, 12001, 13000, 14001};
constexpr std::uint8_t known_evictions[] = {0, 1, 4, 7, 8, 9, 10, 12, 13, 14, 15, 77};

}  // namespace

std::size_t rough_server::below(std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
}

std::uint32_t rough_server::some_status() {
  return known_statuses[below(std::size(known_statuses))];
}

std::optional<std::string> rough_server::answer(const vsr_request& request) {
  if (is_probe(request)) {
    const std::uint32_t version = gen_ == generation::iggy_0_9 ? 0x2C00 : 0x3000;
    return vsr_eviction(14, version, version);
  }
  if (now != manners::calm && one_in(20)) return std::nullopt;
  if (now != manners::calm && one_in(40)) {
    const std::uint8_t reasons[] = {1, 7, 12, 13};
    return vsr_eviction(now == manners::wild ? known_evictions[below(std::size(known_evictions))]
                                             : reasons[below(4)]);
  }
  if (request.code == code::send) return answer_send(read_vsr_send(request));
  if (now == manners::wild && one_in(8)) return vsr_reply(request, {}, some_status());
  if (request.code == code::login || request.code == code::bind) return answer_session(request);
  return answer_control(request);
}

std::string rough_server::answer_session(const vsr_request& request) {
  if (request.code == code::login) {
    if (now == manners::unlucky && one_in(8)) return vsr_reply(request, {}, one_in(2) ? 57 : 58);
    sessions_.insert(++last_session_);
    return vsr_reply(request, payload::login(gen_, last_session_));
  }
  if (now == manners::unlucky && one_in(8)) return vsr_reply(request, {}, 58);
  if (now != manners::calm && one_in(6)) sessions_.erase(request.session);
  if (!sessions_.contains(request.session)) {
    const std::uint32_t gone[] = {40, 57, 14001};
    return vsr_reply(request, {}, gone[below(3)]);
  }
  return vsr_reply(request, payload::opened(gen_, request.session));
}

std::string rough_server::answer_control(const vsr_request& request) {
  if (now == manners::unlucky && one_in(10)) {
    const std::uint32_t moving[] = {58, 89, 88, 11000};
    return vsr_reply(request, {}, moving[below(4)]);
  }
  const auto count = static_cast<std::uint32_t>(leaders.size());
  switch (request.code) {
    case code::nodes: {
      std::vector<vsr_node> all;
      for (const std::uint8_t each : nodes) all.push_back({each, each == nodes.front()});
      return vsr_reply(request, payload::nodes(gen_, all));
    }
    case code::get_stream: return vsr_reply(request, payload::stream(gen_));
    case code::get_topic: return vsr_reply(request, payload::topic(gen_, partitions(count)));
    case code::route: {
      const std::string_view partition = std::string_view(request.body).substr(15);
      const auto id = static_cast<std::uint32_t>(number_in(partition, 0, 4));
      if (id >= leaders.size()) return vsr_reply(request, {}, 3007);
      return vsr_reply(request, payload::route(id, leaders[id]));
    }
    default: return vsr_reply(request);
  }
}

std::optional<std::string> rough_server::answer_send(const vsr_send& sent) {
  const vsr_request& request = sent.request;
  if (sent.partition >= leaders.size()) return vsr_reply(request, {}, 3007);
  if (now == manners::wild && one_in(3)) {
    const std::uint32_t status = some_status();
    const bool refuses = status == 4017 || status == 4022;
    if (refuses && sent.messages.size() == 1) refused.insert(sent.messages.front().id.low);
    // 59 says that it has the batch: that may only be said of what it has.
    if (status == 59) store(sent);
    return vsr_reply(request, {}, status);
  }
  if (now == manners::unlucky && one_in(3)) {
    const std::uint32_t not_applied[] = {20, 57, 58, 89, 88, 87, 85};
    return vsr_reply(request, {}, not_applied[below(gen_ == generation::iggy_0_9 ? 3 : 7)]);
  }
  const std::string reply = store(sent);
  if (now == manners::calm || !one_in(4)) return reply;
  if (one_in(2)) return std::nullopt;
  return vsr_reply(request, {}, 57);  // applied, and it does not know yet
}

/// What a partition makes of a producer's claim; 0 to write it, unless it had it.
std::uint32_t rough_server::judge(const vsr_send& sent, bool& had_it) {
  had_it = false;
  if (!sent.stamp) return 0;
  const auto count = static_cast<std::uint32_t>(sent.messages.size());
  const auto known = producers_.find({sent.partition, sent.stamp->producer});
  if (known == producers_.end() || sent.stamp->epoch > known->second.epoch) {
    if (sent.stamp->sequence != 0) return known == producers_.end() ? 94 : 92;
    producers_[{sent.partition, sent.stamp->producer}] = {sent.stamp->epoch, count};
    return 0;
  }
  producer_place& at = known->second;
  if (sent.stamp->epoch < at.epoch) return 93;
  if (sent.stamp->sequence > at.next) return 92;
  had_it = sent.stamp->sequence < at.next;
  if (!had_it) at.next += count;
  return 0;
}

std::string rough_server::store(const vsr_send& sent) {
  const vsr_request& request = sent.request;
  const bool repeated = !receipts_.insert({request.session, request.number}).second;
  if (repeated && gen_ == generation::iggy_0_9) return vsr_reply(request);
  if (!repeated) {
    bool had_it = false;
    if (const std::uint32_t status = judge(sent, had_it)) {
      receipts_.erase({request.session, request.number});
      return vsr_reply(request, {}, status);
    }
    if (!had_it) {
      for (const std::uint64_t line : lines(sent)) stored[sent.partition].push_back(line);
    }
  }
  return vsr_reply(request, payload::stored(sent.partition));
}

}  // namespace vibes::test
