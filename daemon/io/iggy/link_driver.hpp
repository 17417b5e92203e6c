#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "daemon/io/iggy/transport.hpp"
#include "daemon/link/link_machine.hpp"

namespace vibes::io {

/// Performs what the link machine asks for, and nothing else: one connect, read, write or wait at a
/// time of each kind. Loop thread only; must outlive its operations: destroy it after stopped().
class link_driver {
 public:
  struct callbacks {
    std::function<void(link::link_event)> event;  // something worth a log line
    std::function<void()> pumped;                 // the machine has done what there was to do
    std::function<void()> stopped;                // the machine has ended
  };

  link_driver(boost::asio::io_context&, link::link_machine&, std::unique_ptr<transport>, callbacks);

  void start() { pump(); }
  /// The queue has something new, or the machine was told to stop.
  void wake();

 private:
  void pump();
  void perform();
  void start_connect();
  void start_read();
  void start_write();
  void close_when_quiet();
  void arm_timer();
  bool quiet() const noexcept { return !connecting_ && !reading_ && !writing_; }

  link::link_machine& machine_;
  std::unique_ptr<transport> transport_;
  callbacks callbacks_;
  boost::asio::steady_timer timer_;
  time_point timer_at_ = time_point::max();
  std::array<std::byte, 65'536> read_buffer_;
  bool connecting_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool stopped_ = false;
  bool in_pump_ = false;
};

}  // namespace vibes::io
