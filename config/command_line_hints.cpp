#include <algorithm>

#include "config/command_line_parts.hpp"
#include "config/nearest.hpp"

namespace vibes::config {
namespace {

std::string unknown(const std::string& word, const std::string& dashes,
                    const std::vector<std::string>& known) {
  const std::string text = "\"" + word + "\" is not known";
  const std::string* const nearest = nearest_name(word.substr(dashes.size()), known);
  return nearest == nullptr ? text : text + " (did you mean \"" + dashes + *nearest + "\"?)";
}

std::vector<std::string> option_names(const CLI::App& of) {
  std::vector<std::string> names;
  for (const CLI::Option* const each : of.get_options()) {
    if (each->get_group().empty()) continue;  // not for this command
    for (const std::string& name : each->get_lnames()) names.push_back(name);
  }
  return names;
}

}  // namespace

std::string unknown_word(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      const CLI::Option* const option = at->get_option_no_throw(name);
      if (option == nullptr) return unknown(name, "--", option_names(*at));
      const bool has_value = option->get_items_expected_max() > 0;
      if (has_value && name.size() == word.size()) ++i;
      continue;
    }
    if (word.starts_with('-')) continue;
    const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty()) continue;
    const auto found = std::ranges::find(commands, word, &CLI::App::get_name);
    if (found == commands.end()) {
      std::vector<std::string> names;
      names.reserve(commands.size());
      for (const CLI::App* const each : commands) names.push_back(each->get_name());
      return unknown(word, "", names);
    }
    at = *found;
  }
  return {};
}

}  // namespace vibes::config
