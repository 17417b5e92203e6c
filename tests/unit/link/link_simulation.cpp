#include "tests/unit/link/link_simulation.hpp"

#include <memory>

namespace vibes::test {

link::link_settings link_defaults() {
  link::link_settings settings;
  settings.handshake.wanted = protocol::generation::iggy_0_7;
  settings.handshake.login = protocol::login_with_password{"iggy", "secret", {}, {}};
  settings.handshake.stream = "vibes";
  settings.handshake.topic = "events";
  return settings;
}

store::outbox_limits roomy_outbox() {
  store::outbox_limits limits;
  limits.batch.linger = 0ms;  // what is offered goes out at once, unless a test wants it otherwise
  return limits;
}

link_simulation::link_simulation(link::link_settings settings, store::outbox_limits limits)
    : box(limits, reports, now),
      link(
          std::move(settings), work, shared, [this] { return random; }, now) {}

std::uint64_t link_simulation::offer(protocol::session_hash session, std::size_t padding) {
  const std::uint64_t line = ++lines_;
  const std::string payload = "{\"line\":" + std::to_string(line) + "}" + std::string(padding, ' ');
  store::new_event event = event_of(session, payload);
  event.id = {0, line};
  event.producer = {0, 0};
  event.line = line;
  const auto told = box.offer(event, now, now);
  promise(told.verdict == store::outbox::offer_verdict::accepted, "an event was not accepted");
  link.tick(now);
  rest();
  return line;
}

void link_simulation::connects() {
  connects_unanswered();
  if (state() != link_state::handshaking) return;
  expect(code::ping);
  answer(ok());
}

void link_simulation::connects_unanswered() {
  promise(link.task() == link_task::connect, "the link does not want to connect");
  written_.clear();
  link.connected(now);
  rest();
}

void link_simulation::is_probed_as_classic() {
  connects();
  promise(state() == link_state::probing, "the link does not probe");
  fails();
  closes();
}

void link_simulation::fails(boost::system::errc::errc_t how) {
  link.transport_failed(make_error_code(how), now);
  rest();
}

void link_simulation::closes() {
  promise(link.task() == link_task::close, "the link does not want to close");
  promise(work.out() == 0, "a batch is out of a link that is gone");
  link.closed(now);
  rest();
}

void link_simulation::answer(std::string_view bytes) {
  read_output();
  // An exactly sized buffer that is gone afterwards: reading past it or later is found.
  const auto buffer = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::transform(bytes, buffer.get(), [](char each) { return std::byte(each); });
  link.received({buffer.get(), bytes.size()}, now);
  rest();
}

void link_simulation::answer_bytewise(std::string_view bytes) {
  for (const char& each : bytes) answer({&each, 1});
}

std::optional<seen_request> link_simulation::next() {
  read_output();
  return written_.next();
}

seen_request link_simulation::expect(std::uint32_t code) {
  std::optional<seen_request> found = next();
  promise(found.has_value(), "nothing was written where " + std::to_string(code) + " was expected");
  promise(found->code == code, "code " + std::to_string(found->code) + " was written where " +
                                   std::to_string(code) + " was expected");
  return std::move(*found);
}

seen_send link_simulation::expect_send() {
  seen_send seen = read_send(expect(code::send));
  promise(seen.stream == "vibes" && seen.topic == "events", "a send to another topic");
  return seen;
}

bool link_simulation::silent() {
  return !next();
}

void link_simulation::pass(duration time) {
  const time_point until = now + time;
  while (link.wake_at() <= until) {
    now = std::max(now, link.wake_at());
    link.tick(now);
    rest();
  }
  now = until;
}

void link_simulation::sleep_through() {
  promise(link.task() == link_task::sleep, "the link does not sleep");
  pass(link.wake_at() - now);
  promise(link.task() != link_task::sleep, "the link sleeps on");
}

void link_simulation::stop(bool drain) {
  link.stop(drain, now);
  rest();
}

void link_simulation::become_ready(std::uint32_t partitions_count) {
  connects();
  expect(code::login);
  answer(login_reply());
  expect(code::get_stats);
  answer(stats_reply());
  expect(code::get_stream);
  answer(stream_reply());
  expect(code::get_topic);
  answer(topic_reply(partitions_count));
  promise(state() == link_state::ready, "the link is not ready");
}

void link_simulation::reconnect(std::uint32_t partitions_count) {
  if (link.task() == link_task::exchange) fails();
  closes();
  sleep_through();
  become_ready(partitions_count);
}

void link_simulation::rest() {
  // Twice: an order to stop may make a sleep end now, and that is told by wake_at as well.
  for (int tries = 0; link.wake_at() <= now; ++tries) {
    promise(tries < 2, "the link asks to be woken at once, again and again");
    link.tick(now);
  }
}

void link_simulation::read_output() {
  link::frame_output::spans spans;
  while (!link.output().empty()) {
    const std::size_t count = link.output().gather(spans);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      written_.feed({reinterpret_cast<const char*>(spans[i].data()), spans[i].size()});
      size += spans[i].size();
    }
    link.wrote(size, now);
  }
  rest();
}

std::vector<std::uint64_t> lines(const seen_send& send) {
  std::vector<std::uint64_t> found;
  for (const seen_message& each : send.messages) {
    const std::uint64_t line = each.id.low;
    const std::string begin = "{\"line\":" + std::to_string(line) + "}";
    promise(each.payload.starts_with(begin), "a message carries another event's payload");
    found.push_back(line);
  }
  return found;
}

}  // namespace vibes::test
