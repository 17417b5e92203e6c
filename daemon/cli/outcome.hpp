#pragma once

#include <string>

#include "config/exit_code.hpp"

namespace vibes::cli {

/// How a command, or a part of one, has ended.
struct outcome {
  config::exit_code code = config::exit_code::ok;
  std::string complaint;  // one line, when the code is not ok
  bool ok() const noexcept { return code == config::exit_code::ok; }
};

}  // namespace vibes::cli
