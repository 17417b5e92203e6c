#include "tests/network/delivery_oracle.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace vibes::test {
namespace {

constexpr std::string_view before_session = R"({"type":"user_input","session_id":")";
constexpr std::string_view before_number = R"(","number":)";

std::uint64_t number_of(std::string_view line) {
  const std::size_t at = line.find(before_number);
  std::uint64_t number = 0;
  if (at != std::string_view::npos)
    std::from_chars(line.data() + at + before_number.size(), line.data() + line.size(), number);
  return number;
}

std::string place_of(const stored_event& of) {
  return "partition " + std::to_string(of.partition) + " offset " + std::to_string(of.offset);
}

}  // namespace

std::string event_line(std::string_view session, std::uint64_t number) {
  const std::size_t filler = number % 31 == 30 ? 6'000 : number % 7 * 20;
  std::string line(before_session);
  line += session;
  line += before_number;
  line += std::to_string(number) + R"(,"content":")";
  return line + std::string(filler, static_cast<char>('a' + number % 26)) + "\"}";
}

std::string session_of(std::string_view line) {
  if (!line.starts_with(before_session)) return {};
  line.remove_prefix(before_session.size());
  return std::string(line.substr(0, line.find('"')));
}

std::string delivery_oracle::write(const std::string& session) {
  return event_line(session, ++written_[session]);
}

std::vector<std::string> delivery_oracle::findings(const std::vector<stored_event>& stored) const {
  std::vector<std::string> found;
  const auto say = [&](std::string what) {
    if (found.size() < findings_max) found.push_back(std::move(what));
  };
  std::vector<const stored_event*> sorted;
  for (const stored_event& each : stored) sorted.push_back(&each);
  // Over partitions too: a session may move to another when a topic changes.
  std::ranges::sort(sorted, {}, [](const stored_event* each) {
    return std::tuple(each->stored_us, each->partition, each->offset);
  });
  std::map<std::string, std::uint64_t> last;
  std::map<std::string_view, const stored_event*> first_of;
  for (const stored_event* each : sorted) {
    const std::string session = session_of(each->payload);
    const std::uint64_t number = number_of(each->payload);
    const auto written = written_.find(session);
    if (written == written_.end() || number == 0 || number > written->second ||
        each->payload != event_line(session, number)) {
      say("nobody wrote what is at " + place_of(*each) + ": " + each->payload.substr(0, 200));
      continue;
    }
    const auto [first, is_new] = first_of.emplace(each->payload, each);
    if (!is_new) {
      if (first->second->id != each->id)
        say("the event at " + place_of(*each) + " has another id than at " +
            place_of(*first->second));
      continue;
    }
    std::uint64_t& before = last[session];
    if (number != before + 1)
      say("session " + session + ": event " + std::to_string(number) + " follows " +
          std::to_string(before) + " at " + place_of(*each));
    before = std::max(before, number);
  }
  for (const auto& [session, count] : written_) {
    std::uint64_t there = 0;
    for (std::uint64_t number = 1; number <= count; ++number)
      there += first_of.contains(event_line(session, number));
    if (there != count)
      say("session " + session + ": " + std::to_string(count - there) + " of " +
          std::to_string(count) + " events are missing");
  }
  return found;
}

std::uint64_t delivery_oracle::repeated(const std::vector<stored_event>& stored,
                                        const std::set<std::string>& but_not_of) {
  std::set<std::string_view> distinct;
  std::uint64_t again = 0;
  for (const stored_event& each : stored) {
    if (but_not_of.contains(session_of(each.payload))) continue;
    again += !distinct.insert(each.payload).second;
  }
  return again;
}

}  // namespace vibes::test
