#pragma once

#include "config/load.hpp"
#include "config/toml_file.hpp"

namespace vibes::config {

/// Finds password and token: a systemd credential ("iggy-password", "iggy-token") wins over a file,
/// a file over the inline value. One trailing newline is not part of a secret. No message ever
/// contains one. Warns of a secret in a file that everybody may read.
void resolve_secrets(const load_sources&, const key_positions&, load_result& to);

}  // namespace vibes::config
