#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "daemon/io/journal/posix_file_system.hpp"
#include "daemon/journal/journal.hpp"

// How fast the journal is on a disk, and what it costs to open a large one; one JSON object a line.
// The directory must not exist; it is removed at the end. With --raw-bytes nothing is measured but
// what the disk does with writes of that size, each synced.

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

journal::record_group group_from(std::uint64_t first) {
  static const std::string payload(payload_bytes, 'x');
  journal::record_group group;
  for (std::uint64_t i = 0; i < group_events; ++i) {
    group.add({first + i, {1, first + i}, 7, 0, std::as_bytes(std::span(payload))});
  }
  return group;
}

/// Written and synced with nothing around: what the disk can do.
void raw_loop(const std::string& directory, std::size_t bytes, double seconds) {
  const std::string path = directory + "/raw";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) die("cannot make " + path);
  const std::vector<std::byte> group(bytes, std::byte{'x'});
  const auto start = clock_type::now();
  double writes = 0;
  for (; seconds_since(start) < seconds; ++writes) {
    if (::write(file, group.data(), bytes) != static_cast<ssize_t>(bytes) ||
        ::fdatasync(file) != 0) {
      die("cannot write " + path);
    }
  }
  const double took = seconds_since(start);
  ::close(file);
  std::filesystem::remove(path);
  std::printf(
      "{\"what\":\"raw\",\"write_bytes\":%zu,\"syncs_per_second\":%.1f,\"mb_per_second\":%.1f}\n",
      bytes, writes / took, static_cast<double>(bytes) * writes / took / 1e6);
}

/// Appends until the journal holds so many bytes; every group synced, or none.
void append(const std::string& directory, std::uint64_t bytes, bool sync, std::uint64_t cap) {
  io::posix_file_system files = *io::posix_file_system::open(directory);
  journal::journal journal(files,
                           journal::journal_limits_for(cap, sync ? journal::sync_policy::every_group
                                                                 : journal::sync_policy::never),
                           1);
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
  std::printf(
      "{\"what\":\"%s\",\"groups_per_second\":%.1f,\"mb_per_second\":%.1f,"
      "\"events_per_second\":%.0f}\n",
      sync ? "append_and_sync" : "append", static_cast<double>(groups) / took,
      static_cast<double>(journal.usage().bytes - before) / took / 1e6,
      static_cast<double>(groups * group_events) / took);
}

void open_and_read(const std::string& directory, std::uint64_t cap) {
  io::posix_file_system files = *io::posix_file_system::open(directory);
  journal::journal journal(files, journal::journal_limits_for(cap), 1);
  const double rss_before = peak_rss_mib();
  auto start = clock_type::now();
  const auto report = journal.open();
  if (!report) die("cannot open the journal: " + report.error().message());
  const double opened = seconds_since(start);
  const auto bytes = static_cast<double>(report->bytes);
  std::printf(
      "{\"what\":\"open\",\"mib\":%.0f,\"seconds\":%.2f,\"mb_per_second\":%.1f,"
      "\"peak_rss_mib\":%.1f,\"peak_rss_mib_more\":%.1f}\n",
      bytes / (1 << 20), opened, bytes / opened / 1e6, peak_rss_mib(), peak_rss_mib() - rss_before);
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
      "{\"what\":\"read_back\",\"seconds\":%.2f,\"mb_per_second\":%.1f,"
      "\"events_per_second\":%.0f,\"peak_rss_mib\":%.1f}\n",
      took, bytes / took / 1e6, static_cast<double>(events) / took, peak_rss_mib());
  if (events != report->live_events) die("events are missing");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("the journal of vibes-ingestd on a disk");
  std::string directory;
  std::uint64_t mib = 1'024;
  std::size_t raw_bytes = 0;
  app.add_option("--directory", directory, "a new one, on the disk in question")->required();
  app.add_option("--mib", mib, "size of the journal that is opened")
      ->check(CLI::Range(64, 65'536))
      ->capture_default_str();
  app.add_option("--raw-bytes", raw_bytes, "measure nothing but synced writes of this size");
  CLI11_PARSE(app, argc, argv);
  if (std::filesystem::exists(directory)) die(directory + " exists");
  std::filesystem::create_directory(directory);
  constexpr double raw_seconds = 2;
  if (raw_bytes > 0) {
    raw_loop(directory, raw_bytes, raw_seconds);
  } else {
    const std::uint64_t cap = 2 * mib << 20;
    raw_loop(directory, group_from(1).size_bytes(), raw_seconds);
    append(directory + "/journal", 64 << 20, true, cap);
    append(directory + "/journal", (mib - 64) << 20, false, cap);
    open_and_read(directory + "/journal", cap);
  }
  std::filesystem::remove_all(directory);
}
