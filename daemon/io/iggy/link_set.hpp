#pragma once

#include <list>

#include "daemon/io/iggy/link_driver.hpp"
#include "daemon/link/planned_links.hpp"

namespace vibes::io {

/// The coordinator link, and a node link to each further node that leads partitions of ours:
/// creates and ends the node links as the coordinator link learns who leads. Loop thread only;
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

  void start() { coordinator_->driver.start(); }
  /// The queue has something new.
  void wake();
  void stop(bool drain);

  const link::link_report& report() const noexcept { return coordinator_->machine.report(); }
  /// Of the node links.
  std::vector<link::link_report> node_link_reports() const;

 private:
  struct node_link {
    node_link(link_set&, link::link_settings);

    link::link_machine machine;
    link_driver driver;
    link::planned_link planned;
    bool leaving = false;  // told to stop; a wish like its own is for another one
    bool ended = false;
  };

  void after_pump(const node_link&);
  void reconcile();
  void wake_all_but(const node_link* awake);
  void end_if_all_ended();

  boost::asio::io_context& loop_;
  link::link_settings settings_;
  store::work_source& work_;
  std::function<std::uint64_t()> random_;
  callbacks callbacks_;
  link::link_shared shared_;
  std::unique_ptr<node_link> coordinator_;
  std::list<node_link> node_links_;
  bool reconciling_ = false;
  bool stopping_ = false;
  bool draining_ = false;
  bool told_ = false;
};

}  // namespace vibes::io
