#pragma once

#include "config/settings.hpp"
#include "daemon/ingest/producer_dialogue.hpp"
#include "daemon/io/iggy/transport.hpp"
#include "daemon/link/link_machine.hpp"
#include "daemon/store/outbox.hpp"

/// Settings to each room's own small struct, so that no room knows the configuration.
namespace vibes::app {

/// `unix_us`: the wall clock, where numbers of events begin when a journal is not there at first.
store::outbox_limits outbox_limits_of(const config::settings&, std::uint64_t unix_us = 1);
journal::journal_limits journal_limits_of(const config::settings&);
link::link_settings link_settings_of(const config::settings&);
protocol::handshake_plan handshake_plan_of(const config::settings&);
ingest::dialogue_limits dialogue_limits_of(const config::settings&);

}  // namespace vibes::app
