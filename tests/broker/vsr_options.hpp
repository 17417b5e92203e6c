#pragma once

#include "tests/broker/vsr.hpp"

namespace vibes::broker {

/// What a topic's options come to: the settings, and the two blocks of its record.
struct topic_options {
  topic_settings settings;
  bytes given;    // what the client said and the server keeps
  bytes derived;  // what the server filled in
};

/// Reads the options of a create_topic, which are the rest of its body: 4041, 4042 or ok.
status take_topic_options(bytes_view block, const vsr_traits&, topic_options& into);

}  // namespace vibes::broker
