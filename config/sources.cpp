#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "config/load.hpp"

extern char** environ;

namespace vibes::config {
namespace {

// Files of settings and secrets are small; what is larger is a mistake in a path.
constexpr std::size_t file_bytes_max = 1 << 20;

file_text read_small_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int why = errno != 0 ? errno : EIO;
    return {std::nullopt, std::strerror(why), why == ENOENT, why == EACCES || why == EPERM};
  }
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return {std::nullopt, std::strerror(errno != 0 ? errno : EIO)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_bytes_max) return {std::nullopt, "larger than 1 MiB"};
  struct stat found {};
  const bool for_others = ::stat(path.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0;
  return {std::move(text), {}, false, false, for_others};
}

}  // namespace

surroundings surroundings_of_this_process() {
  surroundings here;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable = *each;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    here.environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  here.is_root = ::geteuid() == 0;
  here.read_file = read_small_file;
  here.is_socket = [](const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
  };
  here.exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  return here;
}

read_sources_result read_sources(const settings_choice& chosen, const surroundings& here) {
  read_sources_result read;
  read.sources.file_name = chosen.file;
  read.sources.defaults = chosen.defaults;
  read.sources.is_root = here.is_root;
  read.sources.environment = here.environment;
  read.sources.read_secret = read_small_file;
  file_text file = here.read_file(chosen.file);
  if (file.text) {
    read.sources.file_text = std::move(file.text);
    read.sources.file_for_others = file.for_others;
  } else if (chosen.may_be_unreadable && file.forbidden) {
    read.note = "cannot read " + chosen.file + ": " + file.error + ": the defaults are used";
  } else if (!(chosen.may_be_missing && file.missing)) {
    read.mistake = diagnostic{chosen.file, 0, 0, "cannot read the configuration: " + file.error};
  }
  return read;
}

}  // namespace vibes::config
