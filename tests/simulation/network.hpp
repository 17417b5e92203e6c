#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "protocol/codec.hpp"
#include "tests/simulation/scheduler.hpp"

namespace vibes::simulation {

/// One end of a connection hears this, each in a step of its own.
class end_listener {
 public:
  virtual ~end_listener() = default;
  virtual void received(protocol::const_bytes) = 0;
  /// The peer has room for more bytes again.
  virtual void writable() {}
  /// Nothing more comes: the other side has closed, or the connection was reset.
  virtual void ended(bool reset) = 0;
};

/// How the network treats bytes at the moment.
struct network_rules {
  duration latency_min = 100us;
  duration latency_max = 2ms;
  std::size_t chunk_max = 64 << 10;  // delivered at once
  std::size_t buffer_bytes = 256 << 10;
};

/// A connection's bytes on their way, in both directions. In order and unchanged, in chunks of any
/// size, as late as the rules say; an end comes behind the bytes before it, a reset does not.
class connection : public std::enable_shared_from_this<connection> {
 public:
  enum class side : std::uint8_t { client, server };

  connection(scheduler&, const network_rules&, std::uint64_t serial);

  void attach(side at, end_listener* to) noexcept { ends_[index(at)].listener = to; }
  /// Takes as much as its buffers have room for.
  std::size_t write(side from, protocol::const_bytes);
  std::size_t room(side from) const noexcept;
  /// Written and not delivered yet.
  std::size_t undelivered(side from) const noexcept;
  /// No more bytes from this side; what it wrote still arrives.
  void finish(side from);
  /// This side is gone: what comes for it is lost, the other side hears of an end or a reset.
  void close(side from);

  // What goes wrong.
  void reset();
  void stall_until(time_point when) noexcept { stalled_until_ = when; }
  /// Bytes and ends go nowhere, and nobody hears of that.
  void go_dead() noexcept { dead_ = true; }

  std::uint64_t serial() const noexcept { return serial_; }
  bool is_open() const noexcept { return !closed_; }

 private:
  struct end {
    end_listener* listener = nullptr;
    std::vector<std::byte> out;  // from this end, not delivered
    std::size_t begin = 0;
    bool finished = false;
    bool told_end = false;  // the other end knows
    bool under_way = false;
    bool was_full = false;
  };
  static std::size_t index(side of) noexcept { return static_cast<std::size_t>(of); }
  static side other(side of) noexcept { return of == side::client ? side::server : side::client; }

  void start(side from);
  void deliver(side from);
  void tell_end(side to, bool reset);

  scheduler& scheduler_;
  const network_rules& rules_;
  std::uint64_t serial_;
  std::array<end, 2> ends_;
  time_point stalled_until_;
  bool dead_ = false;
  bool closed_ = false;
};

/// Who listens at a port.
class acceptor {
 public:
  virtual ~acceptor() = default;
  /// Null: refused.
  virtual end_listener* accepts(const std::shared_ptr<connection>&) = 0;
};

/// Addresses, and the connections to them.
class network {
 public:
  explicit network(scheduler& of) : scheduler_(of) {}

  network_rules rules;
  time_point unreachable_until;  // attempts to connect are met with silence

  void listen(const std::string& address, acceptor* at) { acceptors_[address] = at; }
  using connected = std::function<void(std::shared_ptr<connection>)>;
  /// `done` hears of the connection, or of none when it was refused; never when nobody answers.
  void connect(const std::string& address, end_listener* client, scheduler::owner of,
               connected done);
  std::uint64_t next_serial() const noexcept { return serials_ + 1; }
  /// Those that are open.
  std::vector<std::shared_ptr<connection>> connections();

 private:
  scheduler& scheduler_;
  std::map<std::string, acceptor*> acceptors_;
  std::vector<std::weak_ptr<connection>> connections_;
  std::uint64_t serials_ = 0;
};

}  // namespace vibes::simulation
