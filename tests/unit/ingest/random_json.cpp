#include "tests/unit/ingest/random_json.hpp"

#include <array>
#include <cstdio>

namespace vibes::test {
namespace {

constexpr std::string_view keys[] = {"type", "session_id", "event_id", "vibes_ingest", "a",
                                     "",     "typ",        "type ",    "\xc3\xa9vent"};
constexpr std::string_view texts[] = {"",
                                      "hook",
                                      "claude",
                                      "s1",
                                      "type",
                                      "\"\\/\t\n",
                                      "\xc3\xa9",
                                      "\xe2\x82\xac",
                                      "\xf0\x9f\x98\x80",
                                      "\x7f",
                                      "0191f5a0-1234-7abc-8def-0123456789ab"};
constexpr const char* numbers[] = {"0",
                                   "-0",
                                   "7",
                                   "-1.5",
                                   "1e5",
                                   "1E-05",
                                   "0.25",
                                   "1e999",
                                   "1e99999999999",
                                   "18446744073709551616",
                                   "123456789012345678901234567890"};
constexpr std::string_view damages[] = {"\"",          "\\",
                                        "{",           "}",
                                        "[",           "]",
                                        ",",           ":",
                                        " ",           "\\ud800",
                                        "\\u0041",     "\xff",
                                        "\xc3",        "\xed\xa0\x80",
                                        "0",           "1e",
                                        "-",           "null",
                                        "\x01",        "\n",
                                        "\"type\":1,", "\"session_id\":\"q\",",
                                        "//",          "'",
                                        "}{"};

}  // namespace

std::string random_json::blank() {
  static constexpr std::string_view blanks[] = {" ", "\t", "\r", "\n", "  "};
  return one_in(8) ? std::string(any_of(blanks)) : "";
}

std::string random_json::literal(std::string_view text) {
  std::string written = "\"";
  for (const char each : text) {
    const auto octet = static_cast<unsigned char>(each);
    const bool must = octet < 0x20 || each == '"' || each == '\\';
    if (must || (octet < 0x80 && one_in(10))) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), one_in(2) ? "\\u%04x" : "\\u%04X", octet);
      written += escape.data();
    } else {
      written += each;
    }
  }
  if (one_in(10)) written += one_in(2) ? "\\ud83d\\ude00" : "\\/\\b\\f";
  return written + '"';
}

std::string random_json::number() {
  if (one_in(3)) return any_of(numbers);
  return std::to_string(static_cast<std::int64_t>(random_()) >> below(64));
}

std::string random_json::members(std::size_t count, int depth) {
  std::string written;
  for (; count > 0; --count) {
    written += blank() + literal(any_of(keys)) + blank() + ":" + blank() + value(depth) + blank();
    if (count > 1) written += ",";
  }
  return written;
}

std::string random_json::value(int depth) {
  static constexpr std::string_view words[] = {"null", "true", "false"};
  switch (below(depth > 4 ? 4 : 7)) {
    case 0: return std::string(any_of(words));
    case 1: return number();
    case 2:
    case 3: return literal(one_in(20) ? std::string(250 + below(10), 'k') : any_of(texts));
    case 4: return "{" + members(below(4), depth + 1) + "}";
    case 5: {
      std::string items = value(depth + 1);
      for (std::size_t more = below(3); more > 0; --more) items += blank() + "," + value(depth + 1);
      return "[" + items + "]";
    }
    default: break;
  }
  const std::size_t levels = one_in(10) ? 50 + below(20) : below(4);
  return std::string(levels, '[') + value(depth + 1) + std::string(levels, ']');
}

std::string random_json::event_object() {
  std::string fields = literal("type") + ":" + literal(any_of(texts));
  if (!one_in(3)) {
    fields += "," + literal("session_id") + ":" + (one_in(6) ? value(0) : literal(any_of(texts)));
  }
  for (std::size_t more = below(3); more > 0; --more) {
    const std::string key = one_in(12) ? literal(any_of(keys)) : literal("other");
    fields += "," + key + blank() + ":" + value(0);
  }
  return "{" + fields + "}";
}

std::string random_json::line() {
  const std::size_t kind = below(8);
  if (kind == 0) return blank() + value(0) + blank();
  if (kind == 1) return "{" + members(below(6), 0) + "}";
  return blank() + event_object() + blank();
}

std::string random_json::damaged(std::string line) {
  for (std::size_t times = 1 + below(3); times > 0; --times) {
    const std::size_t at = below(line.size() + 1);
    const std::size_t size = std::min(1 + below(6), line.size() - at);
    switch (below(6)) {
      case 0: line.erase(at, size); break;
      case 1: line.insert(at, line.substr(at, size)); break;
      case 2: line.resize(at); break;
      case 3:
        if (at < line.size()) line[at] = static_cast<char>(below(256));
        break;
      case 4:
        if (at < line.size()) line[at] = static_cast<char>(line[at] ^ (1 << below(8)));
        break;
      default: line.insert(at, any_of(damages)); break;
    }
  }
  return line;
}

}  // namespace vibes::test
