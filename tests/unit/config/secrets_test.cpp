#include <catch2/catch.hpp>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

using secret_text = config::load_sources::secret_text;

/// The files of secrets that there are in a test: load() takes a plain function.
std::map<std::string, std::string>& files() {
  static std::map<std::string, std::string> all;
  return all;
}

const std::string unreadable = "(cannot be read)";

secret_text read_from_files(const std::string& path) {
  const auto found = files().find(path);
  if (found == files().end()) return {std::nullopt, "No such file or directory", true};
  if (found->second == unreadable) return {std::nullopt, "Permission denied"};
  return {found->second, {}};
}

config::load_result load_with(const variables& secrets, const std::string& text,
                              const variables& environment = {}) {
  files() = secrets;
  config::load_sources from;
  from.file_name = "f.toml";
  from.file_text = text;
  from.environment = environment;
  from.read_secret = read_from_files;
  return config::load(from);
}

const std::string both_files = "[iggy]\npassword_file = \"/p\"\ntoken_file = \"/t\"\n";
const variables credentials = {{"CREDENTIALS_DIRECTORY", "/cred"}};

TEST_CASE("A credential that is there and cannot be read is a mistake, not a reason to go on",
          "[config]") {
  const auto loaded =
      load_with({{"/c/iggy-password", unreadable}, {"/p", "of the file"}},
                "[iggy]\npassword_file = \"/p\"\n", {{"CREDENTIALS_DIRECTORY", "/c"}});
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK(
      loaded.mistakes[0].message ==
      "[iggy] password_file: cannot read the systemd credential iggy-password: Permission denied");
}

TEST_CASE("A credential wins over a file, and a file over the inline password", "[secrets]") {
  struct {
    variables there;
    const char* text;
    std::string password;
    std::string source;
  } const cases[] = {
      {{}, "", "iggy", "the default of [iggy] password"},
      {{}, "[iggy]\npassword = \"inline\"", "inline", "[iggy] password"},
      {{{"/p", "filed"}}, "[iggy]\npassword = \"inline\"\npassword_file = \"/p\"", "filed", "/p"},
      {{{"/p", "filed"}, {"/cred/iggy-password", "given"}},
       "[iggy]\npassword = \"inline\"\npassword_file = \"/p\"",
       "given",
       "the systemd credential iggy-password"},
      {{{"/cred/iggy-password", "given"}}, "", "given", "the systemd credential iggy-password"},
      // A file that is not needed may be missing.
      {{{"/cred/iggy-password", "given"}},
       "[iggy]\npassword_file = \"/gone\"",
       "given",
       "the systemd credential iggy-password"},
      {{{"/p", "filed"}, {"/cred/other", "given"}},
       "[iggy]\npassword_file = \"/p\"",
       "filed",
       "/p"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text, each.source);
    const config::load_result loaded = load_with(each.there, each.text, credentials);
    CHECK(texts_of(loaded.mistakes) == lines{});
    CHECK(loaded.settings.secrets.password == each.password);
    CHECK(loaded.settings.secrets.password_source == each.source);
    CHECK(loaded.settings.secrets.token.empty());
    CHECK(loaded.settings.secrets.token_source.empty());
  }
}

TEST_CASE("A token comes from its credential or its file", "[secrets]") {
  const config::load_result filed = load_with({{"/p", "pass"}, {"/t", "filed"}}, both_files);
  CHECK(texts_of(filed.mistakes) == lines{});
  CHECK(filed.settings.secrets.token == "filed");
  CHECK(filed.settings.secrets.token_source == "/t");
  CHECK(filed.settings.secrets.password == "pass");
  const config::load_result given = load_with({{"/t", "filed"}, {"/cred/iggy-token", "x"}},
                                              "[iggy]\ntoken_file = \"/t\"", credentials);
  CHECK(texts_of(given.mistakes) == lines{});
  CHECK(given.settings.secrets.token == "x");
  CHECK(given.settings.secrets.token_source == "the systemd credential iggy-token");
}

TEST_CASE("One line ending behind a secret is not part of it", "[secrets]") {
  struct {
    std::string there;
    std::string secret;
  } const cases[] = {
      {"secret", "secret"},       {"secret\n", "secret"},   {"secret\r\n", "secret"},
      {"secret\n\n", "secret\n"}, {" secret ", " secret "}, {"\nsecret", "\nsecret"},
      {"se\ncret\n", "se\ncret"},
  };
  for (const auto& each : cases) {
    const config::load_result loaded =
        load_with({{"/p", each.there}, {"/t", each.there}}, both_files);
    CHECK(loaded.settings.secrets.password == each.secret);
    CHECK(loaded.settings.secrets.token == each.secret);
  }
}

TEST_CASE("A secret's file that is missing is a mistake where it was named", "[secrets]") {
  CHECK(texts_of(load_with({}, both_files).mistakes) ==
        lines{"f.toml:2:1: error: [iggy] password_file: cannot read /p: No such file or directory",
              "f.toml:3:1: error: [iggy] token_file: cannot read /t: No such file or directory"});
  CHECK(texts_of(load_with({}, "", {{"VIBES_INGESTD_IGGY_TOKEN_FILE", "/t"}}).mistakes) ==
        lines{"environment VIBES_INGESTD_IGGY_TOKEN_FILE: error: [iggy] token_file: cannot read "
              "/t: No such file or directory"});
}

TEST_CASE("A secret has the length that Iggy takes", "[secrets]") {
  const auto lengths_told = [](std::size_t password, std::size_t token) {
    return texts_of(load_with({{"/p", std::string(password, 'S') + "\n"},
                               {"/t", std::string(token, 'S') + "\n"}},
                              both_files)
                        .mistakes);
  };
  CHECK(lengths_told(3, 1) == lines{});
  CHECK(lengths_told(100, 100) == lines{});
  CHECK(lengths_told(2, 0) == lines{"f.toml:2:1: error: [iggy] password_file: what /p holds must "
                                    "have 3 to 100 bytes, not 2",
                                    "f.toml:3:1: error: [iggy] token_file: what /t holds must "
                                    "have 1 to 100 bytes, not 0"});
  CHECK(lengths_told(101, 101) ==
        lines{"f.toml:2:1: error: [iggy] password_file: what /p holds must have 3 to 100 bytes, "
              "not 101",
              "f.toml:3:1: error: [iggy] token_file: what /t holds must have 1 to 100 bytes, "
              "not 101"});
}

TEST_CASE("A bad credential is a mistake: nothing else takes its place", "[secrets]") {
  CHECK(texts_of(load_with({{"/cred/iggy-password", "ab\n"}, {"/p", "filed"}},
                           "[iggy]\npassword_file = \"/p\"", credentials)
                     .mistakes) ==
        lines{"f.toml:2:1: error: [iggy] password_file: what the systemd credential "
              "iggy-password holds must have 3 to 100 bytes, not 2"});
}

TEST_CASE("A description says where the secret is from and never shows it", "[secrets]") {
  config::load_result inline_password = load_with({}, "[iggy]\npassword = \"SECRET\"");
  const std::string shown = config::describe(inline_password.settings);
  CHECK_THAT(shown, Catch::Contains("\npassword = (not shown)\n"));
  CHECK_THAT(shown, Catch::EndsWith("\n# logs in with username and password from [iggy] "
                                    "password\n"));
  CHECK_THAT(shown, !Catch::Contains("SECRET"));
  config::load_result filed = load_with({{"/p", "SECRET"}, {"/t", "SECRET"}}, both_files);
  CHECK_THAT(config::describe(filed.settings),
             Catch::EndsWith("\n# logs in with the token from /t\n"));
  CHECK_THAT(config::describe(filed.settings), !Catch::Contains("SECRET"));
}

TEST_CASE("No mistake shows an inline password", "[secrets]") {
  const std::string wrong(101, 'S');
  const lines told =
      mistakes_of("[iggy]\npassword = \"" + wrong + "\"", {{"VIBES_INGESTD_IGGY_PASSWORD", wrong}});
  CHECK(told == lines{"f.toml:2:1: error: [iggy] password: must have 3 to 100 bytes, not 101",
                      "environment VIBES_INGESTD_IGGY_PASSWORD: error: [iggy] password: must have "
                      "3 to 100 bytes, not 101"});
}

lines warnings_of(const config::load_result& loaded) {
  lines texts;
  for (const config::diagnostic& each : loaded.warnings) texts.push_back(each.warning_text());
  CHECK(loaded.settings.warnings == texts);
  return texts;
}

TEST_CASE("A password in settings that everybody may read is a warning", "[secrets]") {
  config::load_sources from;
  from.file_name = "f.toml";
  from.file_text = "[iggy]\npassword = \"secret\"\n";
  CHECK(warnings_of(config::load(from)) == lines{});
  from.file_for_others = true;
  from.read_secret = read_from_files;
  files() = {};
  CHECK(warnings_of(config::load(from)) ==
        lines{"f.toml:2:1: warning: [iggy] password: everybody may read this file: put the "
              "password into password_file or a systemd credential, or let only the daemon's user "
              "or group read it (chgrp, then chmod 640)"});
  CHECK(config::load(from).ok());
  // One of the environment is not in the file, and without one there is nothing to see.
  from.environment = {{"VIBES_INGESTD_IGGY_PASSWORD", "other"}};
  CHECK(warnings_of(config::load(from)) == lines{});
  from.environment.clear();
  from.file_text = "[iggy]\nusername = \"user\"\n";
  CHECK(warnings_of(config::load(from)) == lines{});
}

TEST_CASE("A secret's own file that everybody may read is a warning", "[secrets]") {
  config::load_sources from;
  from.file_name = "f.toml";
  from.file_text = both_files;
  from.read_secret = [](const std::string& path) -> secret_text {
    return {"secret of " + path, {}, false, false, path == "/t"};
  };
  CHECK(warnings_of(config::load(from)) ==
        lines{"f.toml:3:1: warning: [iggy] token_file: everybody may read /t: let only the "
              "daemon's user or group read it (chgrp, then chmod 640)"});
}

}  // namespace
}  // namespace vibes::test
