#pragma once

#include "tests/simulation/network.hpp"
#include "tests/simulation/oracle.hpp"

namespace vibes::simulation {

/// One producer after another in one place: connects, says what it wants to hear, writes lines at
/// its own pace, reads its answers or does not, and ends in one of the ways that producers do.
class producer final : public end_listener {
 public:
  static constexpr const char* socket = "socket";

  producer(scheduler&, network&, oracle&, const run_options&, unsigned number);

  void start() { connect_later(1ms); }
  /// Begins no new connection, writes no more, and half-closes.
  void finish();
  bool is_done() const { return state_ == state::idle && finishing_; }

  void received(protocol::const_bytes) override;
  void writable() override { flush(); }
  void ended(bool reset) override;

 private:
  enum class state : std::uint8_t { idle, connecting, writing, listening };

  void connect_later(duration);
  void connect();
  void begin(std::shared_ptr<connection>);
  void write_lines();
  void add_line();
  void flush();
  void half_close();
  void end(duration pause);
  void take_answer(std::string_view line);

  scheduler& scheduler_;
  network& network_;
  oracle& says_;
  const run_options& options_;
  unsigned number_;
  state state_ = state::idle;
  bool finishing_ = false;
  std::shared_ptr<connection> over_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::shared_ptr<int> visit_;
  std::string to_write_;
  std::string answers_;
  bool answered_ = false;  // a hello was said
  bool hello_refused_ = false;
  bool hangs_up_ = false;  // without a word, at the end
  bool listens_ = true;
  std::uint64_t lines_ = 0;  // counted ones
  std::uint64_t lines_left_ = 0;
  duration pace_{};
};

}  // namespace vibes::simulation
