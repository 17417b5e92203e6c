#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <type_traits>

#include "tests/broker/server.hpp"
#include "tests/faults/proxy.hpp"
#include "tests/network/delivery_oracle.hpp"

namespace vibes::test {

/// The broker with the fault proxy before it, in a thread of their own.
class broker_fixture {
 public:
  explicit broker_fixture(const broker::broker_options&);
  ~broker_fixture();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void begin(const faults::fault& now) {
    on_loop([&] { proxy_.begin(now); });
  }
  void heal() { begin({}); }
  /// Everything in the topic, from the first offset on.
  std::vector<stored_event> read_back(std::string_view stream, std::string_view topic);

 private:
  template <class Work>
  std::invoke_result_t<Work> on_loop(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
    auto done = task.get_future();
    boost::asio::post(loop_, [&task] { task(); });
    return done.get();
  }

  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_{
      loop_.get_executor()};
  broker::server server_;
  std::uint16_t listening_;
  faults::proxy proxy_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace vibes::test
