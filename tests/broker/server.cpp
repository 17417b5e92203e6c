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
    : on_(on), acceptor_(on), accept_pause_(on), broker_(std::move(options)) {}

server::~server() {
  vanish(departure::abrupt);
}

error_code server::listen(std::uint16_t port) {
  const tcp::endpoint where(boost::asio::ip::address_v4::loopback(), port);
  error_code failure;
  acceptor_.open(where.protocol(), failure);
  if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor_.bind(where, failure);
  if (!failure) acceptor_.listen(tcp::acceptor::max_listen_connections, failure);
  if (failure) {
    error_code ignored;
    acceptor_.close(ignored);
    return failure;
  }
  broker_.listening_on(acceptor_.local_endpoint(failure).port());
  accept();
  return failure;
}

void server::accept() {
  acceptor_.async_accept([this](error_code failure, tcp::socket peer) {
    if (failure != boost::asio::error::operation_aborted) accepted(failure, std::move(peer));
  });
}

void server::accepted(error_code failure, tcp::socket peer) {
  // A connection that was accepted just before the acceptor closed still comes here.
  if (!acceptor_.is_open()) return;
  if (failure) {
    accept_pause_.expires_after(accept_retry);
    accept_pause_.async_wait([this](error_code cancelled) {
      if (!cancelled && acceptor_.is_open()) accept();
    });
    return;
  }
  if (!behaviour_.set.refuse && links_.size() < connections_max) {
    const auto fresh = std::make_shared<link>(*this, std::move(peer));
    links_.insert(fresh);
    fresh->start();
  }
  accept();
}

void server::vanish(departure how) {
  error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  // An ending link takes itself out of the set.
  const auto leaving = links_;
  for (const auto& one : leaving) one->end(how);
}

error_code server::come_back() {
  behaviour_.set.refuse = false;
  return acceptor_.is_open() ? error_code() : listen(broker_.port());
}

}  // namespace vibes::broker
