#include "tests/broker/visit.hpp"

#include <catch2/catch.hpp>

#include "tests/broker/fields.hpp"

namespace vibes::test {

visit::visit(broker::broker_options options)
    : broker_(std::move(options)), line_(broker_, how_, "127.0.0.1:50000") {}

visit::visit(broker::generation speaks)
    : visit([&] {
        broker::broker_options options;
        options.speaks = speaks;
        return options;
      }()) {}

heard visit::say(const frame_bytes& received, std::uint64_t now_us) {
  heard back;
  const auto made = line_.receive(received, now_us, back.replies);
  back.consumed = made.consumed;
  back.wanted = made.wanted;
  back.hang_up = made.hang_up;
  return back;
}

void visit::refuses(status expected, const frame_bytes& request) {
  const heard back = say(request);
  CHECK(to_hex(back.replies) == to_hex(status_frame(static_cast<std::uint32_t>(expected))));
  CHECK(back.consumed == request.size());
  CHECK_FALSE(back.hang_up);
}

frame_bytes visit::succeeds(const frame_bytes& request, std::uint64_t now_us) {
  const heard back = say(request, now_us);
  CHECK(back.consumed == request.size());
  CHECK_FALSE(back.hang_up);
  REQUIRE(back.replies.size() >= 8);
  REQUIRE(broker::load<std::uint32_t>(back.replies.data()) == 0);
  REQUIRE(broker::load<std::uint32_t>(back.replies.data() + 4) == back.replies.size() - 8);
  return {back.replies.begin() + 8, back.replies.end()};
}

void visit::hangs_up(const frame_bytes& request) {
  const heard back = say(request);
  CHECK(to_hex(back.replies).empty());
  CHECK(back.hang_up);
}

void visit::prepare(std::uint32_t partitions) {
  succeeds(login("iggy", "iggy"));
  if (broker_.wire().first_id() == 1) {
    succeeds(early::create_stream("s"));
    succeeds(early::create_topic("s", "t", partitions));
    return;
  }
  succeeds(request(command::create_stream, name("s")));
  succeeds(create_topic("s", "t", partitions));
}

frame_bytes joined(std::initializer_list<frame_bytes> pieces) {
  frame_bytes all;
  for (const frame_bytes& each : pieces) broker::put_bytes(all, each);
  return all;
}

frame_bytes text(std::string_view from) {
  const auto raw = broker::as_bytes(from);
  return {raw.begin(), raw.end()};
}

frame_bytes name(std::string_view from) {
  return joined({number(static_cast<std::uint8_t>(from.size())), text(from)});
}

frame_bytes named(std::string_view from) {
  return joined({number(std::uint8_t{2}), name(from)});
}

frame_bytes request(std::uint32_t code, const frame_bytes& body) {
  return joined({number(static_cast<std::uint32_t>(4 + body.size())), number(code), body});
}

frame_bytes request(command asked, const frame_bytes& body) {
  return request(static_cast<std::uint32_t>(asked), body);
}

frame_bytes status_frame(std::uint32_t code) {
  return joined({number(code), number(std::uint32_t{0})});
}

frame_bytes login(std::string_view user, std::string_view password) {
  return request(command::login_user,
                 joined({name(user), name(password), number(std::uint64_t{0})}));
}

frame_bytes create_topic(std::string_view stream, std::string_view topic,
                         std::uint32_t partitions) {
  return request(
      command::create_topic,
      joined({named(stream), number(partitions), number(std::uint8_t{1}), number(std::uint64_t{0}),
              number(std::uint64_t{0}), number(std::uint8_t{0}), name(topic)}));
}

frame_bytes poll(std::uint32_t partition, std::uint64_t offset, std::uint32_t count) {
  return request(command::poll_messages,
                 joined({number(std::uint8_t{1}), named("c"), named("s"), named("t"),
                         number(std::uint8_t{1}), number(partition), number(std::uint8_t{1}),
                         number(offset), number(count), number(std::uint8_t{0})}));
}

frame_bytes send(const frame_bytes& where, const std::vector<record>& records, std::size_t header) {
  const auto count = static_cast<std::uint32_t>(records.size());
  const frame_bytes metadata = joined({named("s"), named("t"), where, number(count)});
  frame_bytes body = joined({number(static_cast<std::uint32_t>(metadata.size())), metadata});
  frame_bytes all;
  for (const record& each : records) {
    const frame_bytes one =
        joined({number(std::uint64_t{0}), number(each.id), number(std::uint64_t{0}),
                number(each.offset), number(std::uint64_t{0}), number(std::uint64_t{77}),
                number(static_cast<std::uint32_t>(each.user_headers.size())),
                number(static_cast<std::uint32_t>(each.payload.size())),
                header == 64 ? number(each.reserved) : frame_bytes(), text(each.payload),
                text(each.user_headers)});
    broker::put_bytes(all, one);
    broker::put_bytes(
        body, joined({number(std::uint32_t{0}), number(static_cast<std::uint32_t>(all.size())),
                      number(std::uint64_t{0})}));
  }
  return request(command::send_messages, joined({body, all}));
}

namespace early {

frame_bytes create_stream(std::string_view of, std::uint32_t id) {
  return request(command::create_stream, joined({number(id), name(of)}));
}

frame_bytes create_topic(std::string_view stream, std::string_view topic, std::uint32_t partitions,
                         std::uint32_t id) {
  return request(command::create_topic,
                 joined({named(stream), number(id), number(partitions), number(std::uint8_t{1}),
                         number(std::uint64_t{0}), number(std::uint64_t{0}),
                         number(std::uint8_t{0}), name(topic)}));
}

frame_bytes poll(std::uint32_t partition, std::uint64_t offset, std::uint32_t count) {
  return request(
      command::poll_messages,
      joined({number(std::uint8_t{1}), named("c"), named("s"), named("t"), number(partition),
              number(std::uint8_t{1}), number(offset), number(count), number(std::uint8_t{0})}));
}

frame_bytes offset_of(std::string_view consumer, std::uint32_t partition,
                      std::optional<std::uint64_t> offset) {
  const frame_bytes place =
      joined({number(std::uint8_t{1}), named(consumer), named("s"), named("t"), number(partition)});
  if (!offset) return request(command::get_consumer_offset, place);
  return request(command::store_consumer_offset, joined({place, number(*offset)}));
}

}  // namespace early

frame_bytes send_0_4(const frame_bytes& where, const std::vector<record>& records) {
  frame_bytes body = joined({named("s"), named("t"), where});
  for (const record& each : records)
    broker::put_bytes(body, joined({number(each.id), number(std::uint64_t{0}),
                                    number(static_cast<std::uint32_t>(each.user_headers.size())),
                                    text(each.user_headers),
                                    number(static_cast<std::uint32_t>(each.payload.size())),
                                    text(each.payload)}));
  return request(command::send_messages, body);
}

frame_bytes to_partition(std::uint32_t id) {
  return joined({number(std::uint8_t{2}), number(std::uint8_t{4}), number(id)});
}

std::vector<polled> polled_from(const frame_bytes& body, std::size_t header) {
  std::vector<polled> found;
  std::size_t at = 16;
  while (at < body.size()) {
    const std::byte* const head = body.data() + at;
    const auto headers = broker::load<std::uint32_t>(head + 48);
    const auto payload = broker::load<std::uint32_t>(head + 52);
    found.push_back({broker::load<std::uint64_t>(head + 24), broker::load<std::uint64_t>(head + 8),
                     std::string(broker::as_text({head + header, payload}))});
    at += header + payload + headers;
  }
  CHECK(broker::load<std::uint32_t>(body.data() + 12) == found.size());
  return found;
}

std::vector<polled> polled_from_0_4(const frame_bytes& body) {
  std::vector<polled> found;
  broker::fields left(body);
  left.take(16);
  while (left.at() != body.size() && left.whole()) {
    polled one;
    one.offset = left.take<std::uint64_t>();
    CHECK(left.take<std::uint8_t>() == 1);  // available
    left.take<std::uint64_t>();             // when it was stored
    one.id = left.take<std::uint64_t>();
    left.take(8 + 4);  // the rest of the id, the checksum
    left.take(left.take<std::uint32_t>());
    one.payload = broker::as_text(left.take(left.take<std::uint32_t>()));
    found.push_back(one);
  }
  CHECK(left.whole());
  CHECK(broker::load<std::uint32_t>(body.data() + 12) == found.size());
  return found;
}

}  // namespace vibes::test
