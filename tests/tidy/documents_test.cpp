#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "tests/tidy/source_tree.hpp"

// Pages that point somewhere point at something.

namespace vibes::test {
namespace {

std::vector<source_file> pages() {
  std::vector<source_file> found =
      files_below({"docs", "protocol", "daemon", "tests", "systemd"}, {".md"});
  found.push_back(read_file("README.md"));
  return found;
}

TEST_CASE("Every link of a page leads to a file", "[tidy]") {
  const std::regex link("\\]\\(([^)#]+)(#[^)]*)?\\)");
  std::size_t checked = 0;
  for (const source_file& page : pages()) {
    const auto folder = (tree_top() / page.path).parent_path();
    for (const std::string& line : page.lines) {
      for (std::sregex_iterator at(line.begin(), line.end(), link), end; at != end; ++at) {
        const std::string target = (*at)[1];
        if (target.starts_with("http")) continue;
        CAPTURE(page.path, target);
        CHECK(std::filesystem::exists(folder / target));
        ++checked;
      }
    }
  }
  CHECK(checked > 10);
}

TEST_CASE("Comments cite sections that docs/wire.md has", "[tidy]") {
  std::set<std::string> sections;
  for (const source_file& page : files_below({"docs"}, {".md"})) {
    if (page.path != "docs/wire.md") continue;
    for (const std::string& line : page.lines) {
      if (line.starts_with("## ")) sections.insert(line.substr(3));
    }
  }
  const std::regex cited("docs/wire\\.md, \"([^\"]+)\"");
  std::size_t checked = 0;
  for (const source_file& file : all_sources()) {
    // Citations run over line ends: join the comment's lines first.
    std::string text;
    for (const std::string& line : file.lines) {
      const std::size_t begin = line.find_first_not_of(" /");
      text += (begin == std::string::npos ? "" : line.substr(begin)) + " ";
    }
    for (std::sregex_iterator at(text.begin(), text.end(), cited), end; at != end; ++at) {
      CAPTURE(file.path);
      CHECK(sections.contains((*at)[1]));
      ++checked;
    }
  }
  CHECK(checked > 10);
}

TEST_CASE("Pages keep their lines short enough to read in a terminal", "[tidy]") {
  for (const source_file& page : pages()) {
    for (const std::string& line : page.lines) {
      if (line.starts_with("|")) continue;
      CAPTURE(page.path, line);
      CHECK(line.size() <= 112);
    }
  }
}

}  // namespace
}  // namespace vibes::test
