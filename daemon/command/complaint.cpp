#include "daemon/command/complaint.hpp"

#include <iostream>

#include "daemon/base/terminal_text.hpp"

namespace vibes::command {

void complain(std::string_view text) {
  std::cerr << one_line(text) << "\n";
}

}  // namespace vibes::command
