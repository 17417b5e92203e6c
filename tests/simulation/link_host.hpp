#pragma once

#include <list>

#include "daemon/link/link_group.hpp"
#include "tests/simulation/network.hpp"

namespace vibes::simulation {

/// Performs what one link machine asks for, over the simulated network.
class link_line final : public end_listener {
 public:
  struct callbacks {
    std::function<void(link::link_event)> event;
    std::function<void()> pumped;
    std::function<void()> stopped;
  };

  link_line(scheduler&, network&, link::link_group::member&, callbacks);
  ~link_line() override;

  void wake();

  link::link_group::member& of;
  link::link_machine& machine;

  void received(protocol::const_bytes) override;
  void writable() override;
  void ended(bool reset) override;

 private:
  void pump();
  void perform();
  void start_connect();
  void write();
  void fail(boost::system::errc::errc_t);
  void close();
  void drop_connection();

  scheduler& scheduler_;
  network& network_;
  callbacks callbacks_;
  timer timer_;
  time_point timer_at_ = time_point::max();
  std::shared_ptr<connection> over_;
  std::shared_ptr<int> attempt_;  // what was begun for a connection dies with it
  bool connecting_ = false;
  bool connected_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool in_pump_ = false;
  bool stopped_ = false;
};

/// A line for each link of the real link group: what io/iggy/link_set does over sockets.
class link_host {
 public:
  struct callbacks {
    std::function<void(link::link_event)> event;
    std::function<void()> pumped;
    std::function<void()> stopped;
  };
  link_host(scheduler&, network&, link::link_settings, store::work_source&, callbacks);

  void start() { go_on(); }
  void wake();
  void stop(bool drain);
  const link::link_report& report() const { return group_.coordinator().machine.report(); }
  std::size_t node_links() const { return group_.node_links().size(); }

 private:
  link_line* find(const link::link_group::member&);
  link_line& add(link::link_group::member&);
  void go_on();
  void remove_ended();

  scheduler& scheduler_;
  network& network_;
  callbacks callbacks_;
  link::link_group group_;
  std::list<link_line> lines_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  bool going_on_ = false;
  bool stopped_told_ = false;
};

}  // namespace vibes::simulation
