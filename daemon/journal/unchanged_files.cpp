#include "daemon/journal/unchanged_files.hpp"

#include <algorithm>

namespace vibes::journal {
namespace {

error_code read_only() {
  return make_error_code(boost::system::errc::read_only_file_system);
}

}  // namespace

error_code unchanged_files::lock(std::string_view name) {
  const result<std::vector<std::string>> names = of_.list();
  if (!names) return names.error();
  if (std::ranges::find(*names, name) == names->end()) return {};
  const error_code error = of_.lock(name);
  // Nor can anybody change what is on a read-only disk.
  return error == boost::system::errc::read_only_file_system ? error_code() : error;
}

result<file_handle> unchanged_files::create(std::string_view) {
  return read_only();
}

result<std::size_t> unchanged_files::write(file_handle, std::span<const std::byte>) {
  return read_only();
}

}  // namespace vibes::journal
