#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.hpp"
#include "daemon/journal/journal_format.hpp"
#include "daemon/store/entry.hpp"

// What all answers about a queue have in common, whether a daemon gives them or a directory does.

namespace vibes::admin {

struct queue_command_limits {
  std::size_t list_events_max = 1'000;
  std::size_t export_bytes_max = 1 << 20;  // of payload; one larger event still comes, alone
  std::size_t drop_events_max = 10'000;
};

/// {"error":{"code","message"}}
boost::json::object mistake(const char* code, const std::string& message);
boost::json::object bad_request(const std::string& key);
boost::json::object no_such_event(store::sequence_number);
boost::json::object unreadable_event(store::sequence_number);
boost::json::object disk_failed(const error_code&);

/// Of a key that may be absent; nothing when it is there and no such number.
std::optional<std::uint64_t> number_in(const boost::json::object& request, const char* key,
                                       std::uint64_t absent);
/// {"all":true}
bool wants_all(const boost::json::object& request);
/// {"sequences":[...]}, ascending, each once; nothing, and what is wrong with it.
std::optional<std::vector<store::sequence_number>> sequences_in(const boost::json::object& request,
                                                                boost::json::object& wrong);
/// {"dropped":[...],"kept":[...]}; both ascend, and what is gone was wanted.
boost::json::object drop_answer(const std::vector<store::sequence_number>& wanted,
                                const std::vector<store::sequence_number>& gone);

/// An event that waits, wherever it is.
struct waiting_event {
  store::sequence_number sequence = 0;
  protocol::message_id id;
  protocol::session_hash session = 0;
  std::int64_t age_ms = 0;
  std::optional<protocol::partition_id> partition{};
  const char* state = "";
  bool droppable = false;
  std::string_view payload;
};
/// As it stands on a disk; what may not be dropped is in a batch that Iggy may have. `unix_us`: the
/// wall clock, for its age.
waiting_event waiting_on_disk(const journal::event_record&, bool droppable, std::uint64_t unix_us);
/// All but the payload.
boost::json::object describe(const waiting_event&);
boost::json::object describe_with_payload(const waiting_event&);

/// A page of a list or an export, in the making.
class event_page {
 public:
  enum class form : std::uint8_t { list, with_payloads };

  event_page(form shown, std::size_t events_max, std::size_t bytes_max)
      : form_(shown), events_max_(events_max), bytes_max_(bytes_max) {}

  /// False: it has no room for this one any more.
  bool add(const waiting_event&);
  bool empty() const noexcept { return events_.empty(); }
  std::size_t events_max() const noexcept { return events_max_; }
  /// Events that should be in this page, and that the disk does not give back.
  void add_unreadable(std::uint64_t events) noexcept { unreadable_events_ += events; }
  /// `next`: where to go on; nothing at the end. `last`: the newest there is.
  boost::json::object done(std::optional<store::sequence_number> next,
                           store::sequence_number last) &&;

 private:
  form form_;
  std::size_t events_max_;
  std::size_t bytes_max_;  // of payload, when the page has them
  std::size_t bytes_ = 0;
  std::uint64_t unreadable_events_ = 0;
  boost::json::array events_;
};

/// The page that is asked for, {"after":S,"limit":N}; nothing, and what is wrong with the request.
struct page_request {
  store::sequence_number after = 0;
  event_page page;
};
std::optional<page_request> page_of(const boost::json::object& request, event_page::form,
                                    const queue_command_limits&, boost::json::object& wrong);

}  // namespace vibes::admin
