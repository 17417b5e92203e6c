#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "daemon/ingest/session_machine.hpp"
#include "daemon/io/producers/outbox_sink.hpp"

namespace vibes::io {

/// One producer's connection: does to a socket and a timer what a session machine says. Its pending
/// waits keep it alive; whoever holds it besides may stop or close it. Loop thread only.
class producer_session final : public delivery_receiver,
                               public std::enable_shared_from_this<producer_session> {
 public:
  using socket_type = boost::asio::local::stream_protocol::socket;

  /// `ended` is called from the loop when nothing more is read of the producer, and again after the
  /// connection has closed; once when both come together.
  producer_session(socket_type, intake&, admin::producer_info peer,
                   std::function<void(producer_session&)> ended);
  ~producer_session() override;

  void start() { give_turn(); }
  /// Take what the kernel has of this producer already, then read no more. Answers still go out.
  void stop_reading();
  /// Write the answers that are due, as far as the socket takes them at once, and close.
  void close();
  bool reading() const noexcept { return machine_.has_input(); }
  bool closed() const noexcept { return machine_.now_in() == machine::state::closed; }

  admin::producer_info info() const;

  void lines_durable(std::span<const std::uint64_t> lines) override {
    machine_.events_durable(lines);
  }
  void lines_committed(std::span<const std::uint64_t> lines) override {
    machine_.events_committed(lines);
  }
  void lines_lost(std::span<const std::uint64_t>, store::loss_reason) override;
  void write_answers() override;
  void room_made() override { timer_.cancel(); }

 private:
  using machine = ingest::session_machine;

  template <class Report>
  auto then(Report);
  void go_on();
  void read();
  void write();
  void wait_writable();
  void give_turn();
  void shut_down();
  void shut();
  void tell_when_read_out();
  void tell_ended();
  time_point start_turn();

  socket_type socket_;
  boost::asio::steady_timer timer_;
  intake& intake_;
  std::function<void(producer_session&)> ended_;
  store::producer_ref reference_;
  outbox_sink sink_;
  machine machine_;
  bool waits_writable_ = false;
  bool read_out_told_ = false;
};

}  // namespace vibes::io
