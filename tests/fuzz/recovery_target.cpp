#include "tests/fuzz/target.hpp"
#include "tests/unit/journal/damage_support.hpp"
#include "tests/unit/journal/recover_bytes.hpp"

// An input is a journal's directory as it is found at a start: see recover_bytes.hpp.

namespace vibes::test {

void run_recovery(const const_bytes input) {
  try {
    recover_bytes(input);
  } catch (const std::runtime_error& what) {
    throw finding(what.what());
  }
}

/// Directories that the journal itself has written, whole and cut.
std::vector<frame_bytes> recovery_seeds() {
  std::vector<frame_bytes> seeds;
  for (const std::uint64_t last : {5U, 20U, 45U}) {
    const directory_contents files = sample_directory(last);
    std::vector<frame_bytes> segments;
    for (const std::string& name : segments_of(files)) segments.push_back(files.at(name));
    for (const directory_form form : {directory_form::as_it_is, directory_form::sealed}) {
      seeds.push_back(directory_input(form, segments));
      for (const frame_bytes& each : segments) seeds.push_back(directory_input(form, {each}));
      segments.back().resize(segments.back().size() / 2);
      seeds.push_back(directory_input(form, segments));
    }
  }
  return seeds;
}

}  // namespace vibes::test
