#include <catch2/catch.hpp>
#include <sstream>

#include "config/exit_code.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

/// The first two cells of each row of a document's tables, as "| A | B |".
lines rows_of(const std::string& document) {
  std::istringstream from(text_of(VIBES_SOURCE_DIR "/docs/" + document));
  lines rows;
  for (std::string line; std::getline(from, line);) {
    if (!line.starts_with("| ")) continue;
    const std::size_t first = line.find(" | ");
    const std::size_t second = first == std::string::npos ? first : line.find(" | ", first + 3);
    if (second != std::string::npos) rows.push_back(line.substr(0, second) + " |");
  }
  return rows;
}

bool is_exit_code_row(const std::string& row) {
  return row.size() > 2 && row[2] >= '0' && row[2] <= '9';
}

bool is_key_row(const std::string& row) {
  return row.starts_with("| `") && row.find('.') < row.find("` |");
}

/// Texts without their quotes, lists without their brackets.
std::string plain(std::string value) {
  std::erase_if(value, [](char c) { return c == '"' || c == '[' || c == ']'; });
  return value;
}

TEST_CASE("The documentation has one row for each key, with its default", "[config]") {
  config::settings settings;
  lines expected;
  for (const config::key_binding& each : config::bind_keys(settings)) {
    expected.push_back("| `" + std::string(each.section) + "." + std::string(each.name) + "` | `" +
                       plain(each.current_text()) + "` |");
  }
  lines rows = rows_of("configuration.md");
  std::erase_if(rows, [](const std::string& row) { return !is_key_row(row); });
  CHECK(rows == expected);
}

TEST_CASE("The documentation has one row for each exit code", "[config]") {
  lines expected;
  for (const config::exit_code_description& each : config::exit_codes) {
    expected.push_back("| " + std::to_string(to_int(each.code)) + " | `" + std::string(each.name) +
                       "` |");
  }
  lines rows = rows_of("exit-codes.md");
  std::erase_if(rows, [](const std::string& row) { return !is_exit_code_row(row); });
  CHECK(rows == expected);
}

}  // namespace
}  // namespace vibes::test
