#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "daemon/base/failpoint.hpp"

// The environment's VIBES_KILL_AT=PLACE:N is the N-th passing of a place at which this program
// kills itself; `list` prints all places. VIBES_HANG_AT=PLACE:N is where the thread stays for ever,
// as a system call does whose disk does not answer.

namespace vibes {
namespace {

constexpr int usage_error = 64;
enum class act : std::uint8_t { kill, hang };

constexpr const char* variable_of(act what) {
  return what == act::kill ? "VIBES_KILL_AT" : "VIBES_HANG_AT";
}

/// Without a default, so that the compiler finds a place that has no name.
constexpr std::string_view name_of(failpoint_name place) {
  switch (place) {
    case failpoint_name::journal_create_before: return "journal_create_before";
    case failpoint_name::journal_create_after: return "journal_create_after";
    case failpoint_name::journal_write_before: return "journal_write_before";
    case failpoint_name::journal_write_after: return "journal_write_after";
    case failpoint_name::journal_sync_before: return "journal_sync_before";
    case failpoint_name::journal_sync_after: return "journal_sync_after";
    case failpoint_name::journal_directory_sync_before: return "journal_directory_sync_before";
    case failpoint_name::journal_directory_sync_after: return "journal_directory_sync_after";
    case failpoint_name::journal_read_before: return "journal_read_before";
    case failpoint_name::journal_read_after: return "journal_read_after";
    case failpoint_name::journal_remove_before: return "journal_remove_before";
    case failpoint_name::journal_remove_after: return "journal_remove_after";
    case failpoint_name::journal_truncate_before: return "journal_truncate_before";
    case failpoint_name::journal_truncate_after: return "journal_truncate_after";
    case failpoint_name::journal_release_before: return "journal_release_before";
    case failpoint_name::journal_release_after: return "journal_release_after";
    case failpoint_name::journal_outcome_before: return "journal_outcome_before";
    case failpoint_name::journal_outcome_after: return "journal_outcome_after";
    case failpoint_name::send_before: return "send_before";
    case failpoint_name::send_after: return "send_after";
    case failpoint_name::reply_before: return "reply_before";
    case failpoint_name::reply_after: return "reply_after";
    case failpoint_name::lines_after: return "lines_after";
    case failpoint_name::producer_ack_before: return "producer_ack_before";
    case failpoint_name::producer_ack_after: return "producer_ack_after";
    case failpoint_name::dead_letter_write_before: return "dead_letter_write_before";
    case failpoint_name::dead_letter_write_after: return "dead_letter_write_after";
    case failpoint_name::dead_letter_rename_before: return "dead_letter_rename_before";
    case failpoint_name::dead_letter_rename_after: return "dead_letter_rename_after";
    case failpoint_name::stop_before: return "stop_before";
    case failpoint_name::drain_after: return "drain_after";
    case failpoint_name::stop_after: return "stop_after";
  }
  return {};
}

[[noreturn]] void refuse(act what, std::string_view text) {
  std::cerr << variable_of(what) << "=" << text
            << ": neither `list` nor PLACE:N of a known place and N >= 1\n";
  std::exit(usage_error);
}

[[noreturn]] void list_places() {
  for (int i = 0; i <= static_cast<int>(last_failpoint_name); ++i) {
    std::cout << name_of(static_cast<failpoint_name>(i)) << "\n";
  }
  std::exit(0);
}

/// A place, and how many times it is still to be passed. Read before main begins.
class armed_failpoint {
 public:
  explicit armed_failpoint(act what) : what_(what) {
    const char* const given = std::getenv(variable_of(what));
    if (given == nullptr) return;
    const std::string_view text = given;
    if (text == "list") list_places();
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) refuse(what, text);
    const std::string_view number = text.substr(colon + 1);
    std::uint32_t times = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), times);
    if (error != std::errc() || end != number.data() + number.size() || times == 0)
      refuse(what, text);
    for (int i = 0; i <= static_cast<int>(last_failpoint_name); ++i) {
      if (name_of(static_cast<failpoint_name>(i)) == text.substr(0, colon)) index_ = i;
    }
    if (index_ < 0) refuse(what, text);
    left_ = times;
  }

  void pass(failpoint_name place) noexcept {
    if (static_cast<int>(place) != index_ || left_.fetch_sub(1) != 1) return;
    if (what_ == act::kill) std::raise(SIGKILL);
    for (;;) ::pause();
  }

 private:
  act what_;
  int index_ = -1;
  std::atomic<std::int64_t> left_ = 0;
};

armed_failpoint killing(act::kill);
armed_failpoint hanging(act::hang);

}  // namespace

void failpoint(failpoint_name place) noexcept {
  killing.pass(place);
  hanging.pass(place);
}

}  // namespace vibes
