#include "tests/unit/ingest/tree_verdict.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <utility>
#include <vector>

#include "daemon/base/utf8.hpp"
#include "daemon/ingest/event_scanner.hpp"

namespace vibes::test {
namespace {

namespace json = boost::json;

std::string text_of(const json::string& text) {
  return {text.data(), text.size()};
}

/// The top-level keys of valid JSON, in order and unescaped; the tree has lost those given twice.
std::vector<std::string> top_level_keys(std::string_view object) {
  std::vector<std::string> keys;
  int depth = 0;
  bool key_is_next = false;
  for (std::size_t at = 0; at < object.size(); ++at) {
    const char each = object[at];
    if (each == '{' || each == '[') ++depth;
    if (each == '}' || each == ']') --depth;
    if (depth == 1 && (each == '{' || each == ',')) key_is_next = true;
    if (each != '"') continue;
    const std::size_t begin = at;
    for (++at; object[at] != '"'; ++at) {
      if (object[at] == '\\') ++at;
    }
    if (!std::exchange(key_is_next, false)) continue;
    const json::value key = json::parse(json::string_view(&object[begin], at + 1 - begin));
    keys.push_back(text_of(key.as_string()));
  }
  return keys;
}

/// What the contract makes of a line that is valid JSON.
std::string event_verdict(std::string_view line, const json::value& tree) {
  const json::object* const object = tree.if_object();
  if (object == nullptr) return "not_an_object";
  const std::vector<std::string> keys = top_level_keys(line);
  for (const char* key : {"type", "session_id", "event_id"}) {
    if (std::ranges::count(keys, key) > 1) return "duplicate_key";
  }
  const json::value* const type = object->if_contains("type");
  if (type == nullptr || !type->is_string()) return "missing_type";
  const std::string verdict = text_of(type->get_string()).substr(0, 256) + " of ";
  const json::value* const session = object->if_contains("session_id");
  if (session == nullptr || session->is_null()) return verdict + "unknown";
  if (!session->is_string()) return "session_id_type";
  const std::string key = text_of(session->get_string());
  if (key.size() > 255) return "session_id_too_long";
  return verdict + (key.empty() ? "unknown" : key);
}

/// The code for a line of one fault that the tree cannot be made of.
std::string fault_verdict(std::string_view line, const json::error_code& error) {
  if (error == json::error::too_deep) return "nesting_too_deep";
  if (error == json::error::exponent_overflow) return "number_out_of_range";
  if (error == json::error::extra_data) return "trailing_bytes";
  return is_valid_utf8(line) ? "invalid_json" : "invalid_utf8";
}

bool begins_as_object(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r\n");
  return begin != line.npos && line[begin] == '{';
}

}  // namespace

std::string expected_verdict(std::string_view line, const std::string& scanner_says) {
  json::parse_options options;
  options.max_depth = ingest::nesting_max;
  json::error_code error;
  const json::value tree =
      json::parse(json::string_view(line.data(), line.size()), error, {}, options);
  if (!error) return event_verdict(line, tree);
  const bool earlier_fault =
      begins_as_object(line) ? scanner_says == "duplicate_key" : scanner_says == "not_an_object";
  return earlier_fault ? scanner_says : fault_verdict(line, error);
}

}  // namespace vibes::test
