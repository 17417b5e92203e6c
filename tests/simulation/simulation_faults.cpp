#include <cerrno>

#include "tests/simulation/simulation.hpp"

// What goes wrong in a simulation, and how it is put right.

namespace vibes::simulation {

using call = test::fake_file_system::call;

void simulation::draw_faults() {
  const fault_rates& rates = options_.rates;
  const auto comes = [this](std::uint64_t rate) { return rate > 0 && on_.one_in(rate); };
  if (comes(rates.disk)) break_disk();
  if (comes(rates.network)) break_network();
  if (comes(rates.server)) break_server();
  if (comes(rates.operator_)) operator_acts();
  if (comes(rates.clock)) set_clock();
  if (comes(rates.ends)) end_process();
}

void simulation::break_disk() {
  const std::uint64_t what = on_.below(8);
  on_.say("disk trouble " + std::to_string(what));
  switch (what) {
    case 0: disk_.fail_call(call::write, on_.below(5), EIO); break;
    case 1: disk_.fail_call(call::sync, on_.below(5), EIO); break;
    case 2:  // What cannot be read counts as lost, and may be found again.
      disk_.fail_call(options_.may.unreadable_disk ? call::any : call::changing, on_.below(8), EIO);
      break;
    case 3: disk_.set_capacity(disk_.total_bytes() + on_.below(4'000)); break;
    case 4: disk_.set_capacity(~std::uint64_t{0}); break;
    case 5: disk_.set_write_max(on_.one_in(2) ? 0 : on_.between(1, 500)); break;
    case 6: disk_times_.hangs_until = on_.now() + on_.between(10ms, 3'000ms); break;
    default:
      if (options_.may.unreadable_disk) disk_.fail_call(call::read, on_.below(5), EIO);
      break;
  }
}

void simulation::break_network() {
  network& of = on_.one_in(8) ? producers_net_ : iggy_net_;
  const auto open = of.connections();
  const std::uint64_t what = on_.below(8);
  on_.say("network trouble " + std::to_string(what));
  switch (what) {
    case 0:
    case 1:
    case 2:
    case 3: {
      if (open.empty()) break;
      connection& some = *open[on_.below(open.size())];
      const std::uint64_t kind = on_.below(4);
      if (kind < 2) some.reset();
      if (kind == 2) some.stall_until(on_.now() + on_.between(10ms, 3'000ms));
      if (kind == 3 && &of == &iggy_net_) some.go_dead();
      break;
    }
    case 4: of.rules.latency_max = on_.between(1ms, 400ms); break;
    case 5: of.rules.latency_max = 2ms; break;
    case 6: of.rules.chunk_max = on_.one_in(2) ? 64 << 10 : on_.between(1, 2'000); break;
    default:
      if (&of == &iggy_net_) of.unreachable_until = on_.now() + on_.between(10ms, 2'000ms);
      break;
  }
}

void simulation::server_returns_later(std::size_t node) {
  on_.after(on_.between(5ms, 2'000ms), step_kind::server, alive_,
            [this, node] { server_.start(node); });
}

void simulation::break_server() {
  broker::misbehaviour& how = server_.behaviour();
  const std::size_t node = on_.below(server_.nodes());
  const std::uint64_t what = on_.below(10);
  on_.say("server trouble " + std::to_string(what) + " of node " + std::to_string(node));
  switch (what) {
    case 0:
      server_.stop(node);
      server_returns_later(node);
      break;
    case 1: how.cut_after_store(on_.between(1, 3)); break;
    case 2:
      how.set.stall = true;
      on_.after(on_.between(5ms, 2'000ms), step_kind::server, alive_,
                [this] { server_.behaviour().set.stall = false; });
      break;
    case 3:
      how.set.refuse = true;
      on_.after(on_.between(5ms, 2'000ms), step_kind::server, alive_,
                [this] { server_.behaviour().set.refuse = false; });
      break;
    case 4: server_.set_delay(on_.one_in(2) ? duration(1ms) : on_.between(1ms, 500ms)); break;
    case 5:
      how.set.garbage = true;
      on_.after(on_.between(1ms, 50ms), step_kind::server, alive_,
                [this] { server_.behaviour().set.garbage = false; });
      break;
    case 6:
      if (broker::topic* const of = server_.topic();
          of != nullptr && options_.may.partitions_change && of->partitions.size() < 12) {
        server_.state().vsr().commit_metadata();
        of->add_partitions(static_cast<std::uint32_t>(on_.between(1, 3)), clock_.now_us());
        says_.restart_may_repeat();
      }
      break;
    case 7: leaders_move(); break;
    case 8: server_forgets(); break;
    default: {
      // Of all commands: a status that something is wrong here and now.
      constexpr broker::command some[] = {broker::command::send_messages,
                                          broker::command::send_messages, broker::command::ping,
                                          broker::command::get_topic, broker::command::login_user};
      constexpr std::uint32_t codes[] = {1, 8, 40, 41, 57, 58, 87, 206, 2010};
      how.answer(codes[on_.below(std::size(codes))], some[on_.below(std::size(some))],
                 on_.between(1, 3));
      break;
    }
  }
}

void simulation::leaders_move() {
  if (server_.nodes() < 2) return;
  server_.state().vsr().lead(on_.below(server_.nodes()));
  broker::topic* const of = server_.topic();
  if (of == nullptr) return;
  std::uint32_t number = 0;
  for (const auto& each : of->partitions) {
    broker::vsr_partition& standing = server_.state().vsr_standing(*each, number++);
    if (!on_.one_in(2)) continue;
    standing.primary = static_cast<std::uint8_t>(on_.below(server_.nodes()));
    ++standing.view;
  }
}

void simulation::server_forgets() {
  if (!options_.may.server_forgets) return;
  const std::uint64_t what = on_.below(5);
  on_.say("the server forgets " + std::to_string(what));
  switch (what) {
    case 0: server_.state().vsr().forget_all(); break;
    case 1: server_.evict(static_cast<std::uint8_t>(on_.between(1, 13))); break;
    case 2:
      if (broker::topic* const of = server_.topic()) {
        for (const auto& each : of->partitions) each->vsr().producers.clear();
        says_.producers_forgotten();
      }
      break;
    case 3:
      server_.forget_messages();
      says_.producers_forgotten();
      break;
    default:
      server_.replace(options_.server);
      says_.producers_forgotten();
      break;
  }
}

void simulation::operator_acts() {
  if (!process_ || !process_->in_service()) return;
  store::outbox& box = process_->box();
  const std::uint64_t what = on_.below(5);
  on_.say("operator " + std::to_string(what));
  switch (what) {
    case 0: box.pause(); break;
    case 1:
    case 2: box.resume(); break;
    case 3: {
      if (!options_.may.drops) break;
      const store::sequence_number last = box.queue().last_number();
      box.drop_up_to(last - std::min(last, on_.below(50)), on_.below(5));
      break;
    }
    default: process_->peek({1 + on_.below(box.queue().last_number() + 1), {10, 4'096}}); break;
  }
}

void simulation::set_clock() {
  const duration jump = on_.between(0ms, 3'600'000ms);
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(jump).count();
  clock_.offset_us += on_.one_in(2) ? us : -us;
}

void simulation::end_process() {
  if (!process_) return;
  const bool in_order = process_->in_service() && on_.one_in(3);
  if (in_order) on_.say("a stop in order");
  if (in_order) return process_->begin_stop(options_.drain);
  const bool power_lost = options_.may.power_loss && on_.one_in(2);
  on_.say(power_lost ? "power is lost" : "the process is killed");
  if (power_lost && options_.has_journal &&
      options_.outbox.journal->journal.sync == journal::sync_policy::never) {
    says_.restart_may_repeat();
  }
  process_->kill(on_.below(8), power_lost);
  process_has_ended(power_lost);
}

void simulation::heal() {
  disk_.no_faults();
  disk_.set_capacity(~std::uint64_t{0});
  disk_.set_write_max(0);
  disk_times_ = {};
  for (network* each : {&producers_net_, &iggy_net_}) {
    each->rules.latency_max = 2ms;
    each->rules.chunk_max = 64 << 10;
    each->unreachable_until = {};
  }
  server_.behaviour().behave();
  server_.behaviour().set.refused_text = poison;
  server_.set_delay(1ms);
  for (std::size_t i = 0; i < server_.nodes(); ++i) server_.start(i);
  if (process_) process_->box().resume();
}

}  // namespace vibes::simulation
