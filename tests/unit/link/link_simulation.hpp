#pragma once

#include "tests/unit/link/audited_work.hpp"
#include "tests/unit/link/iggy_bytes.hpp"
#include "tests/unit/link/link_transcript.hpp"

namespace vibes::test {

using namespace std::chrono_literals;
using link::link_event;
using link::link_state;
using link::link_task;

link::link_settings link_defaults();

/// The link machine with an outbox on one side and the test in the place of transport, clock and
/// server on the other. A test reads like a transcript: what the link wrote, what it is answered.
/// Every function throws broken_promise when the link keeps asking to be woken without doing
/// anything: the driver would spin.
class link_simulation {
 public:
  explicit link_simulation(link::link_settings = link_defaults(),
                           store::outbox_limits = eager_outbox());

  /// Queues an event and wakes the link. Its line and id are the same number, from 1.
  std::uint64_t offer(protocol::session_hash session, std::size_t padding = 0);

  // What the transport did.
  /// The ping before a login is answered, and not seen by the test.
  void connects();
  void connects_unanswered();
  /// The version probe on a throw-away connection, closed as servers of 0.4 to 0.7 do.
  void is_probed_as_classic();
  void fails(boost::system::errc::errc_t = boost::system::errc::connection_reset);
  void closes();  // the driver has done what `close` asks for
  /// Bytes of the server arrive, in one read.
  void answer(std::string_view bytes);
  /// They arrive one by one.
  void answer_bytewise(std::string_view bytes);

  // What the link wrote.
  std::optional<seen_request> next();
  seen_request expect(std::uint32_t code);
  seen_send expect_send();
  bool silent();  // nothing written that was not looked at

  /// Lets time pass, waking the link whenever it asks for it and in between not at all.
  void pass(duration);
  /// Until the link wants something else than sleep.
  void sleep_through();
  void stop(bool drain);

  /// Connects, logs in and learns of a topic with so many partitions.
  void become_ready(std::uint32_t partitions_count = 2);
  /// The connection is lost, closed and made anew.
  void reconnect(std::uint32_t partitions_count = 2);

  link_state state() const { return link.report().state; }

  time_point now = start_of_time;
  std::uint64_t random = 0;  // what the link's random numbers are
  report_oracle reports;
  store::outbox box;
  audited_work work{box};
  link::link_shared shared{0};
  link::link_machine link;

 private:
  void rest();
  void read_output();

  request_reader written_;
  std::uint64_t lines_ = 0;
};

/// The lines that the messages of a send carry, as offer numbered them.
std::vector<std::uint64_t> lines(const seen_send&);

}  // namespace vibes::test
