#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/event_scanner.hpp"

namespace vibes::test {

inline std::string_view name_of(const vibes::error_code& error) {
  if (error.category() != ingest::ingest_category()) return "an error of another category";
  return ingest::code_name(static_cast<ingest::ingest_errc>(error.value()));
}

/// What became of a line, as a table states it: "TYPE of KEY", or the code's name. The scanner gets
/// a copy of exactly the line's size, so that a byte read behind it fails under the sanitizer.
inline std::string verdict_of(ingest::event_scanner& scanner, std::string_view line) {
  const std::vector<char> copy(line.begin(), line.end());
  const auto scanned = scanner.scan({copy.data(), copy.size()});
  if (!scanned) return std::string(name_of(scanned.error()));
  return std::string(scanned->type) + " of " + std::string(scanned->session_key);
}

inline std::string lenient_verdict_of(std::string_view line) {
  ingest::event_scanner scanner(ingest::schema_mode::lenient);
  return verdict_of(scanner, line);
}

/// An event of type x whose payload is this text.
inline std::string with_payload(std::string_view value) {
  return R"({"type":"x","payload":)" + std::string(value) + "}";
}

/// An event of type x with this text as its session_id.
inline std::string with_session(std::string_view value) {
  return R"({"type":"x","session_id":)" + std::string(value) + "}";
}

inline std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

inline std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += text;
  return all;
}

}  // namespace vibes::test
