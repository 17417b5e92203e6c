#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/broker/command.hpp"
#include "tests/broker/wire.hpp"

namespace vibes::broker {

/// What is to happen to a request instead of a proper answer.
enum class fate : std::uint8_t { serve, swallow, answer_status, answer_garbage };

/// How the broker misbehaves, as told by a test. Every knob stays as it is until it is set again
/// or used up; `behave` puts all of them back. It has no I/O: the driver and the conversation ask.
class misbehaviour {
 public:
  struct knobs {
    bool refuse = false;   // accept and close at once
    bool stall = false;    // read, never answer
    bool garbage = false;  // answer what is not the protocol
    std::uint32_t delay_ms = 0;
    std::string refused_text{};  // sends with this in them are answered with refused_code
    std::uint32_t refused_code = 4022;
  };
  struct plan {
    fate what = fate::serve;
    std::uint32_t code = 0;  // for answer_status
  };

  knobs set;

  void behave() { *this = misbehaviour(); }

  /// The connection that takes the count to its end is closed there; others are not touched.
  void cut_after_sent(std::uint64_t count) { sent_left_ = count; }
  void cut_after_received(std::uint64_t count) { received_left_ = count; }
  /// The n-th next send is stored, its reply is not written, and the connection is closed.
  void cut_after_store(std::uint64_t sends) { sends_left_ = sends; }
  /// The next `count` requests of this kind are answered so, and nothing is done or stored.
  void answer(std::uint32_t code, command of, std::uint64_t count);

  plan for_request(command asked, bytes_view body = {});
  /// To be asked after a send was stored: true when its reply must not go out.
  bool cuts_this_store();

  /// This many bytes may still pass; after them the connection is cut when it says so.
  struct allowance {
    std::size_t count;
    bool cut;
  };
  allowance may_send(std::size_t count) { return pass(sent_left_, count); }
  allowance may_receive(std::size_t count) { return pass(received_left_, count); }

 private:
  struct scripted {
    command of;
    std::uint32_t code;
    std::uint64_t left;
  };

  static allowance pass(std::optional<std::uint64_t>& left, std::size_t count);

  std::vector<scripted> answers_;
  std::optional<std::uint64_t> sent_left_;
  std::optional<std::uint64_t> received_left_;
  std::uint64_t sends_left_ = 0;
};

}  // namespace vibes::broker
