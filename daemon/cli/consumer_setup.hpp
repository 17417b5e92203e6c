#pragma once

#include <string>

#include "config/exit_code.hpp"
#include "config/settings.hpp"
#include "daemon/consumer/iggy_client.hpp"

namespace vibes::cli {

/// A tool's client from the daemon's settings; it never creates anything.
consumer::client_settings client_settings_of(const config::settings&);

/// Whether the stream or the topic is not there. What the settings say of creating them is the
/// daemon's business: reading never creates anything.
bool is_missing(const error_code&);

/// One line that says what is wrong with the link and what to do, and the exit code for it.
struct client_failure {
  config::exit_code code;
  std::string text;
  bool permanent = false;  // Iggy refuses, and goes on to until somebody changes something
};
client_failure explain(const consumer::iggy_client&, const error_code&);

/// To go behind a failure: where the login came from, when Iggy does not allow something. The
/// daemon may have another one. Empty after other failures.
std::string login_hint(const config::settings&, config::exit_code);

}  // namespace vibes::cli
