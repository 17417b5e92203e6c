#include "daemon/admin/text_forms.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "daemon/base/base64.hpp"
#include "daemon/base/utf8.hpp"

namespace vibes::admin {

namespace json = boost::json;

std::string time_text(std::uint64_t unix_us) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds(static_cast<std::int64_t>(unix_us))};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss<microseconds> time(at - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text.data();
}

std::string id_text(const protocol::message_id& id) {
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(id.high >> 32),
                static_cast<unsigned>((id.high >> 16) & 0xffff),
                static_cast<unsigned>(id.high & 0xffff), static_cast<unsigned>(id.low >> 48),
                static_cast<unsigned long long>(id.low & 0xffff'ffff'ffff));
  return text.data();
}

void put_payload(json::object& to, std::string_view bytes) {
  if (is_valid_utf8(bytes)) {
    to["payload"] = json::string_view(bytes.data(), bytes.size());
  } else {
    to["payload_base64"] = to_base64(bytes);
  }
}

std::optional<std::string> payload_of(const json::object& from) {
  if (const json::value* const text = from.if_contains("payload")) {
    if (!text->is_string()) return std::nullopt;
    return std::string(text->get_string());
  }
  const json::value* const coded = from.if_contains("payload_base64");
  if (coded == nullptr || !coded->is_string()) return std::nullopt;
  return from_base64(std::string_view(coded->get_string()));
}

}  // namespace vibes::admin
