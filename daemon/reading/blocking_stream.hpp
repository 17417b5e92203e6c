#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes::reading {

/// A TCP connection for tools that wait: every call ends by its deadline, with errc::timed_out. The
/// seam at which TLS joins. An interrupting signal ends a wait with errc::interrupted.
class blocking_stream {
 public:
  blocking_stream() = default;
  ~blocking_stream();
  blocking_stream(const blocking_stream&) = delete;
  blocking_stream& operator=(const blocking_stream&) = delete;

  /// Tries each address of the name.
  error_code connect(const std::string& host, const std::string& port, time_point deadline);
  error_code write_all(std::span<const std::byte>, time_point deadline);
  /// At least one byte; end of stream is errc::connection_reset.
  result<std::size_t> read_some(std::span<std::byte>, time_point deadline);
  void close() noexcept;
  /// Where the connection leads; empty and 0 when there is none.
  std::pair<std::string, std::uint16_t> peer() const;
  bool is_open() const noexcept { return descriptor_ >= 0; }

 private:
  error_code wait(short events, time_point deadline) const;

  int descriptor_ = -1;
};

}  // namespace vibes::reading
