#include "tests/network/broker_fixture.hpp"

#include <stdexcept>

namespace vibes::test {
namespace {

// Of a stored record: docs/wire.md, "Message layout" and "Batches". The id is behind the checksum.
struct record_layout {
  std::size_t header_bytes;
  std::size_t payload_length;
};
constexpr std::size_t id_at = 8;

record_layout layout_of(broker::generation speaks) {
  switch (speaks) {
    case broker::generation::iggy_0_5:
    case broker::generation::iggy_0_6: return {56, 52};
    case broker::generation::iggy_0_7:
    case broker::generation::iggy_0_8: return {64, 52};
    case broker::generation::iggy_0_9:
    case broker::generation::iggy_0_10: return {48, 36};
    case broker::generation::iggy_0_4: break;
  }
  throw std::logic_error("records of this generation are not read here");
}

stored_event event_of(const record_layout& layout, broker::bytes_view record) {
  stored_event read;
  read.id = {broker::load<std::uint64_t>(record.data() + id_at),
             broker::load<std::uint64_t>(record.data() + id_at + 8)};
  const auto length = broker::load<std::uint32_t>(record.data() + layout.payload_length);
  const broker::bytes_view payload = record.subspan(layout.header_bytes, length);
  read.payload.assign(reinterpret_cast<const char*>(payload.data()), payload.size());
  return read;
}

void read_partition(const record_layout& layout, std::uint32_t number, broker::partition& from,
                    std::vector<stored_event>& to) {
  std::uint64_t offset = from.first_offset();
  while (broker::block* const in = from.find(offset)) {
    std::size_t batch = 0;
    for (std::size_t i = offset - in->first_offset; i < in->ends.size(); ++i, ++offset) {
      while (batch + 1 < in->batches.size() && in->batches[batch + 1].first <= i) ++batch;
      const std::size_t begin = in->begin_of(i);
      stored_event read =
          event_of(layout, broker::bytes_view(in->records).subspan(begin, in->ends[i] - begin));
      read.partition = number;
      read.offset = offset;
      read.stored_us = in->batches[batch].timestamp_us;
      to.push_back(std::move(read));
    }
  }
}

std::uint16_t listen(broker::server& on) {
  if (const auto failure = on.listen(0)) throw boost::system::system_error(failure);
  return on.port();
}

}  // namespace

broker_fixture::broker_fixture(const broker::broker_options& options)
    : server_(loop_, options),
      listening_(listen(server_)),
      proxy_(loop_, listening_),
      port_(proxy_.port()),
      thread_([this] { loop_.run(); }) {}

broker_fixture::~broker_fixture() {
  loop_.stop();
  thread_.join();
}

std::vector<stored_event> broker_fixture::read_back(std::string_view stream,
                                                    std::string_view topic) {
  return on_loop([&] {
    std::vector<stored_event> all;
    const record_layout layout = layout_of(server_.state().options().speaks);
    broker::topic* const of = server_.state().data().find(stream, topic);
    if (of == nullptr) return all;
    std::uint32_t number = of->first_id;
    for (const auto& each : of->partitions) read_partition(layout, number++, *each, all);
    return all;
  });
}

}  // namespace vibes::test
