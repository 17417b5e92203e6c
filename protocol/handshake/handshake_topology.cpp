#include <utility>

#include "protocol/handshake/handshake_state.hpp"

namespace vibes::protocol {

handshake::step handshake::state::on_stream(const reply& got) {
  if (at == phase::new_stream) {
    const bool race = iggy_status(got.status) == make_error_code(iggy_errc::stream_name_exists);
    if (got.status != 0 && !race) return fail(iggy_status(got.status));
    return ask_topic();
  }
  if (got.status != 0) return fail(iggy_status(got.status));
  if (!std::holds_alternative<not_found>(got.body)) return ask_topic();
  if (!plan.create) return fail(wire_errc::stream_missing);
  return send(phase::new_stream, create_stream{outcome.stream});
}

handshake::step handshake::state::on_topic(const reply& got) {
  if (at == phase::new_topic) {
    const bool race = iggy_status(got.status) == make_error_code(iggy_errc::topic_name_exists);
    if (got.status != 0 && !race) return fail(iggy_status(got.status));
    outcome.topic_created = !race;
    return ask_topic();
  }
  if (got.status != 0) return fail(iggy_status(got.status));
  if (std::holds_alternative<not_found>(got.body)) {
    if (!plan.create || topic_tried) return fail(wire_errc::topic_missing);
    topic_tried = true;
    return send(phase::new_topic, create_topic{outcome.stream, outcome.topic, plan.partitions_count,
                                               unlimited_topic_size});
  }
  const auto& topic = std::get<topic_details>(got.body);
  if (topic.partitions.empty()) return fail(wire_errc::no_partitions);
  outcome.places.take(topic);
  return ask_routes();
}

handshake::step handshake::state::ask_routes() {
  const partition_place* const next =
      outcome.places.led_by_partition(outcome.gen) ? outcome.places.next_unrouted() : nullptr;
  if (next == nullptr) return finished{std::move(outcome), std::move(wire), std::move(with)};
  return send(phase::route, get_partition_route{outcome.stream, outcome.topic, next->id});
}

handshake::step handshake::state::on_route(const reply& got) {
  if (got.status != 0) return fail(iggy_status(got.status));
  outcome.places.take(outcome.places.next_unrouted()->id, std::get<partition_route>(got.body));
  return ask_routes();
}

}  // namespace vibes::protocol
