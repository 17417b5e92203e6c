#include "daemon/ingest/errc.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <string>

namespace vibes::test {
namespace {

using ingest::ingest_errc;

// Names are the socket's protocol, numbers are in logs of old: neither may change.
constexpr struct {
  ingest_errc code;
  int number;
  std::string_view name;
} codes[] = {
    {ingest_errc::invalid_json, 1, "invalid_json"},
    {ingest_errc::invalid_utf8, 2, "invalid_utf8"},
    {ingest_errc::number_out_of_range, 3, "number_out_of_range"},
    {ingest_errc::nesting_too_deep, 4, "nesting_too_deep"},
    {ingest_errc::trailing_bytes, 5, "trailing_bytes"},
    {ingest_errc::not_an_object, 6, "not_an_object"},
    {ingest_errc::duplicate_key, 7, "duplicate_key"},
    {ingest_errc::missing_type, 8, "missing_type"},
    {ingest_errc::session_id_type, 9, "session_id_type"},
    {ingest_errc::session_id_too_long, 10, "session_id_too_long"},
    {ingest_errc::unknown_type, 11, "unknown_type"},
    {ingest_errc::missing_session_id, 12, "missing_session_id"},
    {ingest_errc::line_too_long, 13, "line_too_long"},
    {ingest_errc::partial_lines_full, 14, "partial_lines_full"},
    {ingest_errc::late_hello, 15, "late_hello"},
    {ingest_errc::bad_hello, 16, "bad_hello"},
    {ingest_errc::durable_unavailable, 17, "durable_unavailable"},
    {ingest_errc::dropped_by_overflow, 18, "dropped_by_overflow"},
    {ingest_errc::refused_by_iggy, 19, "refused_by_iggy"},
    {ingest_errc::stopping, 20, "stopping"},
    {ingest_errc::dropped_by_operator, 21, "dropped_by_operator"},
    {ingest_errc::lost_on_disk, 22, "lost_on_disk"},
    {ingest_errc::out_of_memory, 23, "out_of_memory"},
};

TEST_CASE("Each code has its number and its name", "[errc]") {
  std::set<int> numbers;
  std::set<std::string_view> names;
  for (const auto& each : codes) {
    CAPTURE(each.name);
    CHECK(static_cast<int>(each.code) == each.number);
    CHECK(ingest::code_name(each.code) == each.name);
    numbers.insert(each.number);
    names.insert(each.name);
  }
  CHECK(numbers.size() == std::size(codes));
  CHECK(names.size() == std::size(codes));
  CHECK(ingest::ingest_errc_last == static_cast<int>(std::size(codes)));
}

TEST_CASE("Each code has advice of its own, on one line", "[errc]") {
  std::set<std::string_view> advice;
  for (const auto& each : codes) {
    CAPTURE(each.name);
    const std::string_view text = ingest::advice(each.code);
    CHECK(text.size() > 20);
    CHECK(text.find('\n') == text.npos);
    CHECK(advice.insert(text).second);
  }
}

TEST_CASE("A code is an error of its category, with its advice as the message", "[errc]") {
  for (const auto& each : codes) {
    CAPTURE(each.name);
    const error_code error = each.code;
    CHECK(error.failed());
    CHECK(error.value() == each.number);
    CHECK(error.category() == ingest::ingest_category());
    CHECK(error.message() == ingest::advice(each.code));
    CHECK(error == make_error_code(each.code));
  }
  CHECK(std::string(ingest::ingest_category().name()) == "ingest");
}

TEST_CASE("A number that is no code has a message that says so", "[errc]") {
  for (const int number : {-1, 0, ingest::ingest_errc_last + 1, 1'000'000}) {
    CAPTURE(number);
    CHECK(ingest::ingest_category().message(number) ==
          "unknown ingest error " + std::to_string(number));
  }
}

TEST_CASE("The protocol's page explains each code and no other", "[errc][docs]") {
  std::ifstream page(VIBES_SOURCE_DIR "/docs/socket-protocol.md");
  std::set<std::string> documented;
  bool in_codes = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) in_codes = line == "## Codes";
    if (in_codes && line.starts_with("| `")) {
      documented.insert(line.substr(3, line.find('`', 3) - 3));
    }
  }
  std::set<std::string> expected;
  for (const auto& each : codes) expected.emplace(each.name);
  CHECK(documented == expected);
}

}  // namespace
}  // namespace vibes::test
