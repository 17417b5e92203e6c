#include "tests/unit/link/link_simulation.hpp"

namespace vibes::test {

link::link_settings link_defaults() {
  link::link_settings settings;
  settings.handshake.wanted = protocol::generation::iggy_0_7;
  settings.handshake.login = protocol::login_with_password{"iggy", "secret", {}, {}};
  settings.handshake.stream = "vibes";
  settings.handshake.topic = "events";
  return settings;
}

link_simulation::link_simulation(link::link_settings settings, store::outbox_limits limits)
    : box(limits, reports, now),
      link(
          std::move(settings), work, shared, [this] { return random; }, now) {}

std::uint64_t link_simulation::offer(protocol::session_hash session, std::size_t padding) {
  const std::uint64_t line = ++lines_;
  const std::string payload = numbered_payload(line) + std::string(padding, ' ');
  take_in(box, numbered_event(session, line, payload), now);
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
  arrive(link, bytes, now);
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
  return expected(next(), code);
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
  test::rest(link, now);
}

void link_simulation::read_output() {
  write_out(link, written_, now);
  rest();
}

std::vector<std::uint64_t> lines(const seen_send& send) {
  std::vector<std::uint64_t> found;
  for (const seen_message& each : send.messages) {
    const std::uint64_t line = each.id.low;
    promise(each.payload.starts_with(numbered_payload(line)),
            "a message carries another event's payload");
    found.push_back(line);
  }
  return found;
}

}  // namespace vibes::test
