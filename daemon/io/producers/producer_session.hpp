#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/admin/intake_counters.hpp"
#include "daemon/ingest/line_framer.hpp"
#include "daemon/ingest/producer_dialogue.hpp"
#include "daemon/io/producers/producer_registry.hpp"
#include "daemon/store/message_id_source.hpp"

namespace vibes::io {

/// A line that became no event. The text lives as long as the call.
struct refused_line {
  store::event_origin from;
  ingest::ingest_errc code = ingest::ingest_errc::invalid_json;
  std::uint64_t line = 0;  // of the connection; 0: the hello
  std::string_view text;   // all of it, or its head
  std::uint64_t whole_bytes = 0;
  std::uint64_t unix_us = 0;
};

/// What all connections share. Lives as long as the loop.
struct intake {
  /// Also the byte budget of a turn: after one read the next connection is served.
  static constexpr std::size_t read_bytes_per_turn = 65'536;

  store::outbox& outbox;
  producer_registry& registry;
  admin::intake_counters& counters;
  ingest::event_scanner& scanner;
  store::message_id_source& ids;
  ingest::dialogue_limits dialogue;
  std::size_t partial_lines_bytes_max = 64 << 20;  // half-read lines of all connections together
  duration answer_wait = std::chrono::seconds(60);
  std::function<void()> work_arrived;  // the queue has something new
  std::function<void(const refused_line&)> line_refused;

  /// One buffer serves all connections: an idle one holds no memory for reading.
  std::vector<char> read_buffer = std::vector<char>(read_bytes_per_turn);
};

/// One producer's connection: reads lines, offers events, writes answers. It decides nothing about
/// lines (ingest) or room (outbox). Its coroutine keeps it alive; whoever holds it besides may
/// stop or close it. Loop thread only.
class producer_session final : public delivery_receiver,
                               public std::enable_shared_from_this<producer_session> {
 public:
  using socket_type = boost::asio::local::stream_protocol::socket;

  producer_session(socket_type, intake&, admin::producer_info peer,
                   std::function<void(producer_session&)> ended);
  ~producer_session() override;

  void start();
  /// Take what the kernel has of this producer already, then read no more. Answers still go out.
  void stop_reading();
  /// Write the answers that are due, as far as the socket takes them at once, and close.
  void close();
  bool reading() const noexcept { return reading_; }
  bool closed() const noexcept { return !open_; }

  admin::producer_info info() const;

  void event_durable(std::uint64_t line) override { dialogue_.durable(line); }
  void event_committed(std::uint64_t line) override { dialogue_.committed(line); }
  void event_lost(std::uint64_t line, store::loss_reason) override;
  void write_answers() override;
  void room_made() override { room_timer_.cancel(); }

 private:
  using awaitable = boost::asio::awaitable<void>;

  awaitable run(std::shared_ptr<producer_session> self);
  awaitable read_lines();
  awaitable take_lines();
  awaitable take_last_line();
  awaitable offer_later(store::new_event, time_point ask_again_at);
  awaitable wait_for_room(time_point until);
  awaitable wait_until_queue_accepts();
  awaitable finish_answers();

  enum class line_outcome : std::uint8_t { done, wait, hang_up };
  line_outcome take_line(const ingest::framed_line&);
  void refuse(const ingest::framed_line&, std::uint64_t number, ingest::ingest_errc);
  store::event_origin origin() const noexcept;
  void settle_offer(const store::outbox::offer_result&, std::uint64_t line);
  std::optional<std::size_t> receive();
  void start_turn();
  void bound_partial_line();
  void wait_writable();
  void end_answers();
  void cut_off();
  void shut();

  socket_type socket_;
  intake& intake_;
  admin::producer_info info_;
  std::function<void(producer_session&)> ended_;
  store::producer_ref reference_;
  ingest::line_framer framer_;
  ingest::producer_dialogue dialogue_;
  boost::asio::steady_timer room_timer_;
  boost::asio::steady_timer answers_timer_;
  store::new_event waiting_event_;  // when take_line says wait
  time_point waiting_until_;
  std::string unread_;  // our part of the shared buffer while we wait for room
  std::size_t partial_bytes_counted_ = 0;
  time_point turn_at_;  // one reading of the clocks serves a turn
  std::uint64_t turn_unix_us_ = 0;
  std::optional<time_point> waiting_since_;
  bool open_ = true;
  bool reading_ = true;
  bool reading_stopped_ = false;  // by stop_reading: nothing more after what is there
  bool end_of_input_ = false;
  bool waiting_writable_ = false;
};

}  // namespace vibes::io
