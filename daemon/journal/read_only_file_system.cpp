#include "daemon/journal/read_only_file_system.hpp"

#include <algorithm>

namespace vibes::journal {
namespace {

error_code read_only() {
  return make_error_code(boost::system::errc::read_only_file_system);
}

}  // namespace

error_code read_only_file_system::lock(std::string_view name) {
  const result<std::vector<std::string>> names = of_.list();
  if (!names) return names.error();
  if (std::ranges::find(*names, name) == names->end()) return {};
  const error_code error = of_.lock(name);
  // Nor can anybody change what is on a read-only disk.
  return error == boost::system::errc::read_only_file_system ? error_code() : error;
}

result<file_handle> read_only_file_system::create(std::string_view) {
  return read_only();
}

result<std::size_t> read_only_file_system::write(file_handle, std::span<const std::byte>) {
  return read_only();
}

}  // namespace vibes::journal
