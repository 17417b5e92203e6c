#pragma once

#include <list>

#include "daemon/link/link_group.hpp"
#include "tests/unit/link/audited_work.hpp"
#include "tests/unit/link/link_transcript.hpp"
#include "tests/unit/link/vsr_bytes.hpp"

namespace vibes::test {

using namespace std::chrono_literals;
using link::link_event;
using link::link_state;
using link::link_task;
using protocol::generation;

/// Nothing but what a test asks for happens by the passing of time: pings and refreshes are far.
link::link_settings vsr_settings(std::size_t in_flight_max = 8);

class vsr_simulation;

/// One link machine, with the test in the place of its transport and server. Calls read like a
/// transcript. After each of them every link of the simulation is woken, as the daemon does.
class vsr_line {
 public:
  vsr_line(vsr_simulation&, link::link_machine&);

  // What the transport did.
  void connects(std::uint8_t node = 1);
  void fails(boost::system::errc::errc_t = boost::system::errc::connection_reset);
  void closes();
  void answer(std::string_view bytes);

  // What the link wrote, and what it is answered.
  vsr_request expect(std::uint32_t code);
  std::optional<vsr_request> next();
  vsr_send expect_send();
  bool silent();
  /// The next request has this code and is answered with that.
  vsr_request gets(std::uint32_t code, std::string_view payload = {}, std::uint32_t status = 0);
  void accept(const vsr_send&);
  void answer_send(const vsr_send& to, std::uint32_t status, std::string_view payload = {});

  link_state state() const { return link.report().state; }
  std::string unread();

  link::link_machine& link;

 private:
  void read_output();

  vsr_simulation& simulation_;
  vsr_reader written_;
};

/// An outbox, the links that send for it, and a clock. Every function throws broken_promise when a
/// link keeps asking to be woken without doing anything, or breaks what audited_work checks.
class vsr_simulation {
 public:
  explicit vsr_simulation(generation, link::link_settings = vsr_settings(),
                          store::outbox_limits = eager_outbox());

  /// Queues an event and wakes the links. Its line and id are the same number, from 1.
  std::uint64_t offer(protocol::session_hash session, std::uint64_t origin_time_us = 0);
  void pass(duration);
  /// Until something ends by the passing of time: a pause, or a deadline.
  void wait();

  /// Connects the coordinator link to a server alone, through probe and login, or bind where a
  /// session goes on.
  void become_ready(std::uint32_t partitions_count = 2);
  /// The connection is lost, closed and made anew.
  void reconnect(std::uint32_t partitions_count = 2);
  /// The coordinator link, connected to `at`, learns that node `leaders[n]` leads partition n; the
  /// first of `nodes` leads the topology.
  void join_cluster(const std::vector<std::uint8_t>& nodes,
                    const std::vector<std::uint8_t>& leaders);
  /// The rest of it behind the connection: probe, connection, login or bind.
  void log_in(std::uint8_t node = 1);
  void is_probed(std::uint8_t node = 1);
  /// The coordinator link asks for the topology of such a cluster again.
  void learns(const std::vector<std::uint8_t>& nodes, const std::vector<std::uint8_t>& leaders);
  /// A link to the node that the coordinator link wishes for, bound and ready.
  vsr_line& node_link(std::uint8_t node);

  void wake();

  generation gen;
  time_point now = start_of_time;
  std::uint64_t draws = 0;           // of random numbers, which are spread and always the same
  std::uint64_t session_id = 900;    // of the next login
  std::uint64_t incarnations = 100;  // that of partition 0 in what the topology says next
  report_oracle reports;
  store::outbox box;
  audited_work work{box};
  link::link_settings settings;
  link::link_group group;  // its coordinator link is ours; node links are as a test asks for
  link::link_shared& shared{group.shared()};
  vsr_line coordinator;
  std::list<vsr_line> node_links;

 private:
  friend class vsr_line;
  std::uint64_t lines_ = 0;
};

/// The lines that the messages of a send carry.
std::vector<std::uint64_t> lines(const vsr_send&);

}  // namespace vibes::test
