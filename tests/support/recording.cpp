#include "tests/support/recording.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <stdexcept>

namespace vibes::test {

frame_bytes from_hex(const std::string& text) {
  frame_bytes bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(text.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

std::string to_hex(const frame_bytes& bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte each : bytes) {
    text += digits[std::to_integer<unsigned>(each) >> 4];
    text += digits[std::to_integer<unsigned>(each) & 0xf];
  }
  return text;
}

std::vector<exchange> recorded_session(const std::string& version) {
  std::ifstream file(VIBES_SOURCE_DIR "/tests/golden/server-" + version + ".jsonl");
  std::vector<exchange> session;
  for (std::string line; std::getline(file, line);) {
    const boost::json::value frame = boost::json::parse(line);
    const frame_bytes bytes = from_hex(frame.at("hex").as_string().c_str());
    if (frame.at("dir").as_string() == "c2s") {
      session.push_back({bytes, {}});
    } else if (session.empty() || !session.back().reply.empty()) {
      throw std::runtime_error("a reply without its request in the recording of " + version);
    } else {
      session.back().reply = bytes;
    }
  }
  if (session.empty()) throw std::runtime_error("no recording of " + version);
  return session;
}

}  // namespace vibes::test
