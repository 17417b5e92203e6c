#pragma once

#include <boost/json/object.hpp>

#include "daemon/admin/queue_answers.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/journal_errc.hpp"
#include "daemon/journal/read_only_file_system.hpp"

namespace vibes::admin {

/// The queue of a daemon that does not run, as it stands in its journal's directory: answers the
/// requests that a running one answers (queue_commands.hpp), in the same form. A page at a time;
/// in memory are numbers only.
class stored_queue {
 public:
  enum class purpose : std::uint8_t {
    peek,    // not a byte of the directory is changed
    change,  // it is recovered, as a start of the daemon would
  };

  /// The directory, which must outlive it. Limits count for `change`: those of its daemon.
  stored_queue(journal::file_system&, purpose, journal::journal_limits);

  /// Errors: no_journal, and those of journal::journal::open().
  result<journal::recovery_report> open();

  /// After open(). `unix_us`: the wall clock. What was dropped is synced before it is answered.
  boost::json::object answer(const boost::json::object& request, std::uint64_t unix_us,
                             const queue_command_limits& = {});

 private:
  journal::sequence_set sent() const;
  boost::json::object page(const boost::json::object& request, event_page::form,
                           std::uint64_t unix_us, const queue_command_limits&);
  boost::json::object show(const boost::json::object& request, std::uint64_t unix_us);
  boost::json::object drop(const boost::json::object& request, std::uint64_t unix_us);
  error_code release(const journal::sequence_set&, std::uint64_t unix_us);

  journal::read_only_file_system read_only_;
  journal::file_system& files_;
  journal::journal journal_;
};

}  // namespace vibes::admin
