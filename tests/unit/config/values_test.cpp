#include <catch2/catch.hpp>
#include <variant>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

std::string assignment(const config::key_binding& key, const std::string& value) {
  return "[" + std::string(key.section) + "]\n" + std::string(key.name) + " = " + value + "\n";
}

/// The mistakes that this key itself has; others may follow from its not fitting to other keys.
lines own_mistakes(const config::key_binding& key, const std::string& value) {
  lines own;
  for (const std::string& each : mistakes_of(assignment(key, value))) {
    if (each.starts_with("f.toml:2:1: error: " + key.path() + ": must be between")) {
      own.push_back(each);
    }
  }
  return own;
}

TEST_CASE("Every number is taken up to its limits and refused beyond them", "[config]") {
  config::settings settings;
  std::size_t numbers = 0;
  for (const config::key_binding& each : config::bind_keys(settings)) {
    const auto* const number = std::get_if<config::integer_key>(&each.value);
    if (number == nullptr) continue;
    ++numbers;
    CAPTURE(each.path());
    const auto told = [&](const std::string& value) {
      return lines{"f.toml:2:1: error: " + each.path() + ": must be between " +
                   std::to_string(number->min) + " and " + std::to_string(number->max) + ", not " +
                   value};
    };
    CHECK(own_mistakes(each, std::to_string(number->min)).empty());
    CHECK(own_mistakes(each, std::to_string(number->max)).empty());
    const std::string above = std::to_string(number->max + 1);
    const std::string below = number->min == 0 ? "-1" : std::to_string(number->min - 1);
    CHECK(own_mistakes(each, above) == told(above));
    CHECK(own_mistakes(each, below) == told(below));
    CHECK(own_mistakes(each, "-9223372036854775808") == told("-9223372036854775808"));
  }
  CHECK(numbers == 26);
}

TEST_CASE("Every text is taken up to its length and refused beyond it", "[config]") {
  config::settings settings;
  for (const config::key_binding& each : config::bind_keys(settings)) {
    const auto* const text = std::get_if<config::text_key>(&each.value);
    if (text == nullptr || each.name == "mode") continue;
    CAPTURE(each.path());
    const auto quoted = [](std::size_t size) {
      return "\"" + (size == 0 ? "" : "/" + std::string(size - 1, 'x')) + "\"";
    };
    const auto told = [&](std::size_t size) {
      return lines{"f.toml:2:1: error: " + each.path() + ": must have " +
                   std::to_string(text->bytes_min) + " to " + std::to_string(text->bytes_max) +
                   " bytes, not " + std::to_string(size)};
    };
    CHECK(mistakes_of(assignment(each, quoted(text->bytes_max))) == lines{});
    CHECK(mistakes_of(assignment(each, quoted(text->bytes_max + 1))) == told(text->bytes_max + 1));
    CHECK(mistakes_of(assignment(each, quoted(text->bytes_min))) == lines{});
    if (text->bytes_min == 0) continue;
    CHECK(mistakes_of(assignment(each, quoted(text->bytes_min - 1))) == told(text->bytes_min - 1));
  }
}

TEST_CASE("Every choice takes each of its names and tells them all when it gets another",
          "[config]") {
  config::settings settings;
  std::size_t choices = 0;
  for (const config::key_binding& each : config::bind_keys(settings)) {
    const auto* const choice = std::get_if<config::choice_key>(&each.value);
    if (choice == nullptr) continue;
    ++choices;
    std::string all;
    for (const std::string& name : choice->names) {
      CAPTURE(each.path(), name);
      const config::load_result loaded = load_text(assignment(each, "\"" + name + "\""));
      CHECK(loaded.ok());
      CHECK_THAT(values_of(loaded.settings),
                 Catch::VectorContains(each.path() + " = \"" + name + "\""));
      all += (all.empty() ? "\"" : ", \"") + name + "\"";
    }
    CHECK(mistakes_of(assignment(each, "\"?????????\"")) ==
          lines{"f.toml:2:1: error: " + each.path() + ": must be one of " + all +
                ", not \"?????????\""});
  }
  CHECK(choices == 6);
}

TEST_CASE("A generation that nobody speaks is a mistake", "[config]") {
  for (const char* const known : {"auto", "0.4", "0.8", "0.9", "0.10"}) {
    CHECK(mistakes_of("[iggy]\ngeneration = \"" + std::string(known) + "\"") == lines{});
  }
  CHECK(
      mistakes_of("[iggy]\ngeneration = \"autoo\"") ==
      lines{
          "f.toml:2:1: error: [iggy] generation: must be one of \"auto\", \"0.4\", \"0.5\", "
          "\"0.6\", \"0.7\", \"0.8\", \"0.9\", \"0.10\", not \"autoo\" (did you mean \"auto\"?)"});
}

TEST_CASE("A mode is four octal digits", "[config]") {
  for (const char* const good : {"0660", "0000", "0777", "0600"}) {
    CHECK(mistakes_of("[socket]\nmode = \"" + std::string(good) + "\"") == lines{});
  }
  for (const char* const bad : {"1777", "0668", "066 ", "-660", "0x66"}) {
    CHECK(mistakes_of("[socket]\nmode = \"" + std::string(bad) + "\"") ==
          lines{"f.toml:2:1: error: [socket] mode: must be four octal digits such as \"0660\""});
  }
}

TEST_CASE("The paths of sockets are absolute", "[config]") {
  CHECK(mistakes_of("[socket]\npath = \"events.sock\"") ==
        lines{"f.toml:2:1: error: [socket] path: must be an absolute path"});
  CHECK(mistakes_of("[admin]\nsocket = \"./admin.sock\"") ==
        lines{"f.toml:2:1: error: [admin] socket: must be an absolute path"});
}

}  // namespace
}  // namespace vibes::test
