#include "daemon/cli/queue_walk.hpp"

#include <boost/json/array.hpp>
#include <optional>

namespace vibes::cli {

namespace json = boost::json;

std::uint64_t number_in(const json::object& from, const char* key) {
  json::error_code error;
  const json::value* const found = from.if_contains(key);
  return found == nullptr ? 0 : found->to_number<std::uint64_t>(error);
}

outcome queue_walk::for_each(const std::function<bool(const json::object&)>& visit) {
  std::uint64_t after = 0;
  std::optional<std::uint64_t> last;
  while (true) {
    json::object request{{"command", command_}, {"after", after}};
    if (page_max_ > 0) request["limit"] = page_max_;
    json::object page;
    if (outcome wrong = from_.ask(request, page); !wrong.ok()) return wrong;
    if (!last) last = number_in(page, "last");
    for (const json::value& each : page.at("events").as_array()) {
      const json::object& event = each.as_object();
      if (number_in(event, "sequence") > *last) return end(true);
      if (!visit(event)) return end(false);
    }
    unreadable_events_ += number_in(page, "unreadable_events");
    if (page.at("next").is_null()) return end(true);
    after = number_in(page, "next");
  }
}

outcome queue_walk::end(bool complete) {
  complete_ = complete;
  if (unreadable_events_ == 0) return {};
  return {config::exit_code::failed,
          std::to_string(unreadable_events_) + " events on disk could not be read"};
}

}  // namespace vibes::cli
