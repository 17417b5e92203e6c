#include "daemon/io/process/account_names.hpp"

#include <grp.h>
#include <pwd.h>

#include <array>
#include <vector>

namespace vibes::io {

std::string user_name(uid_t number) {
  std::vector<char> buffer(16'384);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(number, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? "uid " + std::to_string(number) : found->pw_name;
}

std::string group_name(gid_t number) {
  std::array<char, 16'384> buffer{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(number, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::to_string(number) : found->gr_name;
}

std::optional<gid_t> find_group(const std::string& name) {
  std::vector<char> buffer(16'384);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

}  // namespace vibes::io
