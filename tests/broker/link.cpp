#include "tests/broker/link.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace vibes::broker {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string name_of(const tcp::socket& peer) {
  error_code failure;
  const tcp::endpoint remote = peer.remote_endpoint(failure);
  if (failure) return "0.0.0.0:0";
  return remote.address().to_string() + ":" + std::to_string(remote.port());
}

std::uint64_t now_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

link::link(server& of, tcp::socket peer, std::size_t node)
    : server_(&of),
      node_(node),
      socket_(std::move(peer)),
      delay_(socket_.get_executor()),
      deadline_(socket_.get_executor()),
      conversation_(std::in_place, of.state(), of.behaviour(), name_of(socket_), node),
      inbox_(inbox_bytes_first) {}

void link::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  read();
}

void link::read() {
  if (begin_ == end_) begin_ = end_ = 0;
  const std::size_t kept = end_ - begin_;
  const std::size_t room = std::max(wanted_ > kept ? wanted_ - kept : 0, read_bytes_least);
  if (inbox_.size() - end_ < room) {
    std::copy(inbox_.begin() + static_cast<std::ptrdiff_t>(begin_),
              inbox_.begin() + static_cast<std::ptrdiff_t>(end_), inbox_.begin());
    begin_ = 0;
    end_ = kept;
    if (inbox_.size() - end_ < room) inbox_.resize(end_ + room);
  }
  reading_ = true;
  socket_.async_read_some(boost::asio::buffer(inbox_.data() + end_, inbox_.size() - end_),
                          [self = shared_from_this()](error_code failure, std::size_t count) {
                            self->on_read(failure, count);
                          });
}

void link::on_read(error_code failure, std::size_t count) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  if (failure == boost::asio::error::operation_aborted && phase_ == phase::leaving) {
    drain();
    return;
  }
  if (failure) {
    close();
    return;
  }
  received(count);
  serve();
}

void link::received(std::size_t count) {
  const misbehaviour::allowance allowed = server_->behaviour().may_receive(count);
  end_ += allowed.count;
  close_when_sent_ = close_when_sent_ || allowed.cut;
}

void link::serve() {
  const bytes_view waiting(inbox_.data() + begin_, end_ - begin_);
  const conversation::progress made = conversation_->receive(waiting, now_us(), replies_);
  begin_ += made.consumed;
  wanted_ = made.wanted;
  close_when_sent_ = close_when_sent_ || made.hang_up;
  send();
}

void link::send() {
  const std::uint32_t delay_ms = server_->behaviour().set.delay_ms;
  if (replies_.empty() || delay_ms == 0) {
    write();
    return;
  }
  delay_.expires_after(std::chrono::milliseconds(delay_ms));
  delay_.async_wait([self = shared_from_this()](error_code) {
    if (self->phase_ != phase::closed) self->write();
  });
}

void link::write() {
  const misbehaviour::allowance allowed = server_->behaviour().may_send(replies_.size());
  close_when_sent_ = close_when_sent_ || allowed.cut;
  if (allowed.count == 0) {
    replies_.clear();
    on_sent({});
    return;
  }
  writing_ = true;
  boost::asio::async_write(socket_, boost::asio::buffer(replies_.data(), allowed.count),
                           [self = shared_from_this()](error_code failure, std::size_t) {
                             self->writing_ = false;
                             self->replies_.clear();
                             self->on_sent(failure);
                           });
}

void link::on_sent(error_code failure) {
  if (phase_ == phase::closed) return;
  conversation_->replies_sent();
  if (!after_.empty()) push(std::exchange(after_, {}));
  if (failure || (close_when_sent_ && phase_ != phase::parting)) {
    close();
    return;
  }
  switch (phase_) {
    case phase::serving:
      // Requests that stand in the inbox complete are served before the socket is read.
      if (wanted_ == 0)
        serve();
      else
        read();
      break;
    case phase::leaving: drain(); break;
    case phase::parting: read_to_end(); break;
    case phase::closed: break;
  }
}

void link::push(const bytes& unasked) {
  if (phase_ == phase::closed) return;
  if (writing_ || !replies_.empty()) {
    after_.insert(after_.end(), unasked.begin(), unasked.end());
    return;
  }
  // What is said unasked is small, and a client that does not take it in has lost it.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.write_some(boost::asio::buffer(unasked), ignored);
}

void link::end(departure how) {
  if (how == departure::abrupt) {
    close();
    return;
  }
  if (phase_ != phase::serving) return;
  phase_ = phase::leaving;
  announce_ = how == departure::announced;
  deadline_.expires_after(end_time_max);
  deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->close();
  });
  // Whatever else is under way comes by itself to the point where it sees that we leave.
  error_code ignored;
  if (reading_) socket_.cancel(ignored);
}

void link::drain() {
  if (wanted_ == 0 && begin_ != end_) {
    serve();
    return;
  }
  if (begin_ == end_) begin_ = end_ = 0;
  if (inbox_.size() - end_ < read_bytes_least) inbox_.resize(end_ + read_bytes_least);
  error_code failure;
  socket_.non_blocking(true, failure);
  const std::size_t count =
      socket_.read_some(boost::asio::buffer(inbox_.data() + end_, inbox_.size() - end_), failure);
  if (failure && failure != boost::asio::error::would_block) {
    close();
    return;
  }
  if (failure || inbox_.size() > server_->state().wire().frame_bytes_max()) {
    part();
    return;
  }
  received(count);
  serve();
}

void link::part() {
  phase_ = phase::parting;
  if (announce_) conversation_->announce_end(replies_);
  send();
}

void link::read_to_end() {
  // Closing with unread bytes would reset the connection, and the replies would be lost on the way.
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  socket_.async_read_some(boost::asio::buffer(inbox_),
                          [self = shared_from_this()](error_code failure, std::size_t) {
                            if (self->phase_ == phase::closed) return;
                            if (failure)
                              self->close();
                            else
                              self->read_to_end();
                          });
}

void link::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  error_code ignored;
  socket_.close(ignored);
  delay_.cancel();
  deadline_.cancel();
  conversation_.reset();
  server_->ended(shared_from_this());
}

}  // namespace vibes::broker
