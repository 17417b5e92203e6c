#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "config/load.hpp"

extern char** environ;

namespace vibes::config {
namespace {

// Files of settings and secrets are small; what is larger is a mistake in a path.
constexpr std::size_t file_bytes_max = 1 << 20;

load_sources::secret_text read_small_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return {std::nullopt, std::strerror(errno != 0 ? errno : EIO), errno == ENOENT};
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return {std::nullopt, std::strerror(errno != 0 ? errno : EIO)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_bytes_max) return {std::nullopt, "larger than 1 MiB"};
  return {std::move(text), {}};
}

}  // namespace

read_sources_result read_sources(const std::string& path, bool named_by_user) {
  read_sources_result read;
  read.sources.file_name = path;
  read.sources.read_secret = read_small_file;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable = *each;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    read.sources.environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  auto file = read_small_file(path);
  if (file.text) {
    read.sources.file_text = std::move(file.text);
  } else if (named_by_user || !file.missing) {
    read.mistake = diagnostic{path, 0, 0, "cannot read the configuration: " + file.error};
  }
  return read;
}

}  // namespace vibes::config
