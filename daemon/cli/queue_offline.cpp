#include "daemon/cli/queue_offline.hpp"

#include <filesystem>

#include "daemon/admin/journal_advice.hpp"
#include "daemon/admin/stored_queue.hpp"
#include "daemon/app/limits.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/io/journal/posix_file_system.hpp"
#include "daemon/io/process/wall_clock.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
namespace json = boost::json;

class stored_end final : public queue_end {
 public:
  explicit stored_end(admin::stored_queue& queue) : queue_(queue) {}
  outcome ask(const json::object& request, json::object& answer) override {
    answer = queue_.answer(request, io::unix_time_us());
    return complaint_in(answer);
  }

 private:
  admin::stored_queue& queue_;
};

outcome cannot_use(const std::string& directory, const error_code& error) {
  const std::string which = "the journal in " + directory;
  if (error == journal::journal_errc::locked) {
    return {exit_code::cannot_create,
            which + " is in use: a running daemon is asked without --journal"};
  }
  if (error == journal::journal_errc::no_journal) {
    return {exit_code::usage, directory + " holds no journal"};
  }
  if (error == boost::system::errc::no_such_file_or_directory ||
      error == boost::system::errc::not_a_directory) {
    return {exit_code::usage, directory + " is no directory"};
  }
  if (error == boost::system::errc::permission_denied) {
    return {exit_code::not_permitted,
            which + " cannot be opened: ask as the daemon's user, or root"};
  }
  return {exit_code::failed, which + " cannot be opened: " + error.message()};
}

struct place {
  std::string directory;
  journal::journal_limits limits =
      journal::journal_limits_for(config::journal_settings().bytes_max);
};

outcome find_place(const config::queue_options& options, place& found) {
  found.directory = options.journal;
  if (options.journal != "auto") return {};
  const std::optional<config::settings> settings =
      load_settings(options.config, settings_need::no_login, options.verbose);
  if (!settings) return {exit_code::bad_configuration, "the settings have mistakes"};
  found.directory = settings->journal.resolved_directory;
  found.limits = app::journal_limits_of(*settings);
  if (!found.directory.empty()) return {};
  return {exit_code::bad_configuration,
          "the settings name no directory for a journal: name it with --journal"};
}

}  // namespace

outcome with_journal(const config::queue_options& options,
                     const std::function<outcome(queue_end&)>& act) {
  place at;
  if (outcome wrong = find_place(options, at); !wrong.ok()) return wrong;
  // Nothing is made where nothing is.
  std::error_code unknown;
  if (!std::filesystem::is_directory(at.directory, unknown)) {
    const bool denied = unknown == std::errc::permission_denied;
    return cannot_use(at.directory, make_error_code(denied ? boost::system::errc::permission_denied
                                                           : boost::system::errc::not_a_directory));
  }
  result<io::posix_file_system> files = io::posix_file_system::open(at.directory);
  if (!files) return cannot_use(at.directory, files.error());
  using purpose = admin::stored_queue::purpose;
  const bool changes = options.action == config::queue_action::drop;
  admin::stored_queue stored(*files, changes ? purpose::change : purpose::peek, at.limits);
  const result<journal::recovery_report> report = stored.open();
  if (!report) return cannot_use(at.directory, report.error());
  for (const std::string& each : admin::explain_damage(*report)) {
    complain("journal in " + at.directory + ": " + each);
  }
  stored_end end(stored);
  return act(end);
}

}  // namespace vibes::cli
