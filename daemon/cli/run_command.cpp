#include "config/exit_code.hpp"
#include "config/load.hpp"
#include "daemon/app/app.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"

namespace vibes::cli {

config::load_result read_settings(const config::config_file_option& from, settings_need need,
                                  bool verbose) {
  const config::surroundings here = config::surroundings_of_this_process();
  const auto purpose =
      need == settings_need::all ? config::settings_purpose::run : config::settings_purpose::tool;
  const config::settings_choice chosen = config::choose_settings(from, purpose, here);
  config::read_sources_result read = config::read_sources(chosen, here);
  if (verbose) {
    const std::string defaults = read.sources.file_text ? "" : " (the defaults)";
    complain("with " + chosen.whose + ", " + chosen.file + defaults);
    if (!read.note.empty()) complain(read.note);
  }
  if (need == settings_need::no_login) read.sources.read_secret = nullptr;
  if (!read.mistake) return config::load(read.sources);
  config::load_result none;
  none.mistakes.push_back(std::move(*read.mistake));
  return none;
}

std::optional<config::settings> load_settings(const config::config_file_option& from,
                                              settings_need need, bool verbose) {
  config::load_result loaded = read_settings(from, need, verbose);
  for (const config::diagnostic& each : loaded.mistakes) complain(each.text());
  if (!loaded.ok()) return std::nullopt;
  return std::move(loaded.settings);
}

int run_command(const config::run_options& options, command_output&) {
  // There is no log yet, and whoever starts a service need not read what it says.
  constexpr auto line_max = std::chrono::seconds(1);
  const config::load_result loaded = read_settings(options.config, settings_need::all);
  for (const config::diagnostic& each : loaded.mistakes) {
    if (!complain_within(each.text(), line_max)) break;
  }
  if (!loaded.ok()) return to_int(config::exit_code::bad_configuration);
  return app::run_app(loaded.settings);
}

}  // namespace vibes::cli
