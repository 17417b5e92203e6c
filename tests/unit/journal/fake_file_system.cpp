#include "tests/unit/journal/fake_file_system.hpp"

#include <algorithm>
#include <cerrno>

namespace vibes::test {
namespace {

error_code os_error(int number) {
  return {number, boost::system::system_category()};
}

std::size_t below(std::mt19937_64& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

}  // namespace

bool fake_file_system::meets_stop() {
  if (stopped_ || !calls_left_) return stopped_;
  stopped_ = *calls_left_ == 0;
  if (!stopped_) --*calls_left_;
  return stopped_;
}

void fake_file_system::start_again() {
  calls_left_.reset();
  stopped_ = false;
}

/// The error that this call has to give, if it is its turn.
error_code fake_file_system::meet_fault(call kind) {
  const bool changes = kind != call::read;
  ++calls_;
  if (changes) ++changing_calls_;
  if (changes && meets_stop()) return os_error(EIO);
  if (fault_ && (fault_->kind == call::any || fault_->kind == kind ||
                 (fault_->kind == call::changing && changes))) {
    if (fault_->after == 0) {
      const int error = fault_->error;
      fault_.reset();
      return os_error(error);
    }
    --fault_->after;
  }
  return read_only_ && changes ? os_error(EROFS) : error_code();
}

/// Some of it is kept; mostly the beginning, at times with a hole or zeros at the end.
void fake_file_system::lose_unsynced(file& of, std::mt19937_64& random) {
  const std::size_t unsynced = of.bytes.size() - of.synced;
  if (unsynced == 0) return;
  const std::size_t kept = of.synced + below(random, unsynced + 1);
  switch (below(random, 8)) {
    case 0:  // the size was written, the rest of the blocks not
      std::fill(of.bytes.begin() + static_cast<std::ptrdiff_t>(kept), of.bytes.end(), std::byte{0});
      return;
    case 1: {  // a block in the middle was not
      const std::size_t hole_end = kept + below(random, of.bytes.size() - kept + 1);
      std::fill(of.bytes.begin() + static_cast<std::ptrdiff_t>(kept),
                of.bytes.begin() + static_cast<std::ptrdiff_t>(hole_end), std::byte{0});
      return;
    }
    default: of.bytes.resize(kept);
  }
}

void fake_file_system::crash(std::mt19937_64& random) {
  handles_.clear();
  start_again();
  for (auto& [name, removed] : removed_) {
    if (below(random, 2) == 0 && !files_.contains(name)) files_[name] = removed;
  }
  for (auto each = files_.begin(); each != files_.end();) {
    if (!each->second->entry_synced && below(random, 2) == 0) {
      const auto replaced = removed_.find(each->first);
      if (replaced == removed_.end()) {
        each = files_.erase(each);
        continue;
      }
      each->second = replaced->second;
    }
    file& of = *each->second;
    lose_unsynced(of, random);
    of.synced = of.bytes.size();
    of.entry_synced = true;
    of.sync_failed = false;
    ++each;
  }
  removed_.clear();
}

void fake_file_system::process_ends() {
  handles_.clear();
  start_again();
  for (auto& [name, each] : files_) {
    if (each->sync_failed) each->synced = each->bytes.size();
    each->sync_failed = false;
  }
}

std::map<std::string, protocol::byte_vector> fake_file_system::contents() const {
  std::map<std::string, protocol::byte_vector> all;
  for (const auto& [name, each] : files_) all[name] = each->bytes;
  return all;
}

void fake_file_system::put(const std::string& name, protocol::byte_vector bytes) {
  const std::size_t size = bytes.size();
  files_[name] = std::make_shared<file>(file{std::move(bytes), size, true, false});
}

void fake_file_system::put_all(const std::map<std::string, protocol::byte_vector>& files) {
  for (const auto& [name, bytes] : files) put(name, bytes);
}

std::uint64_t fake_file_system::total_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, each] : files_) sum += each->bytes.size();
  return sum;
}

error_code fake_file_system::lock(std::string_view name) {
  if (locked_elsewhere_) return os_error(EWOULDBLOCK);
  if (!files_.contains(name)) put(std::string(name), {});
  return {};
}

result<std::vector<std::string>> fake_file_system::list() {
  if (const error_code error = meet_fault(call::read)) return error;
  std::vector<std::string> names;
  for (const auto& [name, each] : files_) names.push_back(name);
  return names;
}

journal::file_handle fake_file_system::open(std::shared_ptr<file> opened) {
  const auto handle = static_cast<journal::file_handle>(next_handle_++);
  handles_[handle] = std::move(opened);
  return handle;
}

result<journal::file_handle> fake_file_system::create(std::string_view name) {
  if (const error_code error = meet_fault(call::changing)) return error;
  if (files_.contains(name)) return os_error(EEXIST);
  return open(files_[std::string(name)] = std::make_shared<file>());
}

result<journal::file_handle> fake_file_system::open_to_read(std::string_view name) {
  if (const error_code error = meet_fault(call::read)) return error;
  const auto found = files_.find(name);
  if (found == files_.end()) return os_error(ENOENT);
  return open(found->second);
}

void fake_file_system::close(journal::file_handle handle) noexcept {
  handles_.erase(handle);
}

result<std::size_t> fake_file_system::write(journal::file_handle handle,
                                            std::span<const std::byte> bytes) {
  const bool had_stopped = stopped_;
  if (const error_code error = meet_fault(call::write)) {
    if (stopped_ && !had_stopped) {
      protocol::byte_vector& torn = at(handle).bytes;
      torn.insert(torn.end(), bytes.begin(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2));
    }
    return error;
  }
  const std::uint64_t used = total_bytes();
  const std::uint64_t room = capacity_ > used ? capacity_ - used : 0;
  std::size_t size = write_max_ == 0 ? bytes.size() : std::min(bytes.size(), write_max_);
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, room));
  if (size == 0) return os_error(ENOSPC);
  protocol::byte_vector& to = at(handle).bytes;
  to.insert(to.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  return size;
}

result<std::size_t> fake_file_system::read_at(journal::file_handle handle, std::uint64_t offset,
                                              std::span<std::byte> to) {
  if (const error_code error = meet_fault(call::read)) return error;
  const protocol::byte_vector& from = at(handle).bytes;
  const auto bad = files_.find(unreadable_.name);
  if (bad != files_.end() && bad->second == handles_.at(handle) && offset < unreadable_.until &&
      offset + to.size() > unreadable_.from) {
    return os_error(EIO);
  }
  if (offset >= from.size()) return std::size_t{0};
  const auto size = std::min<std::size_t>(to.size(), from.size() - offset);
  std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(offset), size, to.begin());
  return size;
}

result<std::uint64_t> fake_file_system::size(journal::file_handle handle) {
  if (const error_code error = meet_fault(call::read)) return error;
  return std::uint64_t{at(handle).bytes.size()};
}

error_code fake_file_system::sync(journal::file_handle handle) {
  file& of = at(handle);
  if (const error_code error = meet_fault(call::sync)) {
    if (!stopped_) of.sync_failed = true;
    return error;
  }
  if (!of.sync_failed) of.synced = of.bytes.size();
  return {};
}

error_code fake_file_system::sync_directory() {
  if (const error_code error = meet_fault(call::sync)) return error;
  for (auto& [name, each] : files_) each->entry_synced = true;
  removed_.clear();
  return {};
}

error_code fake_file_system::truncate(std::string_view name, std::uint64_t size) {
  if (const error_code error = meet_fault(call::changing)) return error;
  const auto found = files_.find(name);
  if (found == files_.end()) return os_error(ENOENT);
  found->second->bytes.resize(static_cast<std::size_t>(size));
  if (!found->second->sync_failed) found->second->synced = found->second->bytes.size();
  found->second->synced = std::min(found->second->synced, found->second->bytes.size());
  return {};
}

error_code fake_file_system::remove(std::string_view name) {
  if (const error_code error = meet_fault(call::changing)) return error;
  const auto found = files_.find(name);
  if (found == files_.end()) return os_error(ENOENT);
  if (found->second->entry_synced) removed_[found->first] = found->second;
  files_.erase(found);
  return {};
}

/// A crash before the next sync of the directory may take the new file away, and then gives the one
/// that it replaced back.
error_code fake_file_system::rename(std::string_view from, std::string_view to) {
  if (const error_code error = meet_fault(call::changing)) return error;
  const auto found = files_.find(from);
  if (found == files_.end()) return os_error(ENOENT);
  const std::shared_ptr<file> renamed = found->second;
  files_.erase(found);
  const auto replaced = files_.find(to);
  if (replaced != files_.end() && replaced->second->entry_synced) {
    removed_[replaced->first] = replaced->second;
  }
  renamed->entry_synced = false;
  files_[std::string(to)] = renamed;
  return {};
}

}  // namespace vibes::test
