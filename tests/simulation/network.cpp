#include "tests/simulation/network.hpp"

#include <algorithm>
#include <utility>

namespace vibes::simulation {

connection::connection(scheduler& of, const network_rules& rules, std::uint64_t serial)
    : scheduler_(of), rules_(rules), serial_(serial) {}

std::size_t connection::room(side from) const noexcept {
  const std::size_t used = undelivered(from);
  return closed_ || used >= rules_.buffer_bytes ? 0 : rules_.buffer_bytes - used;
}

std::size_t connection::undelivered(side from) const noexcept {
  const end& of = ends_[index(from)];
  return of.out.size() - of.begin;
}

std::size_t connection::write(side from, protocol::const_bytes bytes) {
  end& of = ends_[index(from)];
  const std::size_t taken = std::min(bytes.size(), room(from));
  of.was_full = of.was_full || taken < bytes.size();
  of.out.insert(of.out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
  if (taken > 0) start(from);
  return taken;
}

void connection::finish(side from) {
  ends_[index(from)].finished = true;
  start(from);
}

void connection::close(side from) {
  ends_[index(from)].listener = nullptr;
  // Bytes that were not read make a close a reset, as in TCP.
  if (undelivered(other(from)) > 0 && scheduler_.one_in(2)) ends_[index(from)].out.clear();
  if (ends_[index(from)].out.empty()) ends_[index(from)].begin = 0;
  finish(from);
}

void connection::start(side from) {
  end& of = ends_[index(from)];
  if (of.under_way || closed_) return;
  of.under_way = true;
  const duration wait = scheduler_.between(rules_.latency_min, rules_.latency_max);
  scheduler_.after(wait, step_kind::network, weak_from_this(), [this, from] { deliver(from); });
}

void connection::deliver(side from) {
  end& of = ends_[index(from)];
  of.under_way = false;
  if (closed_ || dead_) return;
  if (stalled_until_ > scheduler_.now()) {
    of.under_way = true;
    return scheduler_.at(stalled_until_, step_kind::network, weak_from_this(),
                         [this, from] { deliver(from); });
  }
  const std::size_t waiting = undelivered(from);
  if (waiting == 0) {
    if (of.finished) tell_end(other(from), false);
    return;
  }
  std::size_t size = std::min(waiting, rules_.chunk_max);
  if (scheduler_.one_in(4)) size = scheduler_.between(1, size);
  scheduler_.note(size);
  const std::vector<std::byte> chunk(of.out.begin() + static_cast<std::ptrdiff_t>(of.begin),
                                     of.out.begin() + static_cast<std::ptrdiff_t>(of.begin + size));
  of.begin += size;
  if (of.begin == of.out.size()) {
    of.out.clear();
    of.begin = 0;
  }
  if (waiting > size || of.finished) start(from);
  const std::shared_ptr<connection> alive = shared_from_this();
  if (end_listener* const to = ends_[index(other(from))].listener) to->received(chunk);
  if (std::exchange(of.was_full, false) && of.listener != nullptr) of.listener->writable();
}

void connection::tell_end(side to, bool reset) {
  end& from = ends_[index(other(to))];
  if (std::exchange(from.told_end, true)) return;
  const std::shared_ptr<connection> alive = shared_from_this();
  if (ends_[0].told_end && ends_[1].told_end) closed_ = true;
  if (end_listener* const listener = ends_[index(to)].listener) listener->ended(reset);
}

void connection::reset() {
  if (closed_) return;
  closed_ = true;
  for (const side to : {side::client, side::server}) {
    scheduler_.after(scheduler_.between(rules_.latency_min, rules_.latency_max), step_kind::network,
                     weak_from_this(), [this, to] { tell_end(to, true); });
  }
}

void network::connect(const std::string& address, end_listener* client, scheduler::owner of,
                      connected done) {
  if (scheduler_.now() < unreachable_until) return;
  const duration wait = 2 * scheduler_.between(rules.latency_min, rules.latency_max);
  scheduler_.after(wait, step_kind::network, std::move(of),
                   [this, address, client, done = std::move(done)] {
                     const auto found = acceptors_.find(address);
                     auto made = std::make_shared<connection>(scheduler_, rules, ++serials_);
                     const bool listens = found != acceptors_.end() && found->second != nullptr;
                     end_listener* const server = listens ? found->second->accepts(made) : nullptr;
                     if (server == nullptr) return done(nullptr);
                     made->attach(connection::side::server, server);
                     made->attach(connection::side::client, client);
                     std::erase_if(connections_, [](const auto& each) { return each.expired(); });
                     connections_.push_back(made);
                     done(std::move(made));
                   });
}

std::vector<std::shared_ptr<connection>> network::connections() {
  std::vector<std::shared_ptr<connection>> open;
  for (const auto& each : connections_) {
    if (auto alive = each.lock(); alive && alive->is_open()) open.push_back(std::move(alive));
  }
  return open;
}

}  // namespace vibes::simulation
