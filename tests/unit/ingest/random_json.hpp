#pragma once

#include <random>
#include <string>

namespace vibes::test {

/// Writes random JSON with much of what is legal: escapes where none are needed, blanks between
/// tokens, odd numbers, deep nesting, the fields that decide in all places and more than once.
class random_json {
 public:
  explicit random_json(std::uint64_t seed) : random_(seed) {}

  /// Mostly an object with a type, as events are; sometimes any other value.
  std::string line();
  /// The same line with a few bytes changed, taken out, put in, doubled or cut off.
  std::string damaged(std::string line);

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t times) { return below(times) == 0; }
  template <class T, std::size_t Size>
  const T& any_of(const T (&choices)[Size]) {
    return choices[below(Size)];
  }

  std::string blank();
  std::string literal(std::string_view text);
  std::string number();
  std::string event_object();
  std::string members(std::size_t count, int depth);
  std::string value(int depth);

  std::mt19937_64 random_;
};

}  // namespace vibes::test
