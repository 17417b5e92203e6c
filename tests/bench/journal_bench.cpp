#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "daemon/queue/journal.hpp"
#include "daemon/runtime/posix_file_system.hpp"

// How fast the journal is on a disk, and what it costs to open a large one:
// vibes-bench-journal DIRECTORY [MIB]. The directory must not exist; it is removed at the end.

namespace {

using namespace vibes;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t payload_bytes = 450;
constexpr std::size_t group_events = 200;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

double peak_rss_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

queue::record_group group_from(std::uint64_t first) {
  static const std::string payload(payload_bytes, 'x');
  queue::record_group group;
  for (std::uint64_t i = 0; i < group_events; ++i) {
    group.add({first + i, {1, first + i}, 7, 0, std::as_bytes(std::span(payload))});
  }
  return group;
}

/// The same sizes, written and synced with nothing around: what the disk can do.
void raw_loop(const std::string& directory, int rounds) {
  const std::string path = directory + "/raw";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) die("cannot make " + path);
  const queue::record_group group = group_from(1);
  const auto start = clock_type::now();
  for (int i = 0; i < rounds; ++i) {
    const auto bytes = group.bytes();
    if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fdatasync(file) != 0) {
      die("cannot write " + path);
    }
  }
  const double took = seconds_since(start);
  ::close(file);
  std::filesystem::remove(path);
  std::printf("raw write+fdatasync     %8.0f groups/s  %7.1f MB/s\n", rounds / took,
              static_cast<double>(group.size_bytes()) * rounds / took / 1e6);
}

/// Appends until the journal holds so many bytes; every group synced, or none.
void append(const std::string& directory, std::uint64_t bytes, bool sync, std::uint64_t cap) {
  runtime::posix_file_system files = *runtime::posix_file_system::open(directory);
  queue::journal journal(files, queue::journal_limits_for(cap, sync), 1);
  if (!journal.open()) die("cannot open the journal");
  std::uint64_t next = journal.next_sequence();
  std::uint64_t groups = 0;
  const std::uint64_t before = journal.usage().bytes;
  const auto start = clock_type::now();
  while (journal.usage().bytes - before < bytes) {
    if (journal.append(group_from(next), 0)) die("append failed");
    if (sync && journal.sync(0)) die("sync failed");
    next += group_events;
    ++groups;
  }
  const double took = seconds_since(start);
  std::printf("journal %s  %8.0f groups/s  %7.1f MB/s  %9.0f events/s\n",
              sync ? "append+sync   " : "append        ", static_cast<double>(groups) / took,
              static_cast<double>(journal.usage().bytes - before) / took / 1e6,
              static_cast<double>(groups * group_events) / took);
}

void open_and_read(const std::string& directory, std::uint64_t cap) {
  runtime::posix_file_system files = *runtime::posix_file_system::open(directory);
  queue::journal journal(files, queue::journal_limits_for(cap, true), 1);
  const double rss_before = peak_rss_mib();
  auto start = clock_type::now();
  const auto report = journal.open();
  if (!report) die("cannot open the journal: " + report.error().message());
  const double opened = seconds_since(start);
  const auto bytes = static_cast<double>(report->bytes);
  std::printf("open %7.0f MiB           %8.2f s        %7.1f MB/s  peak RSS %.1f MiB (+%.1f)\n",
              bytes / (1 << 20), opened, bytes / opened / 1e6, peak_rss_mib(),
              peak_rss_mib() - rss_before);
  start = clock_type::now();
  std::uint64_t events = 0;
  std::uint64_t next = 1;
  for (bool at_end = false; !at_end;) {
    const auto read = journal.read(next, {});
    if (!read) die("cannot read back");
    events += read->events.events();
    next = read->next;
    at_end = read->at_end;
  }
  const double took = seconds_since(start);
  std::printf(
      "read back               %8.2f s        %7.1f MB/s  %9.0f events/s  peak RSS %.1f MiB\n",
      took, bytes / took / 1e6, static_cast<double>(events) / took, peak_rss_mib());
  if (events != report->live_events) die("events are missing");
}

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t mib = 1'024;
  const std::string_view size = count == 3 ? arguments[2] : "1024";
  const bool is_number = std::from_chars(size.begin(), size.end(), mib).ptr == size.end();
  if (count < 2 || count > 3 || !is_number || mib < 64 || std::filesystem::exists(arguments[1])) {
    die("usage: vibes-bench-journal NEW_DIRECTORY [MIB, at least 64]");
  }
  const std::string directory = arguments[1];
  std::filesystem::create_directory(directory);
  const std::uint64_t cap = 2 * mib << 20;
  raw_loop(directory, 500);
  append(directory + "/journal", 64 << 20, true, cap);
  append(directory + "/journal", (mib - 64) << 20, false, cap);
  open_and_read(directory + "/journal", cap);
  std::filesystem::remove_all(directory);
}
