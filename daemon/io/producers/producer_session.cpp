#include "daemon/io/producers/producer_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "daemon/io/process/wall_clock.hpp"
#include "daemon/io/producers/producer_socket.hpp"
#include "protocol/partitioning.hpp"

namespace vibes::io {

namespace asio = boost::asio;
using ingest::ingest_errc;
using ingest::producer_dialogue;
using store::outbox;

namespace {

constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

time_point now() {
  return std::chrono::steady_clock::now();
}

ingest_errc code_of(store::loss_reason reason) {
  switch (reason) {
    case store::loss_reason::refused_by_iggy: return ingest_errc::refused_by_iggy;
    case store::loss_reason::left_at_stop: return ingest_errc::stopping;
    case store::loss_reason::dropped_by_operator: return ingest_errc::dropped_by_operator;
    case store::loss_reason::journal_damage: return ingest_errc::lost_on_disk;
    case store::loss_reason::out_of_memory: return ingest_errc::out_of_memory;
    case store::loss_reason::overflow_drop_oldest:
    case store::loss_reason::overflow_drop_newest:
    case store::loss_reason::overflow_block_expired: break;
  }
  return ingest_errc::dropped_by_overflow;
}

}  // namespace

producer_session::producer_session(socket_type socket, intake& shared, admin::producer_info peer,
                                   std::function<void(producer_session&)> ended)
    : socket_(std::move(socket)),
      intake_(shared),
      info_(std::move(peer)),
      ended_(std::move(ended)),
      reference_(shared.registry.add(*this)),
      framer_(shared.dialogue.event_bytes_max),
      dialogue_(shared.dialogue, shared.scanner),
      room_timer_(socket_.get_executor()),
      answers_timer_(socket_.get_executor()) {
  info_.connection = ++intake_.counters.connections_accepted;
  ++intake_.counters.connections_open;
}

producer_session::~producer_session() {
  intake_.registry.remove(reference_);
  intake_.counters.partial_line_bytes -= partial_bytes_counted_;
  --intake_.counters.connections_open;
}

void producer_session::start() {
  asio::co_spawn(socket_.get_executor(), run(shared_from_this()),
                 [](const std::exception_ptr& broken) {
                   if (broken) std::rethrow_exception(broken);
                 });
}

admin::producer_info producer_session::info() const {
  admin::producer_info shown = info_;
  shown.ack_level = ingest::to_string(dialogue_.level());
  return shown;
}

asio::awaitable<void> producer_session::run(std::shared_ptr<producer_session> self) {
  co_await read_lines();
  if (open_ && end_of_input_) co_await take_last_line();
  if (open_ && end_of_input_) co_await finish_answers();
  reading_ = false;
  // After stop_reading alone the connection stays: its answers are still to come.
  if (end_of_input_ || !open_) close();
  self->ended_(*self);
}

asio::awaitable<void> producer_session::read_lines() {
  while (open_) {
    if (!intake_.outbox.accepts(now())) co_await wait_until_queue_accepts();
    if (!open_) co_return;
    const std::optional<std::size_t> bytes = receive();
    if (end_of_input_) co_return;
    if (!bytes) {
      waiting_since_.reset();
      if (reading_stopped_) co_return;
      co_await socket_.async_wait(socket_type::wait_read, use_result);
      continue;
    }
    start_turn();
    framer_.feed({intake_.read_buffer.data(), *bytes});
    co_await take_lines();
    if (!open_) co_return;
    bound_partial_line();
    write_answers();
    intake_.work_arrived();
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);  // the others' turn
  }
}

/// Bytes read into the shared buffer; nothing when there are none now, or at the end of input.
std::optional<std::size_t> producer_session::receive() {
  const ssize_t bytes = read_lines_of_producer(socket_.native_handle(), intake_.read_buffer);
  if (bytes > 0) {
    intake_.counters.bytes_read += static_cast<std::uint64_t>(bytes);
    return static_cast<std::size_t>(bytes);
  }
  const bool later = bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  end_of_input_ = !later;
  return std::nullopt;
}

void producer_session::start_turn() {
  turn_at_ = now();
  turn_unix_us_ = unix_time_us();
}

asio::awaitable<void> producer_session::take_lines() {
  while (open_) {
    const auto line = framer_.next();
    if (!line) break;
    const line_outcome outcome = take_line(*line);
    if (outcome == line_outcome::wait) co_await offer_later(waiting_event_, waiting_until_);
    if (outcome == line_outcome::hang_up) shut();
  }
  unread_ = {};
}

asio::awaitable<void> producer_session::take_last_line() {
  const auto line = framer_.finish();
  if (!line) co_return;
  start_turn();
  const line_outcome outcome = take_line(*line);
  if (outcome == line_outcome::wait) co_await offer_later(waiting_event_, waiting_until_);
  if (outcome == line_outcome::hang_up) shut();
  intake_.work_arrived();
}

producer_session::line_outcome producer_session::take_line(const ingest::framed_line& line) {
  const producer_dialogue::verdict verdict = dialogue_.on_line(line);
  if (const auto* event = std::get_if<producer_dialogue::event>(&verdict)) {
    if (!event->what.known_type) ++intake_.counters.unknown_types;
    store::new_event offered;
    offered.id =
        event->what.event_id ? *event->what.event_id : intake_.ids.next(turn_unix_us_ / 1'000);
    offered.session = protocol::hash_session(event->what.session_key);
    offered.origin_time_us = turn_unix_us_;
    offered.payload = event->text;
    const bool answering = dialogue_.answering();
    if (answering) offered.producer = reference_;
    offered.origin = origin();
    offered.line = event->line;
    offered.ack_wanted = answering && dialogue_.level() == ingest::ack_level::committed;
    offered.durable_wanted = answering && dialogue_.level() == ingest::ack_level::durable;
    const outbox::offer_result result =
        intake_.outbox.offer(offered, turn_at_, waiting_since_.value_or(turn_at_));
    if (result.verdict == outbox::offer_verdict::wait) {
      waiting_event_ = offered;
      waiting_until_ = result.ask_again_at;
      return line_outcome::wait;
    }
    settle_offer(result, offered.line);
  } else if (const auto* refused = std::get_if<producer_dialogue::refused>(&verdict)) {
    refuse(line, refused->line, refused->code);
  } else if (const auto* bad = std::get_if<producer_dialogue::hang_up>(&verdict)) {
    refuse(line, 0, bad->code);
    write_answers();
    return line_outcome::hang_up;
  }
  return line_outcome::done;
}

void producer_session::refuse(const ingest::framed_line& line, std::uint64_t number,
                              ingest_errc code) {
  ++info_.refused;
  intake_.counters.refused(ingest::code_name(code));
  const bool whole = line.what == ingest::framed_line::kind::complete;
  intake_.line_refused({origin(), code, number, whole ? line.text : line.head,
                        whole ? line.text.size() : line.whole_bytes, turn_unix_us_});
}

store::event_origin producer_session::origin() const noexcept {
  return {info_.connection, static_cast<std::int32_t>(info_.pid),
          static_cast<std::int32_t>(info_.uid)};
}

void producer_session::settle_offer(const outbox::offer_result& result, std::uint64_t line) {
  waiting_since_.reset();
  if (result.verdict == outbox::offer_verdict::accepted) {
    ++info_.events;
    dialogue_.received(line);
  } else {
    dialogue_.lost(line, code_of(result.reason));
  }
}

/// The read buffer is everybody's: what we have not taken of it yet moves to us before we wait.
asio::awaitable<void> producer_session::offer_later(store::new_event event,
                                                    time_point ask_again_at) {
  const std::string payload(event.payload);
  event.payload = payload;
  std::string rest(framer_.unread());
  unread_.swap(rest);
  framer_.rebase(unread_);
  rest = {};
  if (!waiting_since_) waiting_since_ = turn_at_;
  write_answers();
  intake_.work_arrived();
  while (open_) {
    co_await wait_for_room(ask_again_at);
    if (!open_) co_return;
    start_turn();
    const outbox::offer_result result = intake_.outbox.offer(event, turn_at_, *waiting_since_);
    if (result.verdict != outbox::offer_verdict::wait) {
      settle_offer(result, event.line);
      co_return;
    }
    ask_again_at = result.ask_again_at;
  }
}

asio::awaitable<void> producer_session::wait_until_queue_accepts() {
  waiting_since_ = now();
  while (open_) {
    const time_point at = now();
    const std::optional<time_point> wait = intake_.outbox.ask_again_at(at, *waiting_since_);
    if (!wait) co_return;
    co_await wait_for_room(*wait);
  }
}

asio::awaitable<void> producer_session::wait_for_room(time_point until) {
  intake_.registry.wait_for_room(reference_);
  room_timer_.expires_at(until);
  co_await room_timer_.async_wait(use_result);
}

void producer_session::bound_partial_line() {
  std::uint64_t& total = intake_.counters.partial_line_bytes;
  if (total - partial_bytes_counted_ + framer_.partial_bytes() > intake_.partial_lines_bytes_max) {
    framer_.give_up_line();
  }
  total -= partial_bytes_counted_;
  partial_bytes_counted_ = framer_.partial_bytes();
  total += partial_bytes_counted_;
}

void producer_session::event_lost(std::uint64_t line, store::loss_reason reason) {
  dialogue_.lost(line, code_of(reason));
}

void producer_session::stop_reading() {
  reading_stopped_ = true;
  socket_.cancel();
}

void producer_session::close() {
  write_answers();
  shut();
}

void producer_session::shut() {
  open_ = false;
  error_code ignored;
  socket_.close(ignored);
  room_timer_.cancel();
  answers_timer_.cancel();
}

}  // namespace vibes::io
