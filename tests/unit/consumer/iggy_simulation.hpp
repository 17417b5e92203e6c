#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "daemon/consumer/iggy_client.hpp"
#include "tests/broker/server.hpp"

namespace vibes::test {

/// A broker on a free port of the loopback interface, on a thread of its own: the reader waits on
/// real sockets and nothing else will do. The topic of settings() is made by the first connection.
class iggy_simulation {
 public:
  explicit iggy_simulation(broker::generation speaks = broker::generation::iggy_0_8,
                           std::size_t nodes = 1);
  ~iggy_simulation();
  iggy_simulation(const iggy_simulation&) = delete;
  iggy_simulation& operator=(const iggy_simulation&) = delete;

  std::uint16_t port() const { return port_; }
  consumer::client_settings settings(std::uint32_t partitions_count = 3) const;

  /// Runs something on the broker's thread and gives what it gives.
  template <class Act>
  auto on_server(Act act) {
    std::packaged_task<decltype(act(server_))()> task([&] { return act(server_); });
    auto done = task.get_future();
    boost::asio::post(loop_, [&task] { task(); });
    return done.get();
  }
  /// The same, without waiting for it.
  template <class Act>
  void soon_on_server(Act act) {
    boost::asio::post(loop_, [this, act = std::move(act)] { act(server_); });
  }

  /// Stores messages, as a client of the broker's generation sends them. Their ids count from 1,
  /// their origin times from 1001.
  void send(protocol::partition_id where, const std::vector<std::string>& payloads);
  /// How many requests of this kind have come.
  std::uint64_t requests(broker::command);
  void vanish();
  void come_back();

 private:
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> open_;
  broker::server server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// What send() does, for those who are on the broker's thread already.
void store(broker::server&, protocol::partition_id where, const std::vector<std::string>& payloads);

}  // namespace vibes::test
