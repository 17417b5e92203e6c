#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.hpp"

namespace vibes::config {

/// A check that a range cannot express; gives what is wrong, or nothing.
using text_check = std::string (*)(std::string_view);

struct integer_key {
  std::uint64_t* target;
  std::uint64_t min;
  std::uint64_t max;
};
struct text_key {
  std::string* target;
  std::size_t bytes_min;
  std::size_t bytes_max;
  text_check check = nullptr;
};
struct list_key {
  std::vector<std::string>* target;
  text_check check = nullptr;  // of each
};
struct boolean_key {
  bool* target;
};
struct choice_key {
  std::vector<std::string> names;  // in the order of the enumeration
  std::function<std::size_t()> get;
  std::function<void(std::size_t)> set;
};

/// One key of the file, bound to its place in a settings object.
struct key_binding {
  std::string_view section;
  std::string_view name;
  std::variant<integer_key, text_key, list_key, boolean_key, choice_key> value;

  std::string path() const;                  // "[section] name"
  std::string environment_variable() const;  // "VIBES_INGESTD_SECTION_NAME"
  std::string current_text() const;          // as TOML
};

/// Every key there is: the one list that the loader, the sample's test and the documentation share.
std::vector<key_binding> bind_keys(settings&);

/// host:port or [v6]:port.
std::string check_address(std::string_view);

}  // namespace vibes::config
