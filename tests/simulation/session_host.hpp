#pragma once

#include "daemon/ingest/session_machine.hpp"
#include "daemon/io/producers/outbox_sink.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/oracle.hpp"

namespace vibes::simulation {

/// What all sessions of one daemon share.
struct session_surroundings {
  scheduler& on;
  oracle& says;
  io::intake& intake;
  std::function<std::uint64_t()> wall_us;
  std::function<void()> read_out;  // a session reads no more
};

/// The real sink: the oracle hears what becomes of what is offered.
class watched_sink final : public ingest::event_sink {
 public:
  watched_sink(session_surroundings&, store::producer_ref, std::uint64_t serial);

  void start_turn(std::uint64_t unix_us) { behind_.start_turn(unix_us); }

  answer offer(const ingest::producer_dialogue::event&, ingest::ack_level told_at, time_point now,
               time_point waiting_since) override;
  answer offer_again(time_point now, time_point waiting_since) override;
  std::optional<time_point> no_room_until(time_point now, time_point waiting_since) const override {
    return behind_.no_room_until(now, waiting_since);
  }
  void line_refused(const ingest::framed_line&, std::uint64_t line, ingest::ingest_errc) override;

 private:
  answer note(answer, std::string_view payload);

  session_surroundings& shared_;
  io::outbox_sink behind_;
  std::uint64_t serial_;
  std::string held_;
};

/// The daemon's side of one producer's connection: does over the simulated network what the real
/// session machine says, as io/producers/producer_session does over a socket.
class session_host final : public io::delivery_receiver, public end_listener {
 public:
  session_host(session_surroundings&, std::shared_ptr<connection>);
  ~session_host() override;

  /// Take what has arrived already, then read no more. Answers still go out.
  void stop_reading();
  bool reading() const { return machine_.has_input(); }
  bool closed() const { return !over_; }
  void close();

  // delivery_receiver
  void lines_durable(std::span<const std::uint64_t>) override;
  void lines_committed(std::span<const std::uint64_t>) override;
  void lines_lost(std::span<const std::uint64_t>, store::loss_reason) override;
  void write_answers() override;
  void room_made() override { timer_.set(shared_.on.now()); }

  // end_listener
  void received(protocol::const_bytes) override;
  void writable() override;
  void ended(bool reset) override;

 private:
  void go_on();
  void give_turn();
  void read();
  void write();
  void be_readable();
  void hang_up();
  time_point start_turn();

  session_surroundings& shared_;
  std::shared_ptr<connection> over_;  // until it is closed
  std::uint64_t serial_;
  store::producer_ref reference_;
  watched_sink sink_;
  ingest::session_machine machine_;
  timer timer_;
  std::string arrived_;  // as the kernel has it, not read yet
  bool end_arrived_ = false;
  bool reset_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool read_out_told_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace vibes::simulation
