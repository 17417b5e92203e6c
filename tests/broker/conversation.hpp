#pragma once

#include "tests/broker/dialect.hpp"
#include "tests/broker/misbehaviour.hpp"

namespace vibes::broker {

/// One connection without its socket: bytes received in, bytes to send out. What a client has
/// pipelined is served in order, and the replies stand one behind the other.
class conversation {
 public:
  /// No further request is taken up while this much is waiting to be sent.
  static constexpr std::size_t replies_bytes_max = std::size_t{4} * 1024 * 1024;

  conversation(broker& with, misbehaviour& how, std::string address, std::size_t node = 0);
  /// Leaves the consumer groups; the broker has to live until then.
  ~conversation();
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  struct progress {
    std::size_t consumed = 0;  // these bytes at the front are done with
    std::size_t wanted = 0;    // more is done when this many are there; 0: send the replies first
    bool hang_up = false;      // close when the replies are sent
  };
  progress receive(bytes_view received, std::uint64_t now_us, bytes& replies);

  /// To be said when what `receive` wrote has gone out.
  void replies_sent();

  /// The unsolicited status 8 that a server which shuts down may push.
  void announce_end(bytes& replies) const;

  const session& standing() const { return session_; }

 private:
  enum class next : std::uint8_t { go_on, hang_up };
  next serve(const frame& request, std::uint64_t now_us, bytes& replies, std::size_t& read);

  broker& with_;
  misbehaviour& how_;
  session session_;
  // A request was swallowed: a later answer would be taken for the answer to that one.
  bool silent_ = false;
};

}  // namespace vibes::broker
