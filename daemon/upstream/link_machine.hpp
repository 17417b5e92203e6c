#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "daemon/upstream/frame_output.hpp"
#include "daemon/upstream/link_report.hpp"
#include "daemon/upstream/work_source.hpp"
#include "protocol/handshake.hpp"

namespace vibes::upstream {

struct link_settings {
  std::size_t addresses_count = 1;
  protocol::handshake_plan handshake;
  std::size_t requests_in_flight_max = 1;  // unanswered sends; at most one for each partition
  duration connect_timeout = std::chrono::seconds(5);
  duration reply_timeout = std::chrono::seconds(10);
  duration heartbeat = std::chrono::seconds(5);
  duration backoff_min = std::chrono::milliseconds(50);
  duration backoff_max = std::chrono::seconds(10);
  duration backoff_reset = std::chrono::seconds(10);
  duration topology_refresh = std::chrono::seconds(30);
};

/// A reply frame above this is not believed: the largest legitimate one, a topic of 1,000
/// partitions, has about 40 KB; a stream with thousands of topics about 1 MB.
inline constexpr std::size_t reply_bytes_max = 16 << 20;

/// What the driver has to do next.
enum class link_task : std::uint8_t {
  connect,   // to the address at report().address_index; then connected() or transport_failed()
  exchange,  // keep one read going, write output() when there is some
  close,     // close the socket, let its operations end, then closed()
  sleep,     // nothing until wake_at()
  stop,      // the end
};

/// The life of the connection to Iggy, without a socket or a clock.
///
///   connecting -> handshaking -> ready -> closing -> backing_off -> connecting ...
///
/// Any failure leads through closing: what was in flight goes back to the work source first. No
/// answer of the server ends the machine; only stop() does.
///
/// The driver reports what happened with the time it happened at, then looks at task(), output()
/// and wake_at() again. Loop thread only.
class link_machine {
 public:
  link_machine(link_settings, work_source&, std::function<std::uint64_t()> random, time_point now);
  ~link_machine();

  link_task task() const noexcept;
  time_point wake_at() const;
  frame_output& output() noexcept { return output_; }

  void connected(time_point now);
  void received(protocol::const_bytes, time_point now);
  void wrote(std::size_t bytes, time_point now);
  /// Connecting, reading or writing failed, or the peer closed.
  void transport_failed(const protocol::error_code&, time_point now);
  void closed(time_point now);
  /// Time passed, or work arrived.
  void tick(time_point now);

  /// Drain: send what is queued, then stop. Without it: stop at once; what is unanswered is
  /// returned.
  void stop(bool drain, time_point now);

  const link_report& report() const noexcept { return report_; }
  /// The newest thing worth a log line since the last call; older ones are counted in the report.
  link_news take_news() noexcept { return std::exchange(news_, link_news::none); }

 private:
  struct request {
    protocol::command what = protocol::command::ping;
    std::optional<queue::batch> sent;
    time_point deadline;
  };

  void enter(link_state, time_point now);
  void fail(const protocol::error_code&, protocol::command during, time_point now);
  void back_off(time_point now);

  void take_handshake_step(protocol::handshake::step&&, time_point now);
  void become_ready(protocol::handshake_outcome&&, time_point now);

  bool take_frame(time_point now);
  void take_reply(protocol::const_bytes frame, time_point now);
  void take_send_reply(queue::batch&&, const protocol::error_code&, time_point now);
  void take_topology(const protocol::reply&, time_point now);

  void work(time_point now);
  void send_control(const protocol::control_request&, time_point now);
  void send_batches(time_point now);
  bool send_batch(queue::batch&&, time_point now);
  void hold_sends(time_point now);
  void apply_topology();
  bool may_send(time_point now) const noexcept;
  time_point ready_wake_at() const;

  link_settings settings_;
  work_source& work_;
  std::function<std::uint64_t()> random_;
  link_report report_;
  link_news news_ = link_news::none;
  frame_output output_;
  protocol::byte_vector received_;

  time_point deadline_;  // of the state: connect, handshake step, sleep
  std::optional<protocol::handshake> handshake_;
  std::unique_ptr<protocol::codec> codec_;
  std::optional<protocol::generation> assumed_;  // what a handshake that was cut off has told
  protocol::identifier stream_;
  protocol::identifier topic_;
  std::deque<request> unanswered_;  // in the order of their replies
  std::vector<protocol::partition_id> partitions_;
  std::vector<protocol::partition_id> new_partitions_;  // not empty: barrier until sends have ended
  std::vector<protocol::outgoing_message> messages_;    // scratch of send_batch
  time_point ping_at_;
  time_point topology_at_;
  time_point sends_held_until_;
  bool topology_wanted_ = false;  // a send says that ours is wrong: ask before the next one
  bool topology_asked_ = false;
  bool ping_asked_ = false;
  std::uint32_t send_retries_ = 0;
  bool committed_something_ = false;  // on this connection
  std::uint32_t attempt_ = 0;         // of the backoff
  std::size_t addresses_tried_ = 0;   // in this round
  bool slow_retry_ = false;           // the last failure needs an operator
  bool draining_ = false;
  bool stop_ = false;
};

}  // namespace vibes::upstream
