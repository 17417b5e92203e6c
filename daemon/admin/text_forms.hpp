#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/types.hpp"

namespace vibes::admin {

/// RFC 3339 in UTC, to the microsecond: 2026-11-25T02:07:34.123456Z. Years up to 9999.
std::string time_text(std::uint64_t unix_us);

/// A message id in the 36-character form of a UUID.
std::string id_text(const protocol::message_id&);

/// Adds the bytes as the string `payload` when they are UTF-8, otherwise as `payload_base64`.
void put_payload(boost::json::object& to, std::string_view bytes);
/// What put_payload put there; nothing when there is none, or it is damaged.
std::optional<std::string> payload_of(const boost::json::object&);

}  // namespace vibes::admin
