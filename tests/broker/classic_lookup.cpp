#include "tests/broker/classic_lookup.hpp"

namespace vibes::broker {
namespace {

status pick(const classic_traits& traits, const identifier& wanted, status by_id, status by_name) {
  const bool named = std::holds_alternative<std::string_view>(wanted);
  return traits.early && named ? by_name : by_id;
}

}  // namespace

status stream_missing(const classic_traits& traits, const identifier& wanted) {
  return pick(traits, wanted, status::stream_not_found, status::stream_name_not_found);
}

status topic_missing(const classic_traits& traits, const identifier& wanted) {
  return pick(traits, wanted, status::topic_not_found, status::topic_name_not_found);
}

status group_missing(const classic_traits& traits, const identifier& wanted) {
  return pick(traits, wanted, status::group_not_found, status::group_name_not_found);
}

topic_found find_topic(const classic_request& request, const identifier& stream_name,
                       const identifier& topic_name) {
  stream* in = request.at.with.data().find(stream_name);
  if (in == nullptr) return {stream_missing(request.traits, stream_name), nullptr};
  topic* found = in->find(topic_name);
  return {found == nullptr ? topic_missing(request.traits, topic_name) : status::ok, found};
}

verdict refuse_unknown_reader(const classic_request& request) {
  return request.traits.early ? verdict::answer() : verdict::refuse(status::unauthenticated);
}

verdict nothing_to_list(const classic_request& request, status missing) {
  return request.traits.early ? verdict::refuse(missing) : verdict::answer();
}

}  // namespace vibes::broker
