#pragma once

#include <sys/types.h>

#include <boost/json/object.hpp>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace vibes::test {

/// The daemon as a process with a directory of its own. It is killed at the end unless it has been
/// stopped.
class daemon_process {
 public:
  /// `settings` are further lines of its file, sections and all, beside [socket], [admin] and
  /// [log]. Returns when it answers on its admin socket; throws with its log when that takes too
  /// long.
  explicit daemon_process(const std::string& settings);
  ~daemon_process();

  std::string socket() const { return directory_.file("events.sock"); }
  std::string log() const { return text_of(directory_.file("log")); }
  boost::json::object status() const;
  /// Asks it to stop and waits; its exit code, or 128 and the signal that ended it.
  int stop();

 private:
  void wait_until_it_answers();
  void end_at_once();

  temp_dir directory_;
  pid_t pid_ = -1;
};

}  // namespace vibes::test
