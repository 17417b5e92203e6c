#pragma once

#include <string_view>
#include <type_traits>

#include "daemon/base/result.hpp"

namespace vibes::ingest {

/// Why a line was refused, or its event lost. The names (code_name) are part of the socket
/// protocol: docs/socket-protocol.md lists them, and they never change meaning.
enum class ingest_errc : int {
  invalid_json = 1,
  invalid_utf8,
  number_out_of_range,
  nesting_too_deep,
  trailing_bytes,
  not_an_object,
  duplicate_key,
  missing_type,
  session_id_type,
  session_id_too_long,
  unknown_type,
  missing_session_id,
  line_too_long,
  partial_lines_full,
  late_hello,
  bad_hello,
  durable_unavailable,
  dropped_by_overflow,
  refused_by_iggy,
  stopping,
  dropped_by_operator,
  lost_on_disk,
  out_of_memory,
};
inline constexpr int ingest_errc_last = static_cast<int>(ingest_errc::out_of_memory);

/// The stable name that error lines, status and metrics carry.
std::string_view code_name(ingest_errc) noexcept;

/// One sentence for the producer's author: what is wrong and what to do.
std::string_view advice(ingest_errc) noexcept;

const boost::system::error_category& ingest_category() noexcept;
error_code make_error_code(ingest_errc) noexcept;

}  // namespace vibes::ingest

template <>
struct boost::system::is_error_code_enum<vibes::ingest::ingest_errc> : std::true_type {};
