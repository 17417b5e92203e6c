#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vibes::test {

struct source_file {
  std::string path;  // from the top of the tree, such as "daemon/store/entry.hpp"
  std::vector<std::string> lines;
};

/// One file, by its path from the top of the tree.
source_file read_file(const std::string& path);

/// The files below these folders of the tree whose names end so, in order of their paths.
std::vector<source_file> files_below(const std::vector<std::string>& folders,
                                     const std::vector<std::string>& endings);

/// Everything we compile.
std::vector<source_file> all_sources();

/// The folder a file lives in, such as "daemon/store".
std::string room_of(const std::string& path);

std::filesystem::path tree_top();

}  // namespace vibes::test
