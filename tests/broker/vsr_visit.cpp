#include "tests/broker/vsr_visit.hpp"

#include <xxhash.h>

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using broker::load;
using broker::save;

std::uint64_t hash_of(const frame_bytes& bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

frame_bytes frame_of(const record& message, std::uint32_t index) {
  frame_bytes hashed =
      joined({number(message.id), number(std::uint64_t{0}), number(index), number(index),
              number(static_cast<std::uint32_t>(message.user_headers.size())),
              number(static_cast<std::uint32_t>(message.payload.size())), number(message.reserved),
              text(message.payload), text(message.user_headers)});
  return joined({number(hash_of(hashed)), hashed});
}

frame_bytes client_front(generation speaks) {
  const std::uint32_t version = speaks == generation::iggy_0_9 ? version_0_11 : version_0_12;
  return joined({number(version), name("test"), name("1.0")});
}

frame_bytes secret_of(std::uint8_t seed) {
  return frame_bytes(32, std::byte{seed});
}

}  // namespace

std::uint8_t answered::kind() const {
  return raw.empty() ? std::uint8_t{0} : load<std::uint8_t>(raw.data() + 60);
}

std::uint8_t answered::reason() const {
  return kind() == 13 ? load<std::uint8_t>(raw.data() + 255) : std::uint8_t{0};
}

std::uint32_t answered::version() const {
  return load<std::uint32_t>(raw.data() + 144);
}

namespace {

bool has_result_section(const answered& reply) {
  const auto number = load<std::uint8_t>(reply.raw.data() + 208);
  return number != 2 && number != 3 && number != 160 && reply.raw.size() > 256;
}

}  // namespace

std::uint32_t answered::status() const {
  REQUIRE(kind() == 8);
  const auto in_header = load<std::uint32_t>(raw.data() + 216);
  if (in_header != 0 || !has_result_section(*this)) return in_header;
  if (load<std::uint32_t>(raw.data() + 256) == 0) return 0;
  REQUIRE(raw.size() == 268);
  return load<std::uint32_t>(raw.data() + 264);
}

std::uint64_t answered::op() const {
  return load<std::uint64_t>(raw.data() + 176);
}

frame_bytes answered::body() const {
  REQUIRE(status() == 0);
  const std::ptrdiff_t front = has_result_section(*this) ? 260 : 256;
  return {raw.begin() + front, raw.end()};
}

vsr_line::vsr_line(broker::broker& with, broker::misbehaviour& how, std::uint64_t client,
                   std::size_t node)
    : broker_(with), line_(with, how, "127.0.0.1:50000", node), client_{client, 1} {}

frame_bytes vsr_line::written(const asked& what, const frame_bytes& body) {
  frame_bytes raw(256);
  std::byte* const head = raw.data();
  const bool login = what.does == operation::login;
  save(head + 48, static_cast<std::uint32_t>(256 + body.size()));
  save(head + 60, std::uint8_t{5});
  save(head + 128, what.client.value_or(client_));
  save(head + 144, what.checksum);
  save(head + 168, what.request ? *what.request : login ? 0 : ++request_);
  save(head + 176, what.does);
  save(head + 184, what.session ? *what.session : login ? 0 : session_);
  if (what.does == operation::read) save(head + 196, what.code);
  save(head + 200, what.incarnation);
  save(head + 208, what.owner);
  return joined({raw, body});
}

answered vsr_line::say(const frame_bytes& raw, std::uint64_t now_us) {
  answered back;
  const auto made = line_.receive(raw, now_us, back.raw);
  back.hung_up = made.hang_up;
  line_.replies_sent();
  return back;
}

answered vsr_line::ask(const asked& what, const frame_bytes& body, std::uint64_t now_us) {
  return say(written(what, body), now_us);
}

answered vsr_line::log_in(std::string_view password) {
  const answered back =
      ask({operation::login}, login_body(broker_.options().speaks, "iggy", password));
  if (back.kind() == 8 && back.status() == 0)
    session_ = load<std::uint64_t>(back.body().data() + 4);
  return back;
}

answered vsr_line::bind(const vsr_line& other, std::uint8_t secret) {
  client_ = other.client_;
  session_ = other.session_;
  request_ = other.request_ + 50;
  return read(command::bind_session,
              joined({client_front(broker_.options().speaks), number(client_), number(session_),
                      number(std::uint64_t{0}), secret_of(secret)}));
}

answered vsr_line::read(command code, const frame_bytes& body) {
  return ask({operation::read, code}, body);
}

answered vsr_line::change(operation does, const frame_bytes& body) {
  return ask({does}, body);
}

void vsr_line::prepare(std::uint32_t partitions) {
  REQUIRE(log_in().status() == 0);
  REQUIRE(change(operation::create_stream, name("s")).status() == 0);
  REQUIRE(change(operation::create_topic, topic_body(partitions)).status() == 0);
}

std::uint64_t vsr_line::incarnation_of(std::uint32_t partition) {
  const answered route =
      read(command::get_partition_route, joined({named("s"), named("t"), number(partition)}));
  return load<std::uint64_t>(route.body().data());
}

vsr_visit::vsr_visit(generation speaks, std::size_t nodes)
    : with([&] {
        broker::broker_options options;
        options.speaks = speaks;
        options.nodes = nodes;
        return options;
      }()) {}

frame_bytes login_body(generation speaks, std::string_view user, std::string_view password,
                       std::uint8_t secret) {
  const bool binds = speaks == generation::iggy_0_10;
  return joined({client_front(speaks), binds ? secret_of(secret) : frame_bytes(), name(user),
                 name(password), number(std::uint32_t{0})});
}

frame_bytes topic_body(std::uint32_t partitions, const frame_bytes& options) {
  return joined({named("s"), number(partitions), name("t"), options});
}

frame_bytes text_option(std::string_view key, std::string_view value) {
  return joined({number(std::uint8_t{2}), number(static_cast<std::uint32_t>(key.size())), text(key),
                 number(std::uint8_t{2}), number(static_cast<std::uint32_t>(value.size())),
                 text(value)});
}

frame_bytes batch_bytes(const batch& from) {
  frame_bytes frames;
  frame_bytes checksums;
  std::uint32_t index = 0;
  for (const record& each : from.messages) {
    const frame_bytes frame = frame_of(each, index++);
    broker::put_bytes(checksums, {frame.data(), 8});
    broker::put_bytes(frames, frame);
  }
  frame_bytes head(256);
  save(head.data() + 24, from.origin_us);
  save(head.data() + 32, std::uint64_t{256 + frames.size()});
  save(head.data() + 48, index);
  frame_bytes hashed(head.begin(), head.begin() + 40);
  broker::put(hashed, index);
  if (from.producer) {
    save(head.data() + 52, std::uint8_t{1});
    save(head.data() + 56, from.producer->id);
    save(head.data() + 64, from.producer->epoch);
    save(head.data() + 68, from.producer->base_sequence);
    broker::put(hashed, std::uint8_t{1});
    broker::put(hashed, from.producer->id);
    broker::put(hashed, from.producer->epoch);
    broker::put(hashed, from.producer->base_sequence);
  }
  broker::put_bytes(hashed, checksums);
  save(head.data() + 40, hash_of(hashed));
  return joined({head, frames});
}

frame_bytes send_body(std::uint32_t partition, const frame_bytes& whole_batch,
                      std::uint32_t messages) {
  const frame_bytes metadata =
      joined({named("s"), named("t"), to_partition(partition), number(messages)});
  return joined({number(static_cast<std::uint32_t>(metadata.size())), metadata, whole_batch});
}

frame_bytes send_body(std::uint32_t partition, const batch& from) {
  return send_body(partition, batch_bytes(from), static_cast<std::uint32_t>(from.messages.size()));
}

std::optional<std::uint64_t> confirmed(const answered& reply) {
  const frame_bytes body = reply.body();
  if (body.empty()) return std::nullopt;
  REQUIRE(body.size() == 24);
  REQUIRE(load<std::uint32_t>(body.data()) == 1);
  return load<std::uint64_t>(body.data() + 16);
}

frame_bytes poll_body(std::uint32_t partition, std::uint8_t strategy, std::uint64_t value,
                      std::uint32_t count, bool commits) {
  return joined({number(std::uint8_t{1}), named("c"), named("s"), named("t"),
                 number(std::uint8_t{1}), number(partition), number(strategy), number(value),
                 number(count), number(static_cast<std::uint8_t>(commits))});
}

std::vector<std::pair<std::uint64_t, std::string>> polled_messages(const answered& reply,
                                                                   generation speaks) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  const frame_bytes body = reply.body();
  std::size_t at = speaks == generation::iggy_0_9 ? 16 : 40;
  while (at < body.size()) {
    const std::byte* const head = body.data() + at;
    const std::size_t end = at + load<std::uint64_t>(head + 32);
    const auto base = load<std::uint64_t>(head + 8);
    frame_bytes hashed(head, head + 40);
    broker::put_bytes(hashed, {head + 48, 4});
    if (load<std::uint8_t>(head + 52) == 1) {
      broker::put_bytes(hashed, {head + 52, 1});
      broker::put_bytes(hashed, {head + 56, 10});
      broker::put_bytes(hashed, {head + 68, 4});
    }
    const std::size_t before = found.size();
    for (at += 256; at < end;) {
      const std::byte* const frame = body.data() + at;
      const std::size_t payload = load<std::uint32_t>(frame + 36);
      const std::size_t size = 48 + payload + load<std::uint32_t>(frame + 32);
      CHECK(load<std::uint64_t>(frame) == XXH3_64bits(frame + 8, size - 8));
      broker::put_bytes(hashed, {frame, 8});
      found.emplace_back(base + load<std::uint32_t>(frame + 24),
                         std::string(broker::as_text({frame + 48, payload})));
      at += size;
    }
    CHECK(at == end);
    CHECK(load<std::uint32_t>(head + 48) == found.size() - before);
    CHECK(load<std::uint64_t>(head + 40) == hash_of(hashed));
  }
  CHECK(load<std::uint32_t>(body.data() + 12) == found.size());
  return found;
}

}  // namespace vibes::test
