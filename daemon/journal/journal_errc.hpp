#pragma once

#include <type_traits>

#include "daemon/base/result.hpp"

namespace vibes::journal {

/// What the journal itself has to say; the disk's errors are passed on as they come.
enum class journal_errc : int {
  locked = 1,      // another process uses the directory
  newer_format,    // written by a newer version of this program: nothing was touched
  older_format,    // written by an older one that this version cannot read: nothing was touched
  no_room,         // the byte cap: nothing is broken, there is room again after releases
  not_open,        // not opened yet, or failed: open it (again) first
  malformed_body,  // a verified record whose content makes no sense
  no_journal       // the directory holds none, where there has to be one
};

const boost::system::error_category& journal_category() noexcept;
error_code make_error_code(journal_errc) noexcept;

}  // namespace vibes::journal

template <>
struct boost::system::is_error_code_enum<vibes::journal::journal_errc> : std::true_type {};
