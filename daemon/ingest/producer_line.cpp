#include "daemon/ingest/producer_line.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace vibes::ingest {

namespace json = boost::json;

std::string_view to_string(ack_level level) noexcept {
  switch (level) {
    case ack_level::silent: return "silent";
    case ack_level::received: return "received";
    case ack_level::durable: return "durable";
    case ack_level::committed: return "committed";
  }
  return "unknown";
}

result<ack_level> parse_hello(std::string_view line) {
  json::error_code error;
  const json::value parsed = json::parse(json::string_view(line.data(), line.size()), error);
  const error_code bad = make_error_code(ingest_errc::bad_hello);
  if (error || !parsed.is_object() || parsed.get_object().size() != 1) return bad;
  // The tree keeps the last of two equal keys. A hello's three strings hold no quotes themselves,
  // so that a key given twice shows in their number.
  if (std::ranges::count(line, '"') != 6) return bad;
  const json::value* const hello = parsed.get_object().if_contains("vibes_ingest");
  if (hello == nullptr || !hello->is_object() || hello->get_object().size() != 1) return bad;
  const json::value* const ack = hello->get_object().if_contains("ack");
  if (ack == nullptr || !ack->is_string()) return bad;
  for (const ack_level each : {ack_level::received, ack_level::durable, ack_level::committed}) {
    const std::string_view name = to_string(each);
    if (ack->get_string() == json::string_view(name.data(), name.size())) return each;
  }
  return bad;
}

void append_hello_answer(std::string& to, const hello_answer& answer) {
  to += json::serialize(json::object{{"vibes_ingest",
                                      {{"version", std::string(answer.version)},
                                       {"ack", std::string(to_string(answer.level))},
                                       {"max_event_bytes", answer.event_bytes_max}}}});
  to += '\n';
}

void append_ack(std::string& to, std::uint64_t cumulative) {
  to += "{\"ack\":";
  to += std::to_string(cumulative);
  to += "}\n";
}

void append_error(std::string& to, std::uint64_t line, ingest_errc code) {
  to += json::serialize(json::object{{"error",
                                      {{"line", line},
                                       {"code", std::string(code_name(code))},
                                       {"message", std::string(advice(code))}}}});
  to += '\n';
}

void append_hello_error(std::string& to, ingest_errc code) {
  append_error(to, 0, code);
}

}  // namespace vibes::ingest
