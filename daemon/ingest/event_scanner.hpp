#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "daemon/ingest/errc.hpp"
#include "protocol/types.hpp"

namespace vibes::ingest {

enum class schema_mode : std::uint8_t {
  lenient,  // unknown types pass and are counted
  strict,   // unknown types, and listed session events without a session, are refused
};

inline constexpr std::size_t session_id_bytes_max = 255;  // of the wire's messages key
inline constexpr std::size_t nesting_max = 64;            // the event's own object is level 1
inline constexpr std::string_view unknown_session = "unknown";

/// What decides about an event. Views are valid until the next scan.
struct scanned_event {
  std::string_view type;
  std::string_view session_key =
      unknown_session;  // unescaped; `unknown` when absent, null or empty
  bool has_session = false;
  bool known_type = false;
  std::optional<protocol::message_id> event_id;  // of a top-level UUID that is not nil
};

/// A UUID in its 36-character form, any case, as a big-endian number; nothing for other text or
/// nil.
std::optional<protocol::message_id> parse_event_id(std::string_view text) noexcept;

/// One pass over a whole line: valid JSON, an object, and what its top level says of type,
/// session_id and event_id. Nested keys of the same names are payload. Reuses its parser; not
/// thread-safe.
class event_scanner {
 public:
  explicit event_scanner(schema_mode);
  ~event_scanner();

  result<scanned_event> scan(std::string_view line);

  /// Whether the line scanned last had the top-level key `vibes_ingest`, valid event or not.
  bool saw_hello_key() const noexcept;

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
  schema_mode schema_;
};

}  // namespace vibes::ingest
