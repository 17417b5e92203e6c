#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>

#include "daemon/journal/file_system.hpp"
#include "protocol/codec.hpp"

namespace vibes::test {

/// A directory in memory that does what disks do at their worst: forgets in a crash what was not
/// synced, writes short, runs full, fails a chosen call.
class fake_file_system final : public journal::file_system {
 public:
  // What goes wrong.
  enum class call : std::uint8_t { any, changing, write, sync, read };

  /// The next-but-`after` call of this kind fails with this error, once.
  void fail_call(call kind, std::uint64_t after, int error) { fault_ = {kind, after, error}; }
  void no_faults() { fault_.reset(); }
  /// The machine, or the process, is at its end after as many more calls that change something:
  /// the next one is torn, if it is a write, and all further ones fail, until crash() or
  /// process_ends().
  void stop_after(std::uint64_t changing_calls) { calls_left_ = changing_calls; }
  bool has_stopped() const { return stopped_; }
  /// Writes take at most as many bytes; 0: all.
  void set_write_max(std::size_t bytes) { write_max_ = bytes; }
  /// All files together hold at most as many bytes; further ones are ENOSPC.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  /// Reads that touch this part of this file are EIO.
  void set_unreadable(std::string name, std::uint64_t from, std::uint64_t until) {
    unreadable_ = {std::move(name), from, until};
  }
  void set_read_only(bool value) { read_only_ = value; }
  void set_locked_elsewhere(bool value) { locked_elsewhere_ = value; }

  /// The machine stops: of each file, what was synced is left and some of what was not; files that
  /// were created or removed since the last sync of the directory may be there or not.
  void crash(std::mt19937_64& random);

  /// Only the process ends: nothing is forgotten. A sync that had failed before turns out to have
  /// worked, since no later process could know of it.
  void process_ends();

  // What is there.
  std::map<std::string, protocol::byte_vector> contents() const;
  void put(const std::string& name, protocol::byte_vector bytes);
  void put_all(const std::map<std::string, protocol::byte_vector>& files);
  protocol::byte_vector& bytes_of(const std::string& name) { return files_.at(name)->bytes; }
  void erase(const std::string& name) { files_.erase(name); }
  std::uint64_t total_bytes() const;
  std::size_t open_files() const { return handles_.size(); }
  std::uint64_t calls() const { return calls_; }
  std::uint64_t changing_calls() const { return changing_calls_; }

  error_code lock(std::string_view name) override;
  result<std::vector<std::string>> list() override;
  result<journal::file_handle> create(std::string_view name) override;
  result<journal::file_handle> open_to_read(std::string_view name) override;
  void close(journal::file_handle) noexcept override;
  result<std::size_t> write(journal::file_handle, std::span<const std::byte>) override;
  result<std::size_t> read_at(journal::file_handle, std::uint64_t, std::span<std::byte>) override;
  result<std::uint64_t> size(journal::file_handle) override;
  error_code sync(journal::file_handle) override;
  error_code sync_directory() override;
  error_code truncate(std::string_view name, std::uint64_t size) override;
  error_code remove(std::string_view name) override;
  error_code rename(std::string_view from, std::string_view to) override;

 private:
  struct file {
    protocol::byte_vector bytes;
    std::size_t synced = 0;
    bool entry_synced = false;
    bool sync_failed = false;  // what was not synced then never will be, whatever later syncs say
  };
  struct fault {
    call kind = call::any;
    std::uint64_t after = 0;
    int error = 0;
  };

  struct unreadable_part {
    std::string name;
    std::uint64_t from = 0;
    std::uint64_t until = 0;
  };

  error_code meet_fault(call kind);
  bool meets_stop();
  void start_again();
  static void lose_unsynced(file&, std::mt19937_64& random);
  journal::file_handle open(std::shared_ptr<file>);
  file& at(journal::file_handle handle) { return *handles_.at(handle); }

  std::map<std::string, std::shared_ptr<file>, std::less<>> files_;
  std::map<std::string, std::shared_ptr<file>> removed_;  // since the last sync of the directory
  std::map<journal::file_handle, std::shared_ptr<file>> handles_;
  std::optional<fault> fault_;
  std::optional<std::uint64_t> calls_left_;
  bool stopped_ = false;
  unreadable_part unreadable_;
  std::uint64_t calls_ = 0;
  std::uint64_t changing_calls_ = 0;
  int next_handle_ = 1;
  std::size_t write_max_ = 0;
  std::uint64_t capacity_ = ~std::uint64_t{0};
  bool read_only_ = false;
  bool locked_elsewhere_ = false;
};

}  // namespace vibes::test
