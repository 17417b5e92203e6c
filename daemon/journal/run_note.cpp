#include "daemon/journal/run_note.hpp"

namespace vibes::journal {
namespace {

error_code too_long() {
  return make_error_code(boost::system::errc::message_size);
}

error_code write_all(file_system& files, file_handle to, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const result<std::size_t> wrote = files.write(to, bytes);
    if (!wrote) return wrote.error();
    bytes = bytes.subspan(*wrote);
  }
  return files.sync(to);
}

}  // namespace

error_code write_run_note(file_system& files, std::string_view text) {
  if (text.size() > run_note_bytes_max) return too_long();
  // What an earlier process did not finish.
  const error_code removed = files.remove(new_run_note_name);
  if (removed && removed != boost::system::errc::no_such_file_or_directory) return removed;
  const result<file_handle> made = files.create(new_run_note_name);
  if (!made) return made.error();
  const error_code written = write_all(files, *made, std::as_bytes(std::span(text)));
  files.close(*made);
  if (written) return written;
  if (const error_code error = files.rename(new_run_note_name, run_note_name)) return error;
  return files.sync_directory();
}

result<std::string> read_run_note(file_system& files) {
  const result<file_handle> file = files.open_to_read(run_note_name);
  if (!file) {
    const bool is_missing = file.error() == boost::system::errc::no_such_file_or_directory;
    return is_missing ? result<std::string>(std::string()) : file.error();
  }
  std::string text(run_note_bytes_max + 1, '\0');
  const result<std::size_t> got = files.read_at(*file, 0, std::as_writable_bytes(std::span(text)));
  files.close(*file);
  if (!got) return got.error();
  if (*got > run_note_bytes_max) return too_long();
  text.resize(*got);
  return text;
}

}  // namespace vibes::journal
