#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/admin/queue_commands.hpp"
#include "tests/unit/store/scheduler_simulation.hpp"

namespace vibes::test {

/// Asks the outbox of a world what operators ask, with the journal's thread between.
class scheduler_operator {
 public:
  explicit scheduler_operator(scheduler_simulation& of) : of_(of) {}

  boost::json::object list(std::string_view request) { return page(request, false); }
  boost::json::object exported(std::string_view request) { return page(request, true); }

  boost::json::object show(store::sequence_number wanted) {
    const boost::json::object request{{"sequence", wanted}};
    return with_disk(admin::disk_read_for_event(request, *of_.box),
                     [&](const journal::backlog_events* on_disk) {
                       return admin::show_event(request, *of_.box, of_.now, on_disk);
                     });
  }

  boost::json::object drop(std::string_view request) {
    return admin::drop_from_queue(parsed(request), *of_.box);
  }

  /// Page after page. Throws when an event comes twice or out of order.
  struct listing {
    std::uint64_t events = 0;
    std::uint64_t unreadable = 0;
  };
  listing list(std::size_t limit) {
    listing seen;
    store::sequence_number newest = 0;
    store::sequence_number after = 0;
    while (true) {
      const boost::json::object page = list(R"({"after":)" + std::to_string(after) +
                                            R"(,"limit":)" + std::to_string(limit) + "}");
      if (page.contains("error")) return seen;
      for (const boost::json::value& each : page.at("events").as_array()) {
        const auto sequence = each.at("sequence").to_number<store::sequence_number>();
        promise(sequence > newest, "a list ascends");
        newest = sequence;
        ++seen.events;
      }
      if (const auto* lost = page.if_contains("unreadable_events")) {
        seen.unreadable += lost->to_number<std::uint64_t>();
      }
      if (page.at("next").is_null()) return seen;
      const auto next = page.at("next").to_number<store::sequence_number>();
      promise(next > after, "a list goes on");
      after = next;
    }
  }

 private:
  static boost::json::object parsed(std::string_view text) {
    return boost::json::parse({text.data(), text.size()}).as_object();
  }

  boost::json::object page(std::string_view text, bool with_payloads) {
    const boost::json::object request = parsed(text);
    return with_disk(
        admin::disk_read_for_page(request, *of_.box), [&](const journal::backlog_events* on_disk) {
          return with_payloads ? admin::export_queue(request, *of_.box, {}, on_disk)
                               : admin::list_queue(request, *of_.box, of_.now, {}, on_disk);
        });
  }

  template <class Answer>
  boost::json::object with_disk(const std::optional<journal::journal_job::read_request>& wanted,
                                Answer answer) {
    if (!wanted) return answer(nullptr);
    const auto found = of_.peek(*wanted);
    return found ? answer(&*found) : admin::disk_failed(found.error());
  }

  scheduler_simulation& of_;
};

}  // namespace vibes::test
