#pragma once

#include <string>

#include "daemon/link/link_report.hpp"

namespace vibes::admin {

/// One line about the link's last error: what is wrong at `address`, and what to do. Chosen by the
/// error's number and the request it answered, never by text.
std::string explain_link_error(const link::link_report&, const std::string& address);

}  // namespace vibes::admin
