#include "daemon/ingest/event_scanner.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <limits>
#include <string>

#include "daemon/base/utf8.hpp"
#include "daemon/ingest/event_types.hpp"

namespace vibes::ingest {
namespace {

namespace json = boost::json;

/// Receives the parser's events and keeps what stands at the top level under the keys that decide.
struct top_level_handler {
  static constexpr std::size_t max_object_size = ~std::size_t{0};
  static constexpr std::size_t max_array_size = ~std::size_t{0};
  static constexpr std::size_t max_key_size = ~std::size_t{0};
  static constexpr std::size_t max_string_size = ~std::size_t{0};

  enum class key : std::uint8_t { other, type, session_id, event_id, hello };
  enum class value : std::uint8_t { absent, null, string, too_long, other };

  struct field {
    value seen = value::absent;
    std::string text;
  };

  void reset() {
    depth = 0;
    current = key::other;
    type.seen = session_id.seen = event_id.seen = value::absent;
    saw_hello = false;
    key_text.clear();
    value_text.clear();
  }

  // Longer keys are not ours, longer values are over their limit: more is never kept of either.
  static constexpr std::size_t kept_max = session_id_bytes_max + 1;

  static void keep(std::string& to, json::string_view part) {
    if (to.size() >= kept_max) return;
    to.append(part.data(), std::min(part.size(), kept_max - to.size()));
  }

  /// Boost.JSON takes any exponent from 1.83 on; before, it refuses those that 32 bits do not hold.
  static bool exponent_fits(std::string_view number) {
    std::size_t at = number.find_first_of("eE");
    if (at == number.npos) return true;
    std::int64_t exponent = 0;
    for (++at; at < number.size(); ++at) {
      if (number[at] == '+' || number[at] == '-') continue;
      exponent = exponent * 10 + (number[at] - '0');
      if (exponent > std::numeric_limits<std::int32_t>::max()) return false;
    }
    return true;
  }

  field* wanted() {
    switch (current) {
      case key::type: return &type;
      case key::session_id: return &session_id;
      case key::event_id: return &event_id;
      case key::hello:
      case key::other: break;
    }
    return nullptr;
  }

  bool begin_key(std::string_view name, json::error_code& ec) {
    current = name == "type"           ? key::type
              : name == "session_id"   ? key::session_id
              : name == "event_id"     ? key::event_id
              : name == "vibes_ingest" ? key::hello
                                       : key::other;
    saw_hello = saw_hello || current == key::hello;
    const field* const into = wanted();
    if (into == nullptr || into->seen == value::absent) return true;
    ec = make_error_code(ingest_errc::duplicate_key);
    return false;
  }

  bool scalar(value what, json::error_code& ec) {
    if (depth == 0) {
      ec = make_error_code(ingest_errc::not_an_object);
      return false;
    }
    if (depth == 1) {
      if (field* const into = wanted()) into->seen = what;
    }
    return true;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    if (depth == 1) {
      if (field* const into = wanted()) into->seen = value::other;
    }
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    --depth;
    return true;
  }
  bool on_array_begin(json::error_code& ec) {
    if (!scalar(value::other, ec)) return false;
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    --depth;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    if (depth == 1) keep(key_text, part);
    return true;
  }
  bool on_key(json::string_view last, std::size_t size, json::error_code& ec) {
    if (depth != 1) return true;
    // Without escapes a key comes in one piece: no copy.
    if (size == last.size()) return begin_key({last.data(), last.size()}, ec);
    keep(key_text, last);
    const bool go_on = begin_key(key_text, ec);
    key_text.clear();
    return go_on;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    if (depth == 1 && wanted() != nullptr) keep(value_text, part);
    return true;
  }
  bool on_string(json::string_view last, std::size_t size, json::error_code& ec) {
    if (depth != 1) return scalar(value::string, ec);
    field* const into = wanted();
    if (into == nullptr) return true;
    if (size == last.size()) {
      into->text.clear();
      keep(into->text, last);
    } else {
      keep(value_text, last);
      into->text.swap(value_text);
      value_text.clear();
    }
    into->seen = size > session_id_bytes_max ? value::too_long : value::string;
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code& ec) {
    return scalar(value::other, ec);
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) {
    return scalar(value::other, ec);
  }
  bool on_double(double, json::string_view number, json::error_code& ec) {
    if (!exponent_fits(number)) {
      ec = make_error_code(ingest_errc::number_out_of_range);
      return false;
    }
    return scalar(value::other, ec);
  }
  bool on_bool(bool, json::error_code& ec) { return scalar(value::other, ec); }
  bool on_null(json::error_code& ec) { return scalar(value::null, ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  std::size_t depth = 0;
  key current = key::other;
  field type;
  field session_id;
  field event_id;
  bool saw_hello = false;
  std::string key_text;
  std::string value_text;
};

json::parse_options options() {
  json::parse_options chosen;
  chosen.max_depth = nesting_max;
  return chosen;
}

ingest_errc code_of(const error_code& error, std::string_view line) {
  if (error.category() == ingest_category()) return static_cast<ingest_errc>(error.value());
  if (error == json::error::too_deep) return ingest_errc::nesting_too_deep;
  if (error == json::error::exponent_overflow) return ingest_errc::number_out_of_range;
  // The parser calls bad UTF-8 a syntax error too; only the refused line pays for telling them
  // apart.
  return is_valid_utf8(line) ? ingest_errc::invalid_json : ingest_errc::invalid_utf8;
}

constexpr int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<protocol::message_id> parse_event_id(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  std::uint64_t halves[2] = {0, 0};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (dash) continue;
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    std::uint64_t& half = halves[digits / 16];
    half = (half << 4) | static_cast<std::uint64_t>(value);
    ++digits;
  }
  if (halves[0] == 0 && halves[1] == 0) return std::nullopt;
  return protocol::message_id{halves[0], halves[1]};
}

struct event_scanner::parser {
  json::basic_parser<top_level_handler> machine{options()};
};

event_scanner::event_scanner(schema_mode schema)
    : parser_(std::make_unique<parser>()), schema_(schema) {}
event_scanner::~event_scanner() = default;

bool event_scanner::saw_hello_key() const noexcept {
  return parser_->machine.handler().saw_hello;
}

result<scanned_event> event_scanner::scan(std::string_view line) {
  using value = top_level_handler::value;
  auto& machine = parser_->machine;
  top_level_handler& found = machine.handler();
  machine.reset();
  found.reset();
  json::error_code error;
  const std::size_t consumed = machine.write_some(false, line.data(), line.size(), error);
  if (error) return make_error_code(code_of(error, line));
  if (consumed < line.size()) return make_error_code(ingest_errc::trailing_bytes);

  if (found.type.seen != value::string && found.type.seen != value::too_long) {
    return make_error_code(ingest_errc::missing_type);
  }
  scanned_event event;
  event.type = found.type.text;
  switch (found.session_id.seen) {
    case value::other: return make_error_code(ingest_errc::session_id_type);
    case value::too_long: return make_error_code(ingest_errc::session_id_too_long);
    case value::string:
      event.has_session = !found.session_id.text.empty();
      if (event.has_session) event.session_key = found.session_id.text;
      break;
    case value::absent:
    case value::null: break;
  }
  if (found.event_id.seen == value::string) event.event_id = parse_event_id(found.event_id.text);
  const event_type* const listed =
      found.type.seen == value::string ? find_event_type(event.type) : nullptr;
  event.known_type = listed != nullptr;
  if (schema_ == schema_mode::strict) {
    if (listed == nullptr) return make_error_code(ingest_errc::unknown_type);
    if (listed->needs_session && !event.has_session) {
      return make_error_code(ingest_errc::missing_session_id);
    }
  }
  return event;
}

}  // namespace vibes::ingest
