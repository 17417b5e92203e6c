#include "tests/faults/fault_rules.hpp"

#include <catch2/catch.hpp>

namespace vibes::faults {
namespace {

using kind = ruling::kind;

fault of(fault_kind what, std::uint64_t after_bytes = 0) {
  fault made;
  made.what = what;
  made.up = true;
  made.after_bytes = after_bytes;
  made.mask = 0x10;
  made.delay_ms = 50;
  return made;
}

/// Ten bytes that wait, and the weather.
struct waiting_bytes {
  fault_rules over;
  std::vector<std::byte> bytes = std::vector<std::byte>(10);

  explicit waiting_bytes(const fault& now) { over.begin(now); }
  ruling rule(std::size_t count = 10, direction way = direction::up, std::uint32_t waited_ms = 0) {
    return over.rule(way, std::span(bytes).first(count), waited_ms);
  }
};

TEST_CASE("In fine weather everything passes, and with nothing there one waits", "[faults]") {
  waiting_bytes in({});
  CHECK(in.rule().is == kind::pass);
  CHECK(in.rule().bytes == 10);
  CHECK(in.rule(0).is == kind::hold);
}

TEST_CASE("A fault of one direction leaves the other alone", "[faults]") {
  waiting_bytes in(of(fault_kind::stall));
  CHECK(in.rule().is == kind::hold);
  CHECK(in.rule(10, direction::down).bytes == 10);
  in.over.heal();
  CHECK(in.rule().bytes == 10);
}

TEST_CASE("Delayed bytes wait for what is left of their delay", "[faults]") {
  waiting_bytes in(of(fault_kind::delay));
  CHECK(in.rule(10, direction::up, 20).is == kind::pause);
  CHECK(in.rule(10, direction::up, 20).pause_ms == 30);
  CHECK(in.rule(10, direction::up, 50).is == kind::pass);
}

TEST_CASE("Trickling bytes pass one at a time", "[faults]") {
  waiting_bytes in(of(fault_kind::trickle));
  CHECK(in.rule().bytes == 1);
  CHECK(in.rule(0).is == kind::hold);
}

TEST_CASE("A connection is ended exactly behind its byte, once", "[faults]") {
  const auto [what, ruled] = GENERATE(table<fault_kind, kind>({
      {fault_kind::cut, kind::cut},
      {fault_kind::reset, kind::reset},
      {fault_kind::half_close, kind::half_close},
  }));
  waiting_bytes in(of(what, 13));
  CHECK(in.rule().bytes == 10);
  CHECK(in.rule(2).bytes == 2);
  CHECK(in.rule().bytes == 1);
  CHECK(in.rule(0).is == ruled);
  CHECK(in.rule().bytes == 10);
}

TEST_CASE("A cut behind byte 0 needs no byte, and strikes again when it is to", "[faults]") {
  fault again = of(fault_kind::cut);
  again.again = true;
  waiting_bytes in(again);
  CHECK(in.rule(0).is == kind::cut);
  CHECK(in.rule().is == kind::cut);
}

TEST_CASE("One byte is flipped, and only that", "[faults]") {
  waiting_bytes in(of(fault_kind::flip, 12));
  CHECK(in.rule().bytes == 10);
  CHECK(in.rule(0).is == kind::hold);
  CHECK(in.rule(2).bytes == 2);
  CHECK(in.rule().bytes == 1);
  std::vector<std::byte> expected(10);
  expected[0] = std::byte{0x10};
  CHECK(in.bytes == expected);
  CHECK(in.rule().bytes == 10);
  CHECK(in.bytes == expected);
}

TEST_CASE("Only some weather keeps people from connecting", "[faults]") {
  CHECK(waiting_bytes(of(fault_kind::stall)).over.keeps_new_connections());
  CHECK(waiting_bytes(of(fault_kind::drop_new)).over.listens());
  CHECK_FALSE(waiting_bytes(of(fault_kind::drop_new)).over.keeps_new_connections());
  CHECK_FALSE(waiting_bytes(of(fault_kind::refuse)).over.listens());
}

}  // namespace
}  // namespace vibes::faults
