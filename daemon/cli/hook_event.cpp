#include "daemon/cli/hook_event.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>

namespace vibes::cli {

namespace json = boost::json;

std::string hook_type_name(std::string_view type) {
  std::string name;
  for (const char each : type) {
    const auto letter = static_cast<unsigned char>(each);
    if (std::isupper(letter) != 0 && !name.empty() && name.back() != '_') name += '_';
    name += static_cast<char>(std::tolower(letter));
  }
  return name;
}

result<std::string> wrap_hook(std::string_view type, std::string_view payload) {
  json::error_code error;
  const json::value parsed = json::parse({payload.data(), payload.size()}, error);
  if (error || !parsed.is_object()) return make_error_code(boost::system::errc::invalid_argument);
  json::object event{{"type", hook_type_name(type)}};
  for (const auto& [key, value] : parsed.get_object()) {
    if (key != "type") event.emplace(key, value);
  }
  json::object wrapped{{"type", "hook"}};
  const json::value* const session = parsed.get_object().if_contains("session_id");
  wrapped["session_id"] = session != nullptr && session->is_string() ? *session : json::value();
  wrapped["event"] = std::move(event);
  return json::serialize(wrapped);
}

}  // namespace vibes::cli
