#include "config/exit_code.hpp"
#include "config/load.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/command/complaint.hpp"
#include "daemon/runtime/app.hpp"

namespace vibes::command {

std::optional<config::settings> load_settings(const config::config_file_option& from) {
  config::read_sources_result read = config::read_sources(from.path, from.named_by_user);
  if (read.mistake) {
    complain(read.mistake->text());
    return std::nullopt;
  }
  config::load_result loaded = config::load(read.sources);
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
