#include "tests/unit/link/vsr_simulation.hpp"

#include <memory>
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

store::outbox_limits eager_outbox() {
  store::outbox_limits limits;
  limits.batch.linger = 0ms;
  return limits;
}

namespace {

std::uint64_t spread(std::uint64_t draw) {
  return draw * 0x9e3779b97f4a7c15;
}

}  // namespace

vsr_line::vsr_line(vsr_simulation& simulation, link::link_settings settings)
    : own_(std::make_unique<link::link_machine>(
          std::move(settings), simulation.work, simulation.shared,
          [&simulation] { return spread(++simulation.draws); }, simulation.now)),
      link(*own_),
      simulation_(simulation) {}

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
  // An exactly sized buffer that is gone afterwards: reading past it or later is found.
  const auto buffer = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::transform(bytes, buffer.get(), [](char each) { return std::byte(each); });
  link.received({buffer.get(), bytes.size()}, simulation_.now);
  simulation_.wake();
}

std::optional<vsr_request> vsr_line::next() {
  read_output();
  return written_.next();
}

vsr_request vsr_line::expect(std::uint32_t code) {
  std::optional<vsr_request> found = next();
  promise(found.has_value(), "nothing was written where " + std::to_string(code) + " was expected");
  promise(found->code == code, "code " + std::to_string(found->code) + " was written where " +
                                   std::to_string(code) + " was expected");
  return std::move(*found);
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

void vsr_line::rest() {
  // Twice: an order to stop may make a sleep end now, and that is told by wake_at as well.
  for (int tries = 0; link.wake_at() <= simulation_.now; ++tries) {
    promise(tries < 2, "the link asks to be woken at once, again and again");
    link.tick(simulation_.now);
  }
}

void vsr_line::read_output() {
  link::frame_output::spans spans;
  while (!link.output().empty()) {
    const std::size_t count = link.output().gather(spans);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      written_.feed({reinterpret_cast<const char*>(spans[i].data()), spans[i].size()});
      size += spans[i].size();
    }
    link.wrote(size, simulation_.now);
  }
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
  coordinator.rest();
  for (vsr_line& each : node_links) each.rest();
}

std::uint64_t vsr_simulation::offer(protocol::session_hash session, std::uint64_t origin_time_us) {
  const std::uint64_t line = ++lines_;
  const std::string payload = "{\"line\":" + std::to_string(line) + "}";
  store::new_event event = event_of(session, payload);
  event.id = {0, line};
  event.origin_time_us = origin_time_us;
  event.producer = {0, 0};
  event.line = line;
  const auto told = box.offer(event, now, now);
  promise(told.verdict == store::outbox::offer_verdict::accepted, "an event was not accepted");
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
  const auto wishes = link::planned_links(coordinator.link.report(), shared);
  const auto found = std::ranges::find(wishes, node, &link::planned_link::replica);
  promise(found != wishes.end(), "the home link wants no branch to that node");
  link::link_settings of_node_link = settings;
  of_node_link.addresses = {found->address};
  of_node_link.node_replica = node;
  of_node_link.handshake.wanted = gen;
  work.has_node_links = true;
  vsr_line& made = node_links.emplace_back(*this, of_node_link);
  made.connects(node);
  made.gets(code::bind, payload::opened(gen, found->session));
  promise(made.state() == link_state::ready, "the branch is not ready");
  return made;
}

std::vector<std::uint64_t> lines(const vsr_send& send) {
  std::vector<std::uint64_t> found;
  for (const seen_message& each : send.messages) {
    const std::uint64_t line = each.id.low;
    promise(each.payload == "{\"line\":" + std::to_string(line) + "}",
            "a message carries another event's payload");
    found.push_back(line);
  }
  return found;
}

}  // namespace vibes::test
