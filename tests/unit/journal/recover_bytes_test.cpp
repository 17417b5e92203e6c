#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/seed.hpp"
#include "tests/unit/journal/damage_support.hpp"
#include "tests/unit/journal/recover_bytes.hpp"

namespace vibes::test {
namespace {

protocol::byte_vector random_bytes(std::mt19937_64& random, std::size_t size) {
  protocol::byte_vector bytes(size);
  for (std::byte& each : bytes) each = static_cast<std::byte>(random());
  return bytes;
}

/// A record's header that could be one, with a random body.
void add_record(std::mt19937_64& random, protocol::byte_vector& to) {
  const std::size_t begin = to.size();
  const std::size_t body = random() % 4 == 0 ? random() % 400 : random() % 60;
  to.resize(begin + journal::record_header_bytes + body);
  const std::size_t length = to.size() - begin;
  to[begin] = static_cast<std::byte>(length & 0xff);
  to[begin + 1] = static_cast<std::byte>(length >> 8);
  to[begin + 4] = static_cast<std::byte>(1 + random() % 4);
  to[begin + 5] = static_cast<std::byte>(random() % 8);
  to[begin + 8] = static_cast<std::byte>(1 + random() % 40);
  for (std::size_t i = begin + journal::record_header_bytes; i < to.size(); ++i) {
    to[i] = static_cast<std::byte>(random() % 3 == 0 ? random() : random() % 8);
  }
}

TEST_CASE("Random bytes are recovered from without a crash", "[journal][fuzz]") {
  std::mt19937_64 random(random_seed());
  for (int run = 0; run < 3'000; ++run) {
    std::vector<protocol::byte_vector> segments;
    for (std::uint64_t i = 1 + random() % 3; i > 0; --i) {
      segments.push_back(random_bytes(random, random() % 700));
    }
    CHECK_NOTHROW(recover_bytes(directory_input(directory_form::as_it_is, segments)));
  }
}

TEST_CASE("Random records with right checksums are recovered from without a crash",
          "[journal][fuzz]") {
  std::mt19937_64 random(random_seed());
  for (int run = 0; run < 10'000; ++run) {
    std::vector<protocol::byte_vector> segments(1 + random() % 3);
    for (protocol::byte_vector& each : segments) {
      each.resize(journal::segment_header_bytes);
      for (std::uint64_t i = random() % 20; i > 0; --i) {
        random() % 5 == 0 ? each.resize(each.size() + random() % 40) : add_record(random, each);
      }
    }
    CHECK_NOTHROW(recover_bytes(directory_input(directory_form::sealed, segments)));
  }
}

TEST_CASE("True segments with several changes are recovered from without a crash",
          "[journal][fuzz]") {
  std::mt19937_64 random(random_seed());
  const directory_contents sample = sample_directory();
  std::vector<protocol::byte_vector> all;
  for (const std::string& name : segments_of(sample)) all.push_back(sample.at(name));
  for (int run = 0; run < 2'000; ++run) {
    const auto form = static_cast<directory_form>(random() % 2);
    const std::size_t first = random() % all.size();
    const std::size_t last = first + random() % (all.size() - first);
    protocol::byte_vector input =
        directory_input(form, {all.begin() + static_cast<std::ptrdiff_t>(first),
                               all.begin() + static_cast<std::ptrdiff_t>(last + 1)});
    for (std::uint64_t i = random() % 6; i > 0; --i) {
      input[1 + random() % (input.size() - 1)] = static_cast<std::byte>(random());
    }
    CHECK_NOTHROW(recover_bytes(input));
  }
}

}  // namespace
}  // namespace vibes::test
