#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <fstream>

namespace vibes::test {
std::filesystem::path tree_top() {
  return VIBES_SOURCE_DIR;
}

source_file read_file(const std::string& path) {
  source_file file{path, {}};
  std::ifstream in(tree_top() / path);
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  return file;
}

std::vector<source_file> files_below(const std::vector<std::string>& folders,
                                     const std::vector<std::string>& endings) {
  std::vector<source_file> found;
  for (const std::string& folder : folders) {
    for (const auto& each : std::filesystem::recursive_directory_iterator(tree_top() / folder)) {
      const std::string ending = each.path().extension().string();
      if (each.is_regular_file() && std::ranges::count(endings, ending) > 0) {
        found.push_back(
            read_file(std::filesystem::relative(each.path(), tree_top()).generic_string()));
      }
    }
  }
  std::ranges::sort(found, {}, &source_file::path);
  return found;
}

std::vector<source_file> all_sources() {
  return files_below({"protocol", "config", "daemon", "tests"}, {".cpp", ".hpp"});
}

std::string room_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace vibes::test
