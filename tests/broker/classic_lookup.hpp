#pragma once

#include "tests/broker/classic.hpp"

namespace vibes::broker {

// 0.4 and 0.5 tell with the number of a refusal whether a thing was asked for by its name.
status stream_missing(const classic_traits&, const identifier& wanted);
status topic_missing(const classic_traits&, const identifier& wanted);
status group_missing(const classic_traits&, const identifier& wanted);

struct topic_found {
  status why = status::ok;  // why there is none
  topic* at = nullptr;
};
topic_found find_topic(const classic_request&, const identifier& stream_name,
                       const identifier& topic_name);

/// How a `get_` of one thing ends when nothing is to be told: for want of a login, 0.4 and 0.5
/// answer as if it were not there.
verdict refuse_unknown_reader(const classic_request&);
/// How a `get_` of several things ends when what should hold them is missing: 0.4 and 0.5 say so,
/// later ones answer that there are none.
verdict nothing_to_list(const classic_request&, status missing);

}  // namespace vibes::broker
