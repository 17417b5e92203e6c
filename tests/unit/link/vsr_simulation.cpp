#include "tests/unit/link/vsr_simulation.hpp"

#include <numeric>

namespace vibes::test {

link::link_settings vsr_settings(std::size_t in_flight_max) {
  link::link_settings settings;
  settings.handshake.login = protocol::login_with_password{"iggy", "secret", {}, {}};
  settings.handshake.stream = "vibes";
  settings.handshake.topic = "events";
  settings.requests_in_flight_max = in_flight_max;
  settings.heartbeat = 24h;
  settings.topology_refresh = 24h;
  return settings;
}

namespace {

std::uint64_t spread(std::uint64_t draw) {
  return draw * 0x9e3779b97f4a7c15;
}

}  // namespace

vsr_line::vsr_line(vsr_simulation& simulation, link::link_machine& machine)
    : link(machine), simulation_(simulation) {}

void vsr_line::connects(std::uint8_t node) {
  promise(link.task() == link_task::connect, "the link does not want to connect");
  written_.clear();
  link.connected(simulation_.now, {"iggy", ip_of(node), 8090});
  simulation_.wake();
}

void vsr_line::fails(boost::system::errc::errc_t how) {
  link.transport_failed(make_error_code(how), simulation_.now);
  simulation_.wake();
}

void vsr_line::closes() {
  promise(link.task() == link_task::close, "the link does not want to close");
  link.closed(simulation_.now);
  simulation_.wake();
}

void vsr_line::answer(std::string_view bytes) {
  read_output();
  arrive(link, bytes, simulation_.now);
  simulation_.wake();
}

std::optional<vsr_request> vsr_line::next() {
  read_output();
  return written_.next();
}

vsr_request vsr_line::expect(std::uint32_t code) {
  return expected(next(), code);
}

vsr_send vsr_line::expect_send() {
  return read_vsr_send(expect(code::send));
}

bool vsr_line::silent() {
  return !next();
}

vsr_request vsr_line::gets(std::uint32_t code, std::string_view payload, std::uint32_t status) {
  vsr_request asked = expect(code);
  answer(vsr_reply(asked, payload, status));
  return asked;
}

void vsr_line::accept(const vsr_send& sent) {
  answer_send(sent, 0, payload::stored(sent.partition));
}

void vsr_line::answer_send(const vsr_send& to, std::uint32_t status, std::string_view payload) {
  answer(vsr_reply(to.request, payload, status));
}

std::string vsr_line::unread() {
  read_output();
  return written_.unread();
}

void vsr_line::read_output() {
  write_out(link, written_, simulation_.now);
  simulation_.wake();
}

vsr_simulation::vsr_simulation(generation of, link::link_settings with, store::outbox_limits limits)
    : gen(of),
      box(limits, reports, now),
      settings(std::move(with)),
      group(
          settings, work,
          [this, id_of_producer = true]() mutable {
            return std::exchange(id_of_producer, false) ? 0x77 : spread(++draws);
          },
          now),
      coordinator(*this, group.coordinator().machine) {}

void vsr_simulation::wake() {
  coordinator.link.tick(now);
  for (vsr_line& each : node_links) each.link.tick(now);
  rest(coordinator.link, now);
  for (vsr_line& each : node_links) rest(each.link, now);
}

std::uint64_t vsr_simulation::offer(protocol::session_hash session, std::uint64_t origin_time_us) {
  const std::uint64_t line = ++lines_;
  const std::string payload = numbered_payload(line);
  store::new_event event = numbered_event(session, line, payload);
  event.origin_time_us = origin_time_us;
  take_in(box, event, now);
  wake();
  return line;
}

void vsr_simulation::pass(duration time) {
  const time_point until = now + time;
  const auto next_wake = [&] {
    time_point earliest = coordinator.link.wake_at();
    for (const vsr_line& each : node_links) earliest = std::min(earliest, each.link.wake_at());
    return earliest;
  };
  while (next_wake() <= until) {
    now = std::max(now, next_wake());
    wake();
  }
  now = until;
}

void vsr_simulation::wait() {
  time_point earliest = coordinator.link.wake_at();
  for (const vsr_line& each : node_links) earliest = std::min(earliest, each.link.wake_at());
  promise(earliest != time_point::max(), "nothing will end by waiting");
  pass(earliest - now);
}

void vsr_simulation::is_probed(std::uint8_t node) {
  coordinator.connects(node);
  promise(coordinator.state() == link_state::probing, "the link does not probe");
  const std::uint32_t version = gen == generation::iggy_0_9 ? 0x2C00 : 0x3000;
  coordinator.answer(vsr_eviction(14, version, version));
  coordinator.closes();
}

void vsr_simulation::log_in(std::uint8_t node) {
  if (!settings.handshake.wanted) is_probed(node);
  coordinator.connects(node);
  const bool goes_on = gen == generation::iggy_0_10 && shared.session;
  if (goes_on) {
    coordinator.gets(code::bind, payload::opened(gen, shared.session->id));
  } else {
    coordinator.gets(code::login, payload::login(gen, session_id++));
  }
}

void vsr_simulation::become_ready(std::uint32_t partitions_count) {
  log_in();
  coordinator.gets(code::nodes, payload::nodes(gen, {{1, true}}));
  coordinator.gets(code::get_stream, payload::stream(gen));
  coordinator.gets(code::get_topic,
                   payload::topic(gen, partitions(partitions_count), incarnations));
  promise(coordinator.state() == link_state::ready, "the link is not ready");
}

void vsr_simulation::reconnect(std::uint32_t partitions_count) {
  if (coordinator.link.task() == link_task::exchange) coordinator.fails();
  coordinator.closes();
  promise(coordinator.link.task() == link_task::sleep, "the link does not sleep");
  while (coordinator.link.task() == link_task::sleep) wait();
  become_ready(partitions_count);
}

namespace {

std::vector<vsr_node> led_by_first(const std::vector<std::uint8_t>& nodes) {
  std::vector<vsr_node> all;
  for (const std::uint8_t each : nodes) all.push_back({each, each == nodes.front()});
  return all;
}

}  // namespace

void vsr_simulation::learns(const std::vector<std::uint8_t>& nodes,
                            const std::vector<std::uint8_t>& leaders) {
  coordinator.gets(code::nodes, payload::nodes(gen, led_by_first(nodes)));
  const auto ids = partitions(static_cast<std::uint32_t>(leaders.size()));
  coordinator.gets(code::get_topic, payload::topic(gen, ids, incarnations));
  if (gen != generation::iggy_0_10) return;
  for (const protocol::partition_id id : ids) {
    coordinator.gets(code::route, payload::route(id, leaders[id], incarnations));
  }
}

void vsr_simulation::join_cluster(const std::vector<std::uint8_t>& nodes,
                                  const std::vector<std::uint8_t>& leaders) {
  log_in(nodes.front());
  coordinator.gets(code::nodes, payload::nodes(gen, led_by_first(nodes)));
  coordinator.gets(code::get_stream, payload::stream(gen));
  const auto ids = partitions(static_cast<std::uint32_t>(leaders.size()));
  coordinator.gets(code::get_topic, payload::topic(gen, ids, incarnations));
  if (gen == generation::iggy_0_10) {
    for (const protocol::partition_id id : ids) {
      coordinator.gets(code::route, payload::route(id, leaders[id], incarnations));
    }
  }
  promise(coordinator.state() == link_state::ready, "the link is not ready");
}

vsr_line& vsr_simulation::node_link(std::uint8_t node) {
  group.went_on(group.coordinator(), now);
  link::link_group::member* found = nullptr;
  while (link::link_group::member* const given = group.next()) {
    if (given->plan.replica == node) found = given;
  }
  promise(found != nullptr, "the coordinator link plans no link to that node");
  work.has_node_links = true;
  vsr_line& made = node_links.emplace_back(*this, found->machine);
  made.connects(node);
  made.gets(code::bind, payload::opened(gen, found->plan.session));
  promise(made.state() == link_state::ready, "the node link is not ready");
  return made;
}

std::vector<std::uint64_t> lines(const vsr_send& send) {
  std::vector<std::uint64_t> found;
  for (const seen_message& each : send.messages) {
    const std::uint64_t line = each.id.low;
    promise(each.payload == numbered_payload(line), "a message carries another event's payload");
    found.push_back(line);
  }
  return found;
}

}  // namespace vibes::test
