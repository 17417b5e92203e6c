#pragma once

#include <deque>
#include <functional>
#include <list>

#include "daemon/link/link_machine.hpp"
#include "daemon/link/planned_links.hpp"

namespace vibes::link {

/// The coordinator link, and a node link to each further node that leads partitions of ours: which
/// node links live, when they end, and which link has to look again because of what another one has
/// learnt or finished. No I/O, no clock.
///
/// The driver calls went_on() each time that a link has done what there was to do, then wakes each
/// link that next() gives until there is none; one that is given for the first time begins. Calls
/// of went_on() inside of that are part of it. Loop thread only.
class link_group {
 public:
  enum class member_state : std::uint8_t {
    planned,  // next() has not given it yet
    running,
    leaving,  // told to stop at once; a plan like its own is for another link
    ended,    // its driver has said so: it can be removed
  };

  struct member {
    member(link_settings, store::work_source&, link_shared&,
           const std::function<std::uint64_t()>& random, time_point now);

    link_machine machine;
    planned_link plan;  // of a node link
    member_state state = member_state::planned;
    bool wakes = false;  // it is in the queue of those to be woken
  };

  /// The links look at what they share again this often at the most, for one thing that happened.
  /// Otherwise two links that undo each other's change would keep the loop from everything else.
  static constexpr std::size_t changes_max = 8;

  link_group(link_settings, store::work_source&, std::function<std::uint64_t()> random,
             time_point now);

  member& coordinator() noexcept { return coordinator_; }
  const member& coordinator() const noexcept { return coordinator_; }
  const std::list<member>& node_links() const noexcept { return node_links_; }
  link_shared& shared() noexcept { return shared_; }

  /// All links: with `drain` each sends what is queued first.
  void stop(bool drain, time_point now);

  void went_on(member&, time_point now);
  /// Nothing when all have seen what there is to see.
  member* next();

  /// The driver of this link has ended.
  void ended(member&) noexcept;
  /// Forgets the node links that have ended: their drivers must be gone.
  void remove_ended();
  bool has_ended() const noexcept;

 private:
  static void enter(member&, member_state) noexcept;
  void plan(time_point now);
  void add(planned_link&&, time_point now);
  void wake(member&);
  void wake_all_but(const member&);

  link_settings settings_;
  store::work_source& work_;
  std::function<std::uint64_t()> random_;
  link_shared shared_;
  member coordinator_;
  std::list<member> node_links_;
  std::deque<member*> to_wake_;  // each once
  link_gates gates_;             // as all links have seen them, or are about to
  std::size_t changes_ = 0;
  bool going_on_ = false;  // next() has given a link, and not yet said that there is none
  bool draining_ = false;
};

/// Whether a member may come from one state right into another.
bool may_follow(link_group::member_state from, link_group::member_state to) noexcept;

}  // namespace vibes::link
