#include "daemon/app/socket_difference.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace vibes::app {
namespace {

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

}  // namespace

std::string explain_difference(const config::socket_settings& wanted,
                               const std::vector<io::handed_socket>& given) {
  if (given.empty()) return {};
  // With several sockets, one at the path of the settings is the one that these are about.
  auto like = std::ranges::find(given, wanted.path, &io::handed_socket::path);
  std::string text;
  const auto add = [&text](const std::string& key, const std::string& is, const std::string& set) {
    if (is == set) return;
    text += (text.empty() ? "" : ", ") + key + " is " + is + " and not " + set;
  };
  if (like == given.end()) like = given.begin();
  add("[socket] path", like->path, wanted.path);
  add("mode", octal(like->mode), wanted.mode);
  if (!wanted.group.empty()) add("group", like->group, wanted.group);
  return text.empty() ? text
                      : "the service manager's socket differs from the settings, which do not "
                        "count for it: " +
                            text;
}

}  // namespace vibes::app
