#include "tests/unit/protocol/reply_support.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "tests/unit/protocol/vsr_support.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

frame_bytes cluster_of_two() {
  frame_bytes payload;
  append_text(payload, "pair");
  append_number<std::uint32_t>(payload, 2);
  for (const std::uint8_t role : {std::uint8_t{1}, std::uint8_t{0}}) {
    append_text(payload, "node");
    append_text(payload, "10.0.0.1");
    for (const int port : {8090, 8080, 3000, 0}) {
      append_number(payload, static_cast<std::uint16_t>(port));
    }
    append_number(payload, role);
    append_number<std::uint8_t>(payload, 3);
  }
  return reply_frame(0, payload);
}

/// get_stream: the record of create_stream with one topic, and that topic's record without its
/// partitions.
frame_bytes stream_with_topic(const std::vector<exchange>& recorded) {
  frame_bytes frame = recorded.at(5).reply;
  set_number<std::uint32_t>(frame, 8 + 12, 1);
  const frame_bytes& topic = recorded.at(7).reply;
  frame.insert(frame.end(), topic.begin() + 8, topic.end() - std::ptrdiff_t{8} * 40);
  set_number(frame, 4, static_cast<std::uint32_t>(frame.size() - 8));
  return frame;
}

/// The first recorded poll of partition 1 with the last 12 bytes of its payload taken for headers.
frame_bytes poll_with_headers(const std::vector<exchange>& recorded) {
  frame_bytes frame = recorded.at(21).reply;
  const std::size_t record = 8 + 16;
  set_number<std::uint32_t>(frame, record + 48, 12);
  set_number(frame, record + 52, number_at<std::uint32_t>(frame, record + 52) - 12);
  return frame;
}

bool inside(const_bytes part, const_bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

bool is_version(std::string_view text) {
  return text.size() <= 64 &&
         std::ranges::all_of(text, [](char each) { return each >= 0x20 && each < 0x7f; });
}

bool is_address(std::string_view text) {
  return text.size() <= 255 && std::ranges::all_of(text, [](char each) {
           return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
                  std::string_view(".-_:%[]").find(each) != std::string_view::npos;
         });
}

struct flaw_finder {
  const_bytes frame;

  std::string operator()(const done&) const { return {}; }
  std::string operator()(const not_found&) const { return {}; }
  std::string operator()(const user_identity&) const { return {}; }
  std::string operator()(const consumer_offset&) const { return {}; }
  std::string operator()(const partition_route&) const { return {}; }
  std::string operator()(const sent&) const { return {}; }
  std::string operator()(const session_opened& opened) const {
    if (opened.session_id == 0) return "no session";
    if (!is_version(opened.server_version)) return "a version that forges lines";
    return texts(opened.server_version.size());
  }
  std::string operator()(const server_stats& stats) const {
    if (!is_version(stats.server_version)) return "a version that forges lines";
    if (stats.hostname.size() > 255) return "a long name";
    return texts(stats.hostname.size() + stats.server_version.size());
  }
  std::string operator()(const cluster_metadata& cluster) const {
    std::size_t sum = cluster.name.size() + 18 * cluster.nodes.size();
    for (const cluster_node& each : cluster.nodes) {
      sum += each.name.size() + each.ip.size();
      if (each.name.size() > 255 || !is_address(each.ip)) return "a node that is nowhere";
    }
    if (cluster.name.size() > 255) return "a long name";
    if (cluster.nodes.size() > 256) return "too many nodes";
    return texts(sum);
  }
  std::string operator()(const stream_details& stream) const { return texts(stream.name.size()); }
  std::string operator()(const topic_details& topic) const {
    const auto& partitions = topic.partitions;
    if (std::ranges::adjacent_find(partitions, std::ranges::greater_equal{},
                                   &partition_details::id) != partitions.end()) {
      return "unsorted";
    }
    if (partitions.size() > 10'000) return "too many partitions";
    return texts(topic.name.size() + 40 * topic.partitions.size());
  }
  std::string operator()(const polled_messages& polled) const {
    std::size_t sum = 45 * polled.messages.size();  // the shortest record, that of 0.4
    for (const polled_message& each : polled.messages) {
      sum += each.payload.size() + each.user_headers.size();
      if (!inside(each.payload, frame) || !inside(each.user_headers, frame)) return "outside";
    }
    return texts(sum);
  }
  std::string texts(std::size_t sum) const { return sum > frame.size() ? "more than came" : ""; }
};

}  // namespace

frame_bytes reply_frame(std::uint32_t status, const frame_bytes& payload) {
  frame_bytes frame;
  append_number(frame, status);
  append_number(frame, static_cast<std::uint32_t>(payload.size()));
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

frame_bytes text_bytes(std::string_view text) {
  const const_bytes raw = std::as_bytes(std::span(text.data(), text.size()));
  return {raw.begin(), raw.end()};
}

void append_text(frame_bytes& to, std::string_view text) {
  append_number(to, static_cast<std::uint32_t>(text.size()));
  const frame_bytes raw = text_bytes(text);
  to.insert(to.end(), raw.begin(), raw.end());
}

frame_bytes stats_beginning(std::uint64_t messages_count, std::string_view hostname) {
  frame_bytes payload(108, std::byte{0x5a});
  set_number(payload, 92, messages_count);
  for (const std::string_view text : {hostname, std::string_view("Linux"), std::string_view("12"),
                                      std::string_view("6.1.0-amd64")}) {
    append_text(payload, text);
  }
  return payload;
}

frame_bytes stats_payload(std::string_view server_version) {
  frame_bytes payload = stats_beginning(12345, "host.example");
  append_text(payload, server_version);
  append_number<std::uint32_t>(payload, 8000);  // the version once more, as a number
  append_number<std::uint32_t>(payload, 0);     // cache metrics
  return payload;
}

/// A poll of 0.4 whose one message has user headers.
frame_bytes old_poll_with_headers() {
  return reply_frame(0, from_hex("01000000"
                                 "0000000000000000"
                                 "01000000"
                                 "0000000000000000"
                                 "01"
                                 "0807060504030201"
                                 "02000000000000000000000000000000"
                                 "0d0c0b0a"
                                 "03000000"
                                 "686472"
                                 "02000000"
                                 "7079"));
}

std::vector<known_reply> known_replies() {
  std::vector<known_reply> all = known_vsr_replies();
  all.push_back({"user headers of 0.4", generation::iggy_0_4, command::poll_messages,
                 old_poll_with_headers()});
  for (const recorded_server& server : recorded_servers) {
    const std::string of = std::string(" of ") + server.version;
    const auto recorded = recorded_session(server.version);
    for (const exchange& each : recorded) {
      const command asked = asked_by(each.request);
      all.push_back({std::string(to_string(asked)) + of, server.gen, asked, each.reply});
    }
    if (server.gen < generation::iggy_0_6 || is_vsr(server.gen)) continue;
    all.push_back({"get_stats" + of, server.gen, command::get_stats,
                   reply_frame(0, stats_payload(server.version))});
    all.push_back({"two nodes" + of, server.gen, command::get_cluster_metadata, cluster_of_two()});
    all.push_back(
        {"a topic's stream" + of, server.gen, command::get_stream, stream_with_topic(recorded)});
    all.push_back(
        {"user headers" + of, server.gen, command::poll_messages, poll_with_headers(recorded)});
  }
  return all;
}

std::string flaw_of(const reply& decoded, const_bytes frame) {
  if (decoded.status != 0 && !std::holds_alternative<done>(decoded.body))
    return "refusal with body";
  return std::visit(flaw_finder{frame}, decoded.body);
}

}  // namespace vibes::test
