#include "daemon/io/process/log_text.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using io::format_log_line;
using io::log_form;

constexpr std::time_t when = 1'700'000'000;

TEST_CASE("A line of the log is what its form says", "[log_text]") {
  CHECK(format_log_line(log_form::journal, log_level::warning, "a \"b\"", when) == "<4>a \"b\"");
  CHECK(format_log_line(log_form::text, log_level::critical, "a \"b\"", when) ==
        "2023-11-14T22:13:20Z critical: a \"b\"");
  CHECK(format_log_line(log_form::automatic, log_level::debug, "m", when) ==
        "2023-11-14T22:13:20Z debug: m");
  CHECK(format_log_line(log_form::json, log_level::notice, "a \"b\"", when) ==
        R"({"time":"2023-11-14T22:13:20Z","level":"notice","message":"a \"b\""})");
}

}  // namespace
}  // namespace vibes::test
