#include "tests/fuzz/reply_checks.hpp"

#include "protocol/error.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/allocations.hpp"
#include "tests/unit/protocol/reply_support.hpp"

namespace vibes::test {
namespace {

using namespace protocol;
using kind = frame_need::kind;

void check_bounds(const frame_need& got, generation gen, std::size_t buffered,
                  std::size_t frame_size_max) {
  if (got.what == kind::malformed) {
    promise(got.size == 0, "a malformed frame has no size");
    return;
  }
  promise(got.size >= header_size_of(gen), "a frame has its header");
  promise(got.size <= frame_size_max, "no frame is over the limit");
  const bool whole = got.size <= buffered;
  promise(whole == (got.what == kind::complete), "a frame is complete when all of it came");
}

/// As bytes come in, what is needed only becomes known better.
void check_beginning(const frame_need& earlier, const frame_need& later) {
  switch (earlier.what) {
    case kind::malformed:
      promise(later.what == kind::malformed, "what is malformed stays so");
      break;
    case kind::complete:
      promise(later.what == kind::complete && later.size == earlier.size, "complete stays so");
      break;
    case kind::more:
      promise(later.what == kind::malformed || later.size >= earlier.size, "needs do not shrink");
      break;
  }
}

void check_error(const error_code& error) {
  promise(error.failed(), "an error is one");
  promise(error.category() == wire_category() || error.category() == eviction_category(),
          "an error is the wire's or an eviction");
}

}  // namespace

std::size_t check_need(const codec& wire, const_bytes buffered, std::size_t frame_size_max) {
  const frame_need whole = wire.need(buffered, frame_size_max);
  check_bounds(whole, wire.gen(), buffered.size(), frame_size_max);
  const std::size_t last = whole.what == kind::complete ? whole.size - 1 : buffered.size();
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{51},
                                 std::size_t{52}, std::size_t{61}, std::size_t{256}, last}) {
    if (size > buffered.size()) continue;
    const frame_need earlier = wire.need(buffered.first(size), frame_size_max);
    check_bounds(earlier, wire.gen(), size, frame_size_max);
    check_beginning(earlier, whole);
  }
  return whole.what == kind::complete ? whole.size : 0;
}

void check_decode(const codec& wire, command asked, const_bytes frame) {
  const auto number = wire.answered(frame);
  if (!number) check_error(number.error());

  const allocation_meter meter;
  const result<reply> got = wire.decode(asked, frame);
  // A cluster node is the greediest: 80 bytes for 18 on the wire, and a growing vector doubles.
  promise(meter.largest() <= 10 * frame.size() + 128, "memory is in proportion to the frame");
  if (!got) {
    check_error(got.error());
    return;
  }
  const std::string flaw = flaw_of(*got, frame);
  promise(flaw.empty(), flaw.c_str());
  promise(number.has_value(), "what decodes answers something");
  const frame_need need = wire.need(frame, frame.size());
  promise(need.what == kind::complete && need.size == frame.size(), "what decodes is one frame");
  promise(!wire.decode(asked, frame.first(frame.size() - 1)), "a frame cut short is none");
}

}  // namespace vibes::test
