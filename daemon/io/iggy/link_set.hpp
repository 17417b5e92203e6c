#pragma once

#include <list>

#include "daemon/io/iggy/link_driver.hpp"
#include "daemon/link/link_group.hpp"

namespace vibes::io {

/// A driver for each link of a link group, which decides what links there are. Loop thread only;
/// destroy it after stopped().
class link_set {
 public:
  struct callbacks {
    std::function<void(const link::link_report&, link::link_event)> event;
    std::function<void()> pumped;   // a link has done what there was to do
    std::function<void()> stopped;  // all links have ended
  };

  link_set(boost::asio::io_context&, link::link_settings, store::work_source&,
           std::function<std::uint64_t()> random, callbacks);

  void start() { go_on(); }
  /// The queue has something new.
  void wake();
  void stop(bool drain);

  const link::link_report& report() const noexcept { return group_.coordinator().machine.report(); }
  /// Of the node links.
  std::vector<link::link_report> node_link_reports() const;

 private:
  using member = link::link_group::member;

  struct driven {
    driven(link_set&, member&);

    member& link;
    link_driver driver;
  };

  driven* find(const member&);
  void on_pumped(member&);
  void on_stopped(member&);
  void go_on();
  void remove_ended();

  boost::asio::io_context& loop_;
  callbacks callbacks_;
  link::link_group group_;
  std::list<driven> drivers_;
  bool going_on_ = false;
  bool stopped_told_ = false;
};

}  // namespace vibes::io
