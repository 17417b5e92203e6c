#include "tests/unit/link/vsr_world.hpp"

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

vsr_line::vsr_line(vsr_world& world, link::link_settings settings)
    : link(
          std::move(settings), world.work, world.shared,
          [&world] { return ++world.draws * 0x9e3779b97f4a7c15; }, world.now),
      world_(world) {}

void vsr_line::connects(std::uint8_t node) {
  promise(link.task() == link_task::connect, "the link does not want to connect");
  written_.clear();
  link.connected(world_.now, {"iggy", ip_of(node), 8090});
  world_.wake();
}

void vsr_line::fails(boost::system::errc::errc_t how) {
  link.transport_failed(make_error_code(how), world_.now);
  world_.wake();
}

void vsr_line::closes() {
  promise(link.task() == link_task::close, "the link does not want to close");
  link.closed(world_.now);
  world_.wake();
}

void vsr_line::answer(std::string_view bytes) {
  read_output();
  // An exactly sized buffer that is gone afterwards: reading past it or later is found.
  const auto buffer = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::transform(bytes, buffer.get(), [](char each) { return std::byte(each); });
  link.received({buffer.get(), bytes.size()}, world_.now);
  world_.wake();
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
  for (int tries = 0; link.wake_at() <= world_.now; ++tries) {
    promise(tries < 2, "the link asks to be woken at once, again and again");
    link.tick(world_.now);
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
    link.wrote(size, world_.now);
  }
  world_.wake();
}

vsr_world::vsr_world(generation of, link::link_settings with, store::outbox_limits limits)
    : gen(of), box(limits, fates, now), settings(std::move(with)), home(*this, settings) {}

void vsr_world::wake() {
  home.link.tick(now);
  for (vsr_line& each : branches) each.link.tick(now);
  home.rest();
  for (vsr_line& each : branches) each.rest();
}

std::uint64_t vsr_world::offer(protocol::session_hash session, std::uint64_t origin_time_us) {
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

void vsr_world::pass(duration time) {
  const time_point until = now + time;
  const auto next_wake = [&] {
    time_point earliest = home.link.wake_at();
    for (const vsr_line& each : branches) earliest = std::min(earliest, each.link.wake_at());
    return earliest;
  };
  while (next_wake() <= until) {
    now = std::max(now, next_wake());
    wake();
  }
  now = until;
}

void vsr_world::wait() {
  time_point earliest = home.link.wake_at();
  for (const vsr_line& each : branches) earliest = std::min(earliest, each.link.wake_at());
  promise(earliest != time_point::max(), "nothing will end by waiting");
  pass(earliest - now);
}

void vsr_world::is_probed(std::uint8_t node) {
  home.connects(node);
  promise(home.state() == link_state::probing, "the link does not probe");
  const std::uint32_t version = gen == generation::vsr_0_11 ? 0x2C00 : 0x3000;
  home.answer(vsr_eviction(14, version, version));
  home.closes();
}

void vsr_world::log_in(std::uint8_t node) {
  if (!settings.handshake.wanted) is_probed(node);
  home.connects(node);
  const bool goes_on = gen == generation::vsr_0_12 && shared.session;
  if (goes_on) {
    home.gets(code::bind, payload::opened(gen, shared.session->id));
  } else {
    home.gets(code::login, payload::login(gen, session_id++));
  }
}

void vsr_world::become_ready(std::uint32_t partitions_count) {
  log_in();
  home.gets(code::nodes, payload::nodes(gen, {{1, true}}));
  home.gets(code::get_stream, payload::stream(gen));
  home.gets(code::get_topic, payload::topic(gen, partitions(partitions_count), incarnations));
  promise(home.state() == link_state::ready, "the link is not ready");
}

void vsr_world::reconnect(std::uint32_t partitions_count) {
  if (home.link.task() == link_task::exchange) home.fails();
  home.closes();
  promise(home.link.task() == link_task::sleep, "the link does not sleep");
  while (home.link.task() == link_task::sleep) wait();
  become_ready(partitions_count);
}

namespace {

std::vector<vsr_node> led_by_first(const std::vector<std::uint8_t>& nodes) {
  std::vector<vsr_node> all;
  for (const std::uint8_t each : nodes) all.push_back({each, each == nodes.front()});
  return all;
}

}  // namespace

void vsr_world::learns(const std::vector<std::uint8_t>& nodes,
                       const std::vector<std::uint8_t>& leaders) {
  home.gets(code::nodes, payload::nodes(gen, led_by_first(nodes)));
  const auto ids = partitions(static_cast<std::uint32_t>(leaders.size()));
  home.gets(code::get_topic, payload::topic(gen, ids, incarnations));
  if (gen != generation::vsr_0_12) return;
  for (const protocol::partition_id id : ids) {
    home.gets(code::route, payload::route(id, leaders[id], incarnations));
  }
}

void vsr_world::join_cluster(const std::vector<std::uint8_t>& nodes,
                             const std::vector<std::uint8_t>& leaders) {
  log_in(nodes.front());
  home.gets(code::nodes, payload::nodes(gen, led_by_first(nodes)));
  home.gets(code::get_stream, payload::stream(gen));
  const auto ids = partitions(static_cast<std::uint32_t>(leaders.size()));
  home.gets(code::get_topic, payload::topic(gen, ids, incarnations));
  if (gen == generation::vsr_0_12) {
    for (const protocol::partition_id id : ids) {
      home.gets(code::route, payload::route(id, leaders[id], incarnations));
    }
  }
  promise(home.state() == link_state::ready, "the link is not ready");
}

vsr_line& vsr_world::branch(std::uint8_t node) {
  const auto wishes = link::wanted_branches(home.link.report(), shared);
  const auto found = std::ranges::find(wishes, node, &link::branch_wish::replica);
  promise(found != wishes.end(), "the home link wants no branch to that node");
  link::link_settings of_branch = settings;
  of_branch.addresses = {found->address};
  of_branch.branch_replica = node;
  of_branch.handshake.wanted = gen;
  work.has_branches = true;
  vsr_line& made = branches.emplace_back(*this, of_branch);
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
