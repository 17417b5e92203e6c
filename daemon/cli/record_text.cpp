#include "daemon/cli/record_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <cstdio>
#include <ctime>

#include "daemon/admin/text_forms.hpp"
#include "daemon/base/terminal_text.hpp"
#include "daemon/base/utf8.hpp"
#include "daemon/ingest/event_scanner.hpp"

namespace vibes::cli {
namespace {

struct identity {
  bool is_event = false;
  std::string type;
  std::string session;
};

identity identify(const consumer::record& from) {
  static ingest::event_scanner scanner(ingest::schema_mode::lenient);
  const auto scanned = scanner.scan(from.payload);
  if (!scanned) return {};
  return {true, std::string(scanned->type), std::string(scanned->session_key)};
}

std::string quoted(const std::string& text) {
  return boost::json::serialize(boost::json::string(text));
}

std::string time_text(std::uint64_t us) {
  const auto seconds = static_cast<std::time_t>(us / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03uZ",
                static_cast<unsigned>(us / 1'000 % 1'000));
  return std::string(text.data()) + fraction.data();
}

/// Other producers of the topic may write JSON over several lines; such breaks stand between tokens
/// only, where a blank means the same.
std::string on_one_line(std::string json_text) {
  std::ranges::replace_if(
      json_text, [](char each) { return each == '\n' || each == '\r'; }, ' ');
  return json_text;
}

std::string hex_bytes(const std::string& bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<unsigned char>(each) >> 4];
    text += digits[static_cast<unsigned char>(each) & 0xf];
  }
  return text;
}

}  // namespace

std::optional<std::string> session_of(const consumer::record& from) {
  const identity who = identify(from);
  return who.is_event ? std::optional(who.session) : std::nullopt;
}

std::string record_json(const consumer::record& from) {
  const identity who = identify(from);
  std::string out = "{\"partition\":" + std::to_string(from.partition) +
                    ",\"offset\":" + std::to_string(from.offset) + ",\"id\":\"" +
                    admin::id_text(from.id) +
                    "\",\"timestamp_us\":" + std::to_string(from.timestamp_us) +
                    ",\"origin_time_us\":" + std::to_string(from.origin_time_us);
  if (who.is_event) {
    out += ",\"session\":" + quoted(who.session) + ",\"type\":" + quoted(who.type) +
           ",\"event\":" + on_one_line(from.payload);
  } else if (is_valid_utf8(from.payload)) {
    out += ",\"text\":" + quoted(from.payload);
  } else {
    out += ",\"hex\":\"" + hex_bytes(from.payload) + "\"";
  }
  return out + "}";
}

std::string record_human(const consumer::record& from) {
  constexpr std::size_t payload_shown_max = 120;
  const identity who = identify(from);
  std::array<char, 160> head{};
  std::snprintf(head.data(), head.size(), "%4u %10llu  %s  %-36.36s  %-22.22s ", from.partition,
                static_cast<unsigned long long>(from.offset), time_text(from.timestamp_us).c_str(),
                who.is_event ? who.session.c_str() : "-", who.is_event ? who.type.c_str() : "-");
  std::string shown = is_valid_utf8(from.payload) ? from.payload : hex_bytes(from.payload);
  if (shown.size() > payload_shown_max) {
    std::size_t cut = payload_shown_max;
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xc0) == 0x80) --cut;
    shown = shown.substr(0, cut) + "...";
  }
  return one_line(head.data() + shown);
}

}  // namespace vibes::cli
