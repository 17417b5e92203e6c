#include "daemon/io/producers/listener.hpp"

#include <algorithm>
#include <utility>

#include "daemon/io/sockets/socket_peer.hpp"

namespace vibes::io {

listener::listener(boost::asio::io_context& loop, const std::vector<int>& descriptors,
                   std::size_t connections_max, intake& shared)
    : loop_(loop), connections_max_(connections_max), intake_(shared) {
  for (const int each : descriptors) open(each);
}

void listener::open(int descriptor) {
  accept_loop::owner us;
  us.whom = "a producer";
  us.has_room = [this] { return has_room(); };
  us.accepted = [this](socket_type accepted) { add(std::move(accepted)); };
  us.failed = [this](const error_code& error) {
    ++intake_.counters.accept_failures;
    intake_.counters.accept_error = accept_failure_text(error);
  };
  sockets_.push_back(std::make_shared<accept_loop>(loop_, descriptor, std::move(us)));
}

void listener::start() {
  accept_next();
}

void listener::accept_next() {
  for (const auto& each : sockets_) each->go_on();
}

void listener::replace_sockets(int descriptor) {
  for (const auto& each : std::exchange(sockets_, {})) {
    each->accept_waiting();
    each->close();
  }
  open(descriptor);
  accept_next();
}

void listener::add(socket_type accepted) {
  error_code ignored;
  accepted.native_non_blocking(true, ignored);
  intake_.counters.accept_error.clear();
  admin::producer_info peer = peer_of(accepted.native_handle());
  const auto session = std::make_shared<producer_session>(
      std::move(accepted), intake_, std::move(peer), [this](producer_session& who) { ended(who); });
  sessions_.insert(session);
  session->start();
}

void listener::ended(producer_session& who) {
  const auto found = std::ranges::find_if(
      sessions_, [&](const std::shared_ptr<producer_session>& each) { return each.get() == &who; });
  // A session that only stopped reading stays for its answers.
  if (who.closed() && found != sessions_.end()) sessions_.erase(found);
  if (who.closed()) accept_next();
  tell_when_read_out();
}

void listener::stop_accepting(bool backlog_is_kept, std::function<void()> read_out) {
  if (stopped_) return;
  for (const auto& each : sockets_) {
    // A producer that connected and wrote has done its part: it must not depend on our timing.
    if (!backlog_is_kept) each->accept_waiting();
    each->close();
  }
  stopped_ = true;
  read_out_ = std::move(read_out);
  for (const auto& each : sessions_) each->stop_reading();
  tell_when_read_out();
}

void listener::tell_when_read_out() {
  if (!read_out_) return;
  const bool reads =
      std::ranges::any_of(sessions_, [](const auto& each) { return each->reading(); });
  if (!reads) std::exchange(read_out_, nullptr)();
}

void listener::close_all() {
  const auto open = std::exchange(sessions_, {});
  for (const auto& each : open) each->close();
}

std::vector<admin::producer_info> listener::producers() const {
  std::vector<admin::producer_info> shown;
  for (const auto& each : sessions_) shown.push_back(each->info());
  return shown;
}

}  // namespace vibes::io
