#include "daemon/runtime/listener.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/log.hpp"

namespace vibes::runtime {

namespace asio = boost::asio;
using asio::local::stream_protocol;

namespace {

// Out of descriptors or memory: accepting at once again would only spin.
constexpr auto accept_retry = std::chrono::milliseconds(100);

}  // namespace

listener::listener(asio::io_context& loop, int descriptor, std::size_t connections_max,
                   intake& shared)
    : loop_(loop),
      acceptor_(loop, stream_protocol(), descriptor),
      connections_max_(connections_max),
      intake_(shared),
      retry_timer_(loop) {
  acceptor_.native_non_blocking(true);
}

void listener::start() {
  accept_next();
}

void listener::accept_next() {
  if (accepting_ || stopped_ || sessions_.size() >= connections_max_) return;
  accepting_ = true;
  acceptor_.async_accept([this](const error_code& error, socket_type accepted) {
    accepting_ = false;
    if (error == asio::error::operation_aborted) return;
    if (error) {
      log(log_level::warning, "cannot accept a producer: " + error.message());
      retry_timer_.expires_after(accept_retry);
      retry_timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled) accept_next();
      });
      return;
    }
    add(std::move(accepted));
    accept_next();
  });
}

void listener::add(socket_type accepted) {
  error_code ignored;
  accepted.native_non_blocking(true, ignored);
  control::producer_info peer = peer_of(accepted.native_handle());
  const auto session = std::make_shared<producer_session>(
      std::move(accepted), intake_, std::move(peer), [this](producer_session& who) { ended(who); });
  sessions_.insert(session);
  session->start();
}

void listener::ended(producer_session& who) {
  // A session that only stopped reading stays for its answers.
  if (!who.closed()) return;
  const auto found = std::ranges::find_if(
      sessions_, [&](const std::shared_ptr<producer_session>& each) { return each.get() == &who; });
  if (found != sessions_.end()) sessions_.erase(found);
  accept_next();
}

void listener::stop_accepting(bool backlog_is_kept) {
  if (std::exchange(stopped_, true)) return;
  error_code error;
  acceptor_.cancel(error);
  retry_timer_.cancel();
  // A producer that connected and wrote has done its part: it must not depend on our timing.
  // Non-blocking towards us too: without it Asio itself would wait for the next producer.
  acceptor_.non_blocking(true, error);
  while (!backlog_is_kept && sessions_.size() < connections_max_) {
    socket_type accepted(loop_);
    acceptor_.accept(accepted, error);
    if (error) break;
    add(std::move(accepted));
  }
  acceptor_.close(error);
  for (const auto& each : sessions_) each->stop_reading();
}

bool listener::quiet() const {
  return std::ranges::none_of(sessions_, [](const auto& each) { return each->reading(); });
}

void listener::close_all() {
  const auto open = std::exchange(sessions_, {});
  for (const auto& each : open) each->close();
}

std::vector<control::producer_info> listener::producers() const {
  std::vector<control::producer_info> shown;
  for (const auto& each : sessions_) shown.push_back(each->info());
  return shown;
}

}  // namespace vibes::runtime
