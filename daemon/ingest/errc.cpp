#include "daemon/ingest/errc.hpp"

#include <array>
#include <string>

namespace vibes::ingest {
namespace {

struct description {
  std::string_view name;
  std::string_view advice;
};

constexpr std::array<description, ingest_errc_last> descriptions = {{
    {"invalid_json", "the line is not valid JSON: send one complete JSON object a line"},
    {"invalid_utf8", "the line is not valid UTF-8: encode it as UTF-8"},
    {"number_out_of_range", "a number's exponent is out of range: send it as a string"},
    {"nesting_too_deep", "the object is nested deeper than 64 levels: flatten it"},
    {"trailing_bytes", "something follows the JSON object: send one object a line"},
    {"not_an_object", "the line is not a JSON object: an event is one object"},
    {"duplicate_key", "type, session_id or event_id stands twice at the top level: send it once"},
    {"missing_type", "the object has no top-level string \"type\": name the event"},
    {"session_id_type", "session_id is neither a string nor null: send a string"},
    {"session_id_too_long", "session_id is longer than 255 bytes: shorten it"},
    {"unknown_type", "the type is not in the list, and schema is \"strict\""},
    {"missing_session_id", "this type needs a session_id, and schema is \"strict\""},
    {"line_too_long", "the line is longer than max_event_bytes: send less or raise the limit"},
    {"partial_lines_full",
     "too many half-read lines in the daemon: finish lines sooner, or raise "
     "partial_lines_bytes_max"},
    {"late_hello", "a hello is only taken as the first line of a connection"},
    {"bad_hello",
     "the hello is not understood: send {\"vibes_ingest\":{\"ack\":\"received\"}}, \"durable\" or "
     "\"committed\""},
    {"durable_unavailable",
     "the level \"durable\" needs a journal that works and has sync \"every_group\": use "
     "\"committed\""},
    {"dropped_by_overflow", "the queue was full in an outage of Iggy: send the event again later"},
    {"refused_by_iggy", "Iggy refused this event for good: see the daemon's log and status"},
    {"stopping", "the daemon stopped before Iggy had the event: send it again"},
    {"dropped_by_operator",
     "an operator took the event out of the queue: ask them before you send it again"},
    {"lost_on_disk", "the daemon's disk could not give the event back: send it again"},
    {"out_of_memory", "the daemon has no memory left for this event: send it again later"},
}};

const description& describe(ingest_errc code) noexcept {
  return descriptions[static_cast<std::size_t>(code) - 1];
}

class ingest_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "ingest"; }
  std::string message(int value) const override {
    if (value < 1 || value > ingest_errc_last)
      return "unknown ingest error " + std::to_string(value);
    return std::string(advice(static_cast<ingest_errc>(value)));
  }
};

}  // namespace

std::string_view code_name(ingest_errc code) noexcept {
  return describe(code).name;
}

std::string_view advice(ingest_errc code) noexcept {
  return describe(code).advice;
}

const boost::system::error_category& ingest_category() noexcept {
  static const ingest_category_type category;
  return category;
}

error_code make_error_code(ingest_errc code) noexcept {
  return {static_cast<int>(code), ingest_category()};
}

}  // namespace vibes::ingest
