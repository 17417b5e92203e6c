#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "daemon/base/connect_turns.hpp"
#include "daemon/base/name_lookup.hpp"
#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes::consumer {

/// A TCP connection for tools that wait: every call ends by its deadline, with errc::timed_out. The
/// seam at which TLS joins. An interrupting signal ends a wait with errc::interrupted.
class blocking_stream {
 public:
  blocking_stream() = default;
  ~blocking_stream();
  blocking_stream(const blocking_stream&) = delete;
  blocking_stream& operator=(const blocking_stream&) = delete;

  /// The addresses of the name share the time until the deadline (connect_turns).
  error_code connect(const std::string& host, const std::string& port, time_point deadline);
  /// The same for addresses that are known.
  error_code connect_to(const socket_addresses&, time_point deadline);
  error_code write_all(std::span<const std::byte>, time_point deadline);
  /// At least one byte; end of stream is errc::connection_reset.
  result<std::size_t> read_some(std::span<std::byte>, time_point deadline);
  void close() noexcept;
  /// Where the connection leads; empty and 0 when there is none.
  std::pair<std::string, std::uint16_t> peer() const;
  bool is_open() const noexcept { return descriptor_ >= 0; }

 private:
  error_code connect_once(const socket_address&, time_point deadline);
  error_code wait(short events, time_point deadline) const;

  name_lookup names_;
  connect_turns turns_;
  int descriptor_ = -1;
};

}  // namespace vibes::consumer
