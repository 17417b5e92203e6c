#include "daemon/store/message_id_source.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using protocol::message_id;
using store::message_id_source;

std::uint64_t milliseconds_of(const message_id& id) {
  return id.high >> 16;
}

TEST_CASE("A message id is a UUID of version 7 with the time in front", "[message_id_source]") {
  message_id_source ids(1);
  const message_id id = ids.next(0x0192'd3c4'5e6f);
  CHECK(milliseconds_of(id) == 0x0192'd3c4'5e6f);
  CHECK((id.high >> 12 & 0xf) == 7);
  CHECK(id.low >> 62 == 0b10);
}

TEST_CASE("Ids never go down, whatever the clock does", "[message_id_source]") {
  struct {
    const char* name;
    std::int64_t step_ms;
  } const cases[] = {{"stands still", 0}, {"goes on", 1}, {"goes back", -1}};
  for (const auto& each : cases) {
    CAPTURE(each.name);
    message_id_source ids(7);
    std::uint64_t clock_ms = 1'000'000;
    message_id last{};
    bool always_up = true;
    // Twice what one millisecond holds, so that the counter runs over.
    for (int i = 0; i < 2 * 4'096; ++i) {
      const message_id id = ids.next(clock_ms);
      always_up = always_up && id > last && (id.high >> 12 & 0xf) == 7;
      last = id;
      clock_ms += static_cast<std::uint64_t>(each.step_ms);
    }
    CHECK(always_up);
  }
}

TEST_CASE("A burst borrows from the next millisecond and gives it back", "[message_id_source]") {
  message_id_source ids(7);
  message_id last{};
  for (int i = 0; i < 4'097; ++i) last = ids.next(500);
  CHECK(milliseconds_of(last) == 501);
  const message_id later = ids.next(502);
  CHECK(milliseconds_of(later) == 502);
  CHECK(later > last);
}

TEST_CASE("Two sources of different seeds give different ids", "[message_id_source]") {
  message_id_source one(1);
  message_id_source other(2);
  CHECK(one.next(1) != other.next(1));
}

}  // namespace
}  // namespace vibes::test
