#include "daemon/admin/dead_letter.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/admin/text_forms.hpp"
#include "daemon/base/utf8.hpp"
#include "protocol/error.hpp"

namespace vibes::admin {

namespace json = boost::json;

namespace {

/// What a byte of payload becomes at most: a control character is \u0000.
constexpr std::size_t escaped_bytes_max = 6;

/// A cut may go through a character: what is left of that one is left out, so that the rest stays
/// readable.
std::string_view without_half_character(std::string_view head) {
  constexpr std::size_t character_bytes_max = 4;
  for (std::size_t cut = 0; cut < character_bytes_max && cut <= head.size(); ++cut) {
    const std::string_view shorter = head.substr(0, head.size() - cut);
    if (is_valid_utf8(shorter)) return shorter;
  }
  return head;
}

std::string line_of(const dead_letter& of) {
  json::object out{{"time", time_text(of.unix_us)},
                   {"code", json::string_view(of.code.data(), of.code.size())}};
  if (of.refused_with) {
    if (of.refused_with.category() == protocol::iggy_category()) {
      out["status"] = of.refused_with.value();
    }
    out["detail"] = of.refused_with.message();
  }
  if (of.origin.connection != 0) {
    out["connection"] = of.origin.connection;
    out["pid"] = of.origin.pid;
    out["uid"] = of.origin.uid;
    out["line"] = of.line;
  }
  if (of.sequence) out["sequence"] = *of.sequence;
  if (of.id) out["message_id"] = id_text(*of.id);
  const bool cut = of.whole_bytes > of.payload.size();
  out["bytes"] = of.whole_bytes;
  if (cut) out["truncated"] = true;
  put_payload(out, cut ? without_half_character(of.payload) : of.payload);
  return json::serialize(out) + "\n";
}

}  // namespace

std::string dead_letter_line(dead_letter of, std::size_t bytes_max) {
  std::string line = line_of(of);
  if (line.size() <= bytes_max) return line;
  const std::size_t room = (bytes_max - dead_letter_frame_bytes_max) / escaped_bytes_max;
  of.payload = of.payload.substr(0, room);
  return line_of(of);
}

std::optional<kept_letter> parse_dead_letter(std::string_view line) {
  json::error_code error;
  const json::value parsed = json::parse({line.data(), line.size()}, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const json::object& from = parsed.get_object();
  const json::value* const code = from.if_contains("code");
  std::optional<std::string> payload = payload_of(from);
  if (code == nullptr || !code->is_string() || !payload) return std::nullopt;
  const json::value* const cut = from.if_contains("truncated");
  return kept_letter{std::string(code->get_string()), std::move(*payload),
                     cut != nullptr && cut->is_bool() && cut->get_bool()};
}

}  // namespace vibes::admin
