#include "tests/faults/proxy.hpp"

#include <vector>

#include "tests/faults/relay.hpp"

namespace vibes::faults {

using boost::asio::ip::tcp;
using boost::system::error_code;

proxy::proxy(boost::asio::io_context& on, std::uint16_t target_port)
    : on_(on), target_(boost::asio::ip::address_v4::loopback(), target_port), acceptor_(on) {
  listen();
}

proxy::~proxy() {
  const std::vector<std::shared_ptr<relay>> open(relays_.begin(), relays_.end());
  for (const auto& each : open) each->close(true);
}

void proxy::listen() {
  acceptor_.open(tcp::v4());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind({boost::asio::ip::address_v4::loopback(), port_});
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  accept();
}

void proxy::begin(const fault& now) {
  fault_rules_.begin(now);
  if (fault_rules_.listens() && !acceptor_.is_open()) listen();
  if (!fault_rules_.listens() && acceptor_.is_open()) acceptor_.close();
  const std::vector<std::shared_ptr<relay>> open(relays_.begin(), relays_.end());
  for (const auto& each : open) {
    if (fault_rules_.keeps_new_connections()) {
      each->look_again();
    } else {
      each->close(true);
    }
  }
}

void proxy::accept() {
  acceptor_.async_accept([this](const error_code& failure, tcp::socket peer) {
    if (failure == boost::asio::error::operation_aborted) return;
    if (!failure && fault_rules_.keeps_new_connections() && relays_.size() < connections_max) {
      const auto fresh = std::make_shared<relay>(*this, std::move(peer));
      relays_.insert(fresh);
      fresh->start(target_);
    }
    if (acceptor_.is_open()) accept();
  });
}

}  // namespace vibes::faults
