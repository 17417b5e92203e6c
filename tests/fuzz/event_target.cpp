#include "tests/fuzz/target.hpp"
#include "tests/unit/ingest/odd_inputs.hpp"
#include "tests/unit/ingest/random_json.hpp"
#include "tests/unit/ingest/scanner_support.hpp"
#include "tests/unit/ingest/tree_verdict.hpp"
#include "tests/unit/protocol/reply_support.hpp"

// An input is one line.

namespace vibes::test {
namespace {

using ingest::event_scanner;
using ingest::schema_mode;

/// What the strict scanner adds: it refuses some of what the lenient one takes, and nothing else.
void check_strict(std::string_view line, const std::string& lenient) {
  event_scanner strict(schema_mode::strict);
  const std::string verdict = verdict_of(strict, line);
  promise(verdict == lenient || verdict == "unknown_type" || verdict == "missing_session_id",
          "strict only refuses more");
}

}  // namespace

void run_events(const_bytes input) {
  const std::string_view line(reinterpret_cast<const char*>(input.data()), input.size());
  event_scanner scanner(schema_mode::lenient);
  const std::string fresh = verdict_of(scanner, line);
  promise(fresh == expected_verdict(line, fresh), "the scanner agrees with a tree");
  promise(verdict_of(scanner, line) == fresh, "a scanner keeps nothing of the line before");
  check_strict(line, fresh);
}

std::vector<frame_bytes> event_seeds() {
  std::vector<frame_bytes> seeds;
  for (const odd_input& each : odd_events()) {
    if (each.bytes.size() <= 1000) seeds.push_back(text_bytes(each.bytes));
  }
  constexpr std::uint64_t same_every_time = 1;
  random_json lines(same_every_time);
  for (int i = 0; i < 100; ++i) seeds.push_back(text_bytes(lines.line()));
  return seeds;
}

}  // namespace vibes::test
