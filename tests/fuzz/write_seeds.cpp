#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/fuzz/target.hpp"

// write_seeds FOLDER: the first inputs of every target, one a file, in FOLDER/TARGET.

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_seeds FOLDER\n";
    return 64;
  }
  for (const vibes::test::fuzz_target& target : vibes::test::fuzz_targets()) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / target.name;
    std::filesystem::create_directories(folder);
    std::size_t number = 0;
    for (const vibes::test::frame_bytes& seed : target.seeds()) {
      std::ofstream file(folder / std::to_string(number++), std::ios::binary);
      file.write(reinterpret_cast<const char*>(seed.data()),
                 static_cast<std::streamsize>(seed.size()));
      if (!file) {
        std::cerr << "cannot write to " << folder << "\n";
        return 1;
      }
    }
  }
}
