#pragma once

#include <functional>
#include <utility>

#include "daemon/link/link_connection.hpp"
#include "daemon/link/link_report.hpp"
#include "daemon/link/link_shared.hpp"
#include "daemon/store/work_source.hpp"
#include "protocol/handshake/handshake.hpp"

namespace vibes::link {

struct link_settings {
  std::vector<std::string> addresses{"127.0.0.1:8090"};  // "host:port", tried in turn
  protocol::handshake_plan handshake;
  /// A link to one further node of a cluster: continues the session that the coordinator link has
  /// opened, sends for the partitions that its node leads, and nothing else.
  std::optional<std::uint8_t> node_replica;
  std::size_t requests_in_flight_max = 1;  // unanswered sends; at most one for each partition
  bool producer_identity = true;           // where the server knows such a thing
  duration connect_timeout = std::chrono::seconds(5);
  duration reply_timeout = std::chrono::seconds(10);
  duration heartbeat = std::chrono::seconds(5);
  duration backoff_min = std::chrono::milliseconds(50);
  duration backoff_max = std::chrono::seconds(10);
  duration backoff_reset = std::chrono::seconds(10);
  duration topology_refresh = std::chrono::seconds(30);
};

/// A reply frame above this is not believed: the largest legitimate one, a topic of 1,000
/// partitions, has about 70 KB; a stream with thousands of topics about 1 MB.
inline constexpr std::size_t reply_bytes_max = 16 << 20;

/// What the driver has to do next.
enum class link_task : std::uint8_t {
  connect,   // to report().address; then connected() or transport_failed()
  exchange,  // keep one read going, write output() when there is some
  close,     // close the socket, let its operations end, then closed()
  sleep,     // nothing until wake_at()
  stop,      // the end
};

/// The life of one connection to Iggy after another, without a socket or a clock.
///
///   connecting -> probing -> closing -> connecting -> handshaking -> ready -> closing ->
///   backing_off
///
/// Any failure leads through closing: what was in flight goes back to the work source first. No
/// answer of the server ends the machine; only stop() does.
///
/// The driver reports what happened with the time it happened at, then looks at task(), output()
/// and wake_at() again. Loop thread only.
class link_machine {
 public:
  link_machine(link_settings, store::work_source&, link_shared&,
               std::function<std::uint64_t()> random, time_point now);
  ~link_machine();

  link_task task() const noexcept;
  time_point wake_at() const;
  frame_output& output() noexcept { return connection_.output; }

  /// `peer` is where the connection leads: how the address was written, and what it resolved to.
  void connected(time_point now, protocol::topology::address peer = {});
  void received(protocol::const_bytes, time_point now);
  void wrote(std::size_t bytes, time_point now);
  /// Of the bytes that were written, so many are not acknowledged by the peer's TCP yet. To be told
  /// each time that wake_at() has come.
  void unacknowledged(std::size_t bytes, time_point now);
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
  link_event take_event() noexcept { return std::exchange(event_, link_event::none); }

 private:
  using request = link_connection::request;

  /// A cluster that cannot agree on a leader is joined where we are.
  static constexpr std::uint32_t redirects_max = 3;
  static constexpr std::uint32_t binds_not_accepted_max = 5;
  /// 0.9 forgets what it has applied for numbers this far behind the newest, and says that it had
  /// it: with some distance from its 128 (docs/wire.md, "Repeated requests").
  static constexpr protocol::request_number repeat_distance_max = 100;

  /// Why the connection is closed without a failure: the next one follows at once.
  enum class onward : std::uint8_t { no, probed, redirected };

  bool is_coordinator() const noexcept { return !settings_.node_replica; }
  std::uint8_t replica() const noexcept {
    return settings_.node_replica.value_or(shared_.coordinator_replica);
  }

  // link_machine.cpp
  void enter(link_state, time_point now);
  std::vector<std::string> known_addresses() const;
  void begin_attempt(time_point now);
  void enter_connecting(time_point now);
  void fail(const protocol::error_code&, protocol::command during, time_point now);
  void note_error(const protocol::error_code&, protocol::command during, time_point now);
  void return_unanswered();
  bool never_accepts_bind(const protocol::error_code&, protocol::command during) noexcept;
  void move_on(onward, time_point now);
  void back_off(time_point now);

  // link_handshake.cpp
  bool needs_probe() const noexcept;
  void start_handshake(time_point now);
  void take_probe(protocol::const_bytes received, time_point now);
  void take_detection(const protocol::detection&, time_point now);
  void take_handshake_step(protocol::handshake::step&&, time_point now);
  void become_ready(protocol::handshake::finished&&, time_point now);
  bool can_follow(const std::optional<protocol::version_window>& told) const noexcept;
  void redirect(const protocol::cluster_node& leader, time_point now);

  // link_requests.cpp
  bool take_frame(time_point now);
  void take_reply(protocol::const_bytes frame, time_point now);
  std::optional<request> take_answered(std::optional<protocol::request_number>, time_point now);
  void work(time_point now);
  void send_control(const protocol::control_request&, time_point now,
                    protocol::partition_id about = 0);
  void put_on_its_way(request&&, std::uint64_t begin, time_point now);
  bool drained() const;
  time_point ready_wake_at() const;

  // link_topology.cpp
  bool topology_due(time_point now) const noexcept;
  void ask_topology(time_point now);
  void ask_topology_later(time_point now);
  void take_topology(const request&, const protocol::reply&, time_point now);
  void take_nodes(const protocol::cluster_metadata&, time_point now);
  void follow_leader(time_point now);
  void apply_topology();

  // link_sends.cpp
  void take_send_reply(request&&, const protocol::reply&, time_point now);
  void settle_send(request&&, const protocol::error_code& status, time_point now);
  void refuse_batch(store::batch&&, const protocol::error_code& why, time_point now);
  void hold_sends(time_point now);
  bool may_send(time_point now) const noexcept;
  void send_batches(time_point now);
  bool send_batch(store::batch&&, time_point now);
  resend_numbers::sent_as resend_number_of(const store::batch&, bool& repeated);

  link_settings settings_;
  store::work_source& work_;
  link_shared& shared_;
  std::function<std::uint64_t()> random_;
  link_report report_;
  link_event event_ = link_event::none;
  link_connection connection_;

  time_point attempt_began_;  // with its first connection: the one that is probed
  time_point deadline_;       // of the state: connect, probe, handshake step, sleep
  std::optional<protocol::detection> detected_;       // by the probe, for the connection after it
  std::optional<protocol::generation> assumed_;       // what a handshake that was cut off has told
  std::vector<protocol::outgoing_message> messages_;  // scratch of send_batch
  onward onward_ = onward::no;
  std::string redirected_to_;        // "ip:port" of the node that leads; empty: as configured
  std::uint32_t redirects_ = 0;      // since something was committed, or a link lasted
  std::uint32_t attempt_ = 0;        // of the backoff
  std::size_t addresses_tried_ = 0;  // in this round
  bool slow_retry_ = false;          // the last failure needs an operator
  bool draining_ = false;
  bool stop_ = false;
};

}  // namespace vibes::link
