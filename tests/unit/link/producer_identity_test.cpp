#include "daemon/link/producer_identity.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using link::producer_identity;
using protocol::producer_stamp;

TEST_CASE("Each partition counts its own events, and a batch begins behind the last",
          "[producer]") {
  producer_identity who(5);
  CHECK(who.stamp(0, 3) == producer_stamp{5, 0, 0});
  CHECK(who.stamp(0, 1) == producer_stamp{5, 0, 3});
  CHECK(who.stamp(7, 10) == producer_stamp{5, 0, 0});
  CHECK(who.stamp(0, 1) == producer_stamp{5, 0, 4});
  CHECK(who.stamp(7, 1) == producer_stamp{5, 0, 10});
}

TEST_CASE("A producer's number has 63 bits", "[producer]") {
  CHECK(producer_identity(~std::uint64_t{0}).stamp(0, 1).producer_id == protocol::producer_id_max);
  producer_identity who(1);
  who.begin_anew(~std::uint64_t{0});
  CHECK(who.stamp(0, 1).producer_id == protocol::producer_id_max);
}

TEST_CASE("Sequence numbers go round at 2^31", "[producer]") {
  producer_identity who(1);
  who.stamp(0, protocol::producer_sequence_mask);
  CHECK(who.stamp(0, 3).base_sequence == protocol::producer_sequence_mask);
  CHECK(who.stamp(0, 1).base_sequence == 2);
}

TEST_CASE("A stamp that was not used is used for what comes next", "[producer]") {
  producer_identity who(5);
  who.stamp(0, 3);
  const producer_stamp refused = who.stamp(0, 4);
  who.take_back(0, refused);
  CHECK(who.stamp(0, 2) == producer_stamp{5, 0, 3});
  CHECK(who.stamp(0, 2) == producer_stamp{5, 0, 5});
}

TEST_CASE("A stamp of an epoch or a producer that is over is not taken back", "[producer]") {
  producer_identity who(5);
  const producer_stamp old = who.stamp(0, 3);
  who.begin_epoch(0, 1);
  who.stamp(0, 7);
  who.take_back(0, old);
  CHECK(who.stamp(0, 1) == producer_stamp{5, 1, 7});
  who.begin_anew(6);
  who.stamp(0, 2);
  who.take_back(0, old);
  CHECK(who.stamp(0, 1) == producer_stamp{6, 0, 2});
}

TEST_CASE("A new epoch begins at 0, in its partition alone", "[producer]") {
  producer_identity who(5);
  who.stamp(0, 3);
  who.stamp(1, 4);
  who.begin_epoch(0, 99);
  CHECK(who.stamp(0, 2) == producer_stamp{5, 1, 0});
  CHECK(who.stamp(1, 1) == producer_stamp{5, 0, 4});
  who.begin_epoch(0, 99);
  CHECK(who.stamp(0, 1) == producer_stamp{5, 2, 0});
  who.begin_epoch(8, 99);  // a partition that was never sent to
  CHECK(who.stamp(8, 1) == producer_stamp{5, 1, 0});
}

TEST_CASE("Behind the last epoch stands another producer", "[producer]") {
  producer_identity who(5);
  for (int i = 0; i < protocol::producer_epoch_max; ++i) who.begin_epoch(0, 99);
  CHECK(who.stamp(0, 1) == producer_stamp{5, protocol::producer_epoch_max, 0});
  who.begin_epoch(0, 99);
  CHECK(who.stamp(0, 1) == producer_stamp{99, 0, 0});
  CHECK(who.stamp(1, 1) == producer_stamp{99, 0, 0});
}

}  // namespace
}  // namespace vibes::test
