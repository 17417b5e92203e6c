#include "config/exit_code.hpp"
#include "config/load.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/command/complaint.hpp"
#include "daemon/runtime/app.hpp"

namespace vibes::command {

config::load_result read_settings(const config::config_file_option& from) {
  config::read_sources_result read = config::read_sources(from.path, from.named_by_user);
  if (!read.mistake) return config::load(read.sources);
  config::load_result none;
  none.mistakes.push_back(std::move(*read.mistake));
  return none;
}

std::optional<config::settings> load_settings(const config::config_file_option& from) {
  config::load_result loaded = read_settings(from);
  for (const config::diagnostic& each : loaded.mistakes) complain(each.text());
  if (!loaded.ok()) return std::nullopt;
  return std::move(loaded.settings);
}

int run_command(const config::run_options& options, command_output&) {
  const std::optional<config::settings> settings = load_settings(options.config);
  if (!settings) return to_int(config::exit_code::bad_configuration);
  return runtime::run_app(*settings);
}

}  // namespace vibes::command
