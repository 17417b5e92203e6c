#include "daemon/cli/command_input.hpp"

#include <fstream>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/cli/descriptor_support.hpp"

namespace vibes::test {
namespace {

using boost::system::errc::errc_t;
using cli::cannot_read;
using cli::command_input;
using config::exit_code;

TEST_CASE("An input is read to its end in pieces", "[command_input]") {
  const temp_dir dir;
  const std::string text(200'000, 'x');
  std::ofstream(dir.file("in")) << text;
  auto input = command_input::open(dir.file("in"));
  REQUIRE(input.has_value());
  std::string got;
  while (true) {
    const auto piece = input->read();
    REQUIRE(piece);
    if (piece->empty()) break;
    CHECK(piece->size() <= command_input::piece_bytes_max);
    got += *piece;
  }
  CHECK(got == text);
}

TEST_CASE("A folder is an error of reading and not an empty input", "[command_input]") {
  const temp_dir dir;
  auto input = command_input::open(dir.path());
  REQUIRE(input.has_value());
  const auto got = input->read_all(1'000);
  REQUIRE_FALSE(got);
  const auto why = cannot_read("the folder", got.error());
  CHECK(why.code == exit_code::input_output);
  CHECK(why.complaint == "cannot read the folder: Is a directory");
}

TEST_CASE("A file that is not there is a wrong command line", "[command_input]") {
  const temp_dir dir;
  const auto missing = command_input::open(dir.file("none"));
  REQUIRE(missing.has_error());
  CHECK(cannot_read("it", missing.error()).code == exit_code::usage);
  std::ofstream(dir.file("file")) << "no folder";
  const auto below = command_input::open(dir.file("file/none"));
  REQUIRE(below.has_error());
  CHECK(cannot_read("it", below.error()).code == exit_code::usage);
  CHECK(cannot_read("it", make_error_code(errc_t::permission_denied)).code ==
        exit_code::input_output);
  CHECK(cannot_read("-", make_error_code(errc_t::io_error)).complaint ==
        "cannot read standard input: Input/output error");
}

TEST_CASE("More than the limit is not held", "[command_input]") {
  const temp_dir dir;
  std::ofstream(dir.file("in")) << std::string(100'000, 'x');
  CHECK(command_input::open(dir.file("in"))->read_all(100'000)->size() == 100'000);
  const auto got = command_input::open(dir.file("in"))->read_all(99'999);
  REQUIRE_FALSE(got);
  CHECK(got.error() == errc_t::file_too_large);
}

}  // namespace
}  // namespace vibes::test
