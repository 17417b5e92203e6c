#include "tests/broker/server.hpp"

#include <boost/asio/error.hpp>
#include <chrono>

#include "tests/broker/link.hpp"

namespace vibes::broker {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// When a connection cannot be accepted (no file descriptors left), the next try waits this long.
constexpr std::chrono::milliseconds accept_retry{100};

}  // namespace

server::server(boost::asio::io_context& on, broker_options options)
    : on_(on), broker_(std::move(options)) {
  for (std::size_t number = 0; number < broker_.options().nodes; ++number)
    nodes_.push_back(
        std::make_unique<node>(node{number, tcp::acceptor(on), boost::asio::steady_timer(on)}));
}

server::~server() {
  vanish(departure::abrupt);
}

error_code server::listen(std::uint16_t port) {
  for (const auto& each : nodes_) {
    const error_code failure = listen(*each, each->number == 0 ? port : std::uint16_t{0});
    if (failure) return failure;
  }
  return {};
}

error_code server::listen(node& at, std::uint16_t port) {
  const tcp::endpoint where(boost::asio::ip::address_v4::loopback(), port);
  error_code failure;
  at.acceptor.open(where.protocol(), failure);
  if (!failure) at.acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) at.acceptor.bind(where, failure);
  if (!failure) at.acceptor.listen(tcp::acceptor::max_listen_connections, failure);
  if (failure) {
    error_code ignored;
    at.acceptor.close(ignored);
    return failure;
  }
  broker_.listening_on(at.acceptor.local_endpoint(failure).port(), at.number);
  accept(at);
  return failure;
}

void server::accept(node& at) {
  at.acceptor.async_accept([this, &at](error_code failure, tcp::socket peer) {
    if (failure != boost::asio::error::operation_aborted) accepted(at, failure, std::move(peer));
  });
}

void server::accepted(node& at, error_code failure, tcp::socket peer) {
  // A connection that was accepted just before the acceptor closed still comes here.
  if (!at.acceptor.is_open()) return;
  if (failure) {
    at.accept_pause.expires_after(accept_retry);
    at.accept_pause.async_wait([this, &at](error_code cancelled) {
      if (!cancelled && at.acceptor.is_open()) accept(at);
    });
    return;
  }
  if (!behaviour_.set.refuse && links_.size() < connections_max) {
    const auto fresh = std::make_shared<link>(*this, std::move(peer), at.number);
    links_.insert(fresh);
    fresh->start();
  }
  accept(at);
}

void server::vanish(departure how) {
  for (const auto& each : nodes_) vanish(each->number, how);
}

void server::vanish(std::size_t number, departure how) {
  error_code ignored;
  nodes_.at(number)->acceptor.close(ignored);
  nodes_.at(number)->accept_pause.cancel();
  // An ending link takes itself out of the set.
  const auto leaving = links_;
  for (const auto& one : leaving)
    if (one->node() == number) one->end(how);
}

error_code server::come_back() {
  behaviour_.set.refuse = false;
  for (const auto& each : nodes_) {
    const error_code failure = come_back(each->number);
    if (failure) return failure;
  }
  return {};
}

error_code server::come_back(std::size_t number) {
  node& at = *nodes_.at(number);
  return at.acceptor.is_open() ? error_code() : listen(at, broker_.ports()[number]);
}

void server::evict(std::uint8_t reason) {
  const auto present = links_;
  for (const auto& one : present) {
    bytes word;
    if (one->standing() != nullptr) broker_.wire().write_eviction(*one->standing(), reason, word);
    if (!word.empty()) one->push(word);
  }
  if (reason != static_cast<std::uint8_t>(eviction::stale_client)) broker_.vsr().forget_all();
}

}  // namespace vibes::broker
