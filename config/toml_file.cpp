#include "config/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>

#include "config/nearest.hpp"
#include "config/value.hpp"

namespace vibes::config {
namespace {

/// One walk over a parsed file.
class file_walk {
 public:
  file_walk(const std::string& file_name, const std::vector<key_binding>& keys,
            diagnostics& mistakes, key_positions& positions)
      : file_name_(file_name), keys_(keys), mistakes_(mistakes), positions_(positions) {}

  void walk(const toml::table& file) {
    for (const auto& [name, node] : file) take_section(name, node);
  }

 private:
  diagnostic at(const toml::source_position& where, std::string message = {}) const {
    return {file_name_, where.line, where.column, std::move(message)};
  }
  void mistake(const toml::source_position& where, std::string message) {
    mistakes_.push_back(at(where, std::move(message)));
  }

  void take_section(const toml::key& name, const toml::node& node) {
    const std::string section(name.str());
    const toml::source_position where = name.source().begin;
    std::vector<std::string> sections;
    for (const key_binding& each : keys_) {
      if (sections.empty() || sections.back() != each.section) sections.emplace_back(each.section);
    }
    if (std::ranges::find(sections, section) == sections.end()) {
      const std::string what = node.is_table() ? "section [" + section + "]"
                                               : "key \"" + section + "\" outside a section";
      return mistake(where, "unknown " + what + did_you_mean(section, sections));
    }
    const toml::table* const table = node.as_table();
    if (table == nullptr) return mistake(where, "[" + section + "] must be a section");
    for (const auto& [key, value] : *table) take_key(section, key, value);
  }

  void take_key(const std::string& section, const toml::key& name, const toml::node& node) {
    const toml::source_position where = name.source().begin;
    std::vector<std::string> names;
    for (const key_binding& each : keys_) {
      if (each.section != section) continue;
      names.emplace_back(each.name);
      if (each.name != name.str()) continue;
      positions_[each.path()] = at(where);
      const std::string wrong = set(each, node);
      if (!wrong.empty()) mistake(where, each.path() + ": " + wrong);
      return;
    }
    mistake(where, "[" + section + "] has no key \"" + std::string(name.str()) + "\"" +
                       did_you_mean(name.str(), names));
  }

  static std::string set(const key_binding& key, const toml::node& node) {
    struct setter {
      const toml::node& node;
      std::string operator()(const integer_key& to) const {
        const auto* const value = node.as_integer();
        return value == nullptr ? "must be a whole number" : set_integer(to, value->get());
      }
      std::string operator()(const text_key& to) const {
        const auto* const value = node.as_string();
        return value == nullptr ? "must be a text in quotes" : set_text(to, value->get());
      }
      std::string operator()(const choice_key& to) const {
        const auto* const value = node.as_string();
        return value == nullptr ? "must be a text in quotes" : set_choice(to, value->get());
      }
      std::string operator()(const boolean_key& to) const {
        const auto* const value = node.as_boolean();
        if (value == nullptr) return "must be true or false";
        *to.target = value->get();
        return {};
      }
      std::string operator()(const list_key& to) const {
        const std::string wrong = "must be a list of texts such as [\"127.0.0.1:8090\"]";
        const auto* const list = node.as_array();
        if (list == nullptr) return wrong;
        std::vector<std::string> values;
        for (const toml::node& each : *list) {
          const auto* const value = each.as_string();
          if (value == nullptr) return wrong;
          values.push_back(value->get());
        }
        return set_list(to, std::move(values));
      }
    };
    return std::visit(setter{node}, key.value);
  }

  const std::string& file_name_;
  const std::vector<key_binding>& keys_;
  diagnostics& mistakes_;
  key_positions& positions_;
};

}  // namespace

void apply_file(const std::string& file_name, const std::string& text,
                const std::vector<key_binding>& keys, diagnostics& mistakes,
                key_positions& positions) {
  const std::size_t before = mistakes.size();
  try {
    const toml::table file = toml::parse(text, file_name);
    file_walk(file_name, keys, mistakes, positions).walk(file);
  } catch (const toml::parse_error& error) {
    mistakes.push_back({file_name, error.source().begin.line, error.source().begin.column,
                        std::string(not_toml) + std::string(error.description())});
  }
  // A table forgets the order of the file; a reader goes through it from the top.
  std::stable_sort(mistakes.begin() + static_cast<std::ptrdiff_t>(before), mistakes.end(),
                   [](const diagnostic& a, const diagnostic& b) {
                     return a.line != b.line ? a.line < b.line : a.column < b.column;
                   });
}

}  // namespace vibes::config
