#include "config/value.hpp"

#include <algorithm>
#include <charconv>

#include "config/nearest.hpp"

namespace vibes::config {

std::string set_integer(const integer_key& key, std::int64_t value) {
  const bool in_range = value >= 0 && static_cast<std::uint64_t>(value) >= key.min &&
                        static_cast<std::uint64_t>(value) <= key.max;
  if (!in_range) {
    return "must be between " + std::to_string(key.min) + " and " + std::to_string(key.max) +
           ", not " + std::to_string(value);
  }
  *key.target = static_cast<std::uint64_t>(value);
  return {};
}

std::string set_text(const text_key& key, const std::string& value) {
  if (value.size() < key.bytes_min || value.size() > key.bytes_max) {
    return "must have " + std::to_string(key.bytes_min) + " to " + std::to_string(key.bytes_max) +
           " bytes, not " + std::to_string(value.size());
  }
  if (key.check != nullptr) {
    if (std::string wrong = key.check(value); !wrong.empty()) return wrong;
  }
  *key.target = value;
  return {};
}

std::string set_list(const list_key& key, std::vector<std::string> values) {
  if (values.empty()) return "must name at least one";
  for (const std::string& each : values) {
    const std::string wrong = key.check(each);
    if (!wrong.empty()) return std::string("\"").append(each).append("\" ").append(wrong);
  }
  *key.target = std::move(values);
  return {};
}

std::string set_choice(const choice_key& key, const std::string& value) {
  const auto found = std::ranges::find(key.names, value);
  if (found != key.names.end()) {
    key.set(static_cast<std::size_t>(found - key.names.begin()));
    return {};
  }
  std::string all;
  for (const std::string& each : key.names) all += (all.empty() ? "\"" : ", \"") + each + "\"";
  return "must be one of " + all + ", not \"" + value + "\"" + did_you_mean(value, key.names);
}

namespace {

struct text_setter {
  const std::string& text;

  std::string operator()(const integer_key& key) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      return "must be a whole number, not \"" + text + "\"";
    }
    return set_integer(key, value);
  }
  std::string operator()(const text_key& key) const { return set_text(key, text); }
  std::string operator()(const choice_key& key) const { return set_choice(key, text); }
  std::string operator()(const boolean_key& key) const {
    if (text != "true" && text != "false") return "must be true or false, not \"" + text + "\"";
    *key.target = text == "true";
    return {};
  }
  std::string operator()(const list_key& key) const {
    std::vector<std::string> values;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t comma = std::min(text.find(',', begin), text.size());
      values.push_back(text.substr(begin, comma - begin));
      begin = comma + 1;
    }
    return set_list(key, std::move(values));
  }
};

}  // namespace

std::string set_from_text(const key_binding& key, const std::string& text) {
  return std::visit(text_setter{text}, key.value);
}

}  // namespace vibes::config
