#include "tests/broker/classic.hpp"

namespace vibes::broker {
namespace {

/// A name as 0.4 stores it: in lower case, with a dot for blanks. Empty when it has characters that
/// 0.4 does not take. The real one knows all letters; here only those of ASCII are lowered.
std::string name_of_0_4(std::string_view name) {
  std::string stored;
  bool blank = false;
  for (const char each : name) {
    const bool letter = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
    const bool taken = letter || (each >= '0' && each <= '9') || (each & 0x80) != 0;
    if (each == ' ' || (each >= '\t' && each <= '\r')) {
      blank = true;
      continue;
    }
    if (!taken && each != '_' && each != '.' && each != '-') return {};
    if (blank && !stored.empty()) stored += '.';
    blank = false;
    stored += letter ? static_cast<char>(each | 0x20) : each;
  }
  return stored;
}

}  // namespace

status take_identifier(fields& from, identifier& into) {
  const auto kind = from.take<std::uint8_t>();
  const auto size = from.take<std::uint8_t>();
  const bytes_view value = from.take(size);
  if (!from.whole() || (kind != 1 && kind != 2)) return status::invalid_command;
  if (kind == 1 ? size != 4 : size == 0) return status::invalid_format;
  if (kind == 1)
    into = load<std::uint32_t>(value.data());
  else
    into = as_text(value);
  return status::ok;
}

status take_new_name(fields& from, const classic_traits& traits, status unlike, std::string& into) {
  const std::string_view name = as_text(from.take(from.take<std::uint8_t>()));
  if (!from.whole()) return status::invalid_format;
  if (!traits.legacy) {
    into = name;
    return name.empty() ? status::invalid_format : status::ok;
  }
  into = name_of_0_4(name);
  return into.empty() ? unlike : status::ok;
}

std::optional<std::uint32_t> take_new_id(fields& from, const classic_traits& traits) {
  const std::uint32_t id = traits.early ? from.take<std::uint32_t>() : 0;
  return id == 0 ? std::nullopt : std::optional(id);
}

}  // namespace vibes::broker
