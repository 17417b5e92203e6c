#include <algorithm>
#include <functional>

#include "tests/fuzz/handshake_input.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/allocations.hpp"
#include "tests/unit/protocol/reply_support.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

/// Ping, bind, login, statistics, cluster, probe, stream twice, topic three times.
constexpr std::size_t requests_max = 11;
constexpr std::size_t request_size_max = 2048;
constexpr std::size_t frame_size_max = 1024 * 1024;
constexpr std::size_t partition_record_size_min = 40;

/// Steps are as the header says, and there is an end to them.
class step_checker {
 public:
  explicit step_checker(const handshake_plan& plan) : may_redirect_(plan.may_redirect) {}

  /// The topic's answer bounds how many routes are asked for.
  void heard(command asked, std::size_t frame_size) {
    if (asked == command::get_topic) routes_max_ = frame_size / partition_record_size_min;
  }

  void operator()(const handshake::send_request& request) {
    promise(!request.frame.empty() && request.frame.size() <= request_size_max,
            "a request is there and of bounded size");
  }
  void counts(command asked) {
    if (asked == command::get_partition_route) {
      promise(++routes_ <= routes_max_, "a route is asked for once for each partition");
    } else {
      promise(++requests_ <= requests_max, "a handshake comes to an end");
    }
  }
  void operator()(const handshake::finished& end) const {
    promise(end.wire != nullptr && end.wire->gen() == end.outcome.gen, "a codec comes with it");
    promise((end.with != nullptr) == is_vsr(end.outcome.gen), "newer servers have a session");
    promise(end.with == nullptr || end.with->id != 0, "a session has its number");
    const auto ids = end.outcome.places.partition_ids();
    promise(std::ranges::adjacent_find(ids, std::ranges::greater_equal{}) == ids.end(),
            "partitions are in order, each of them once");
  }
  void operator()(const handshake::redirected& end) const {
    promise(may_redirect_ && end.leader.leader && end.leader.status == 0,
            "a redirection is wished for and leads to a healthy leader");
  }
  void operator()(const handshake::failed& end) const {
    promise(end.error.failed(), "a failure has its error");
  }

 private:
  bool may_redirect_;
  std::size_t requests_ = 0;
  std::size_t routes_ = 0;
  std::size_t routes_max_ = 0;
};

}  // namespace

handshake::step checked_handshake(const_bytes input) {
  handshake_input from(input);
  const handshake_plan plan = from.plan();
  step_checker check(plan);
  handshake talk(plan);
  handshake::step step = talk.start();
  std::visit(std::ref(check), step);
  while (std::holds_alternative<handshake::send_request>(step)) {
    const command asked = talk.awaiting();
    check.counts(asked);
    if (from.ended()) break;
    const exact_bytes frame(from.frame(asked));
    const frame_need need = talk.need(frame.view(), frame_size_max);
    promise(need.what != frame_need::kind::complete || need.size <= frame.view().size(),
            "a frame is complete when all of it came");
    check.heard(asked, frame.view().size());
    const allocation_meter meter;
    step = talk.on_frame(frame.view());
    promise(meter.largest() <= 10 * frame.view().size() + 2 * request_size_max,
            "memory is in proportion to the frame");
    std::visit(std::ref(check), step);
  }
  return step;
}

void run_handshake(const_bytes input) {
  checked_handshake(input);
}

}  // namespace vibes::test
