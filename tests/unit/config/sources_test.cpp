#include <catch2/catch.hpp>

#include "tests/support/scoped_variable.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

using config::read_sources_result;

read_sources_result read_sources(const std::string& path, bool named_by_user) {
  config::settings_choice chosen;
  chosen.file = path;
  chosen.defaults = config::system_places();
  chosen.may_be_missing = !named_by_user;
  return config::read_sources(chosen, config::surroundings_of_this_process());
}

TEST_CASE("A settings file is read as it is", "[sources]") {
  const temp_dir dir;
  const std::string text = "[log]\nlevel = \"debug\"\r\n# \xc3\xa4\n";
  const std::string path = dir.write("f.toml", text);
  const read_sources_result read = read_sources(path, true);
  CHECK(!read.mistake);
  CHECK(read.sources.file_name == path);
  CHECK(read.sources.file_text == text);
  CHECK(config::load(read.sources).settings.log.level == config::log_severity::debug);
}

TEST_CASE("A missing settings file is a mistake only when somebody named it", "[sources]") {
  const temp_dir dir;
  const std::string path = dir.file("none.toml");
  const read_sources_result usual = read_sources(path, false);
  CHECK(!usual.mistake);
  CHECK(!usual.sources.file_text);
  const read_sources_result named = read_sources(path, true);
  REQUIRE(named.mistake);
  CHECK(named.mistake->text() ==
        path + ": error: cannot read the configuration: No such file or directory");
}

TEST_CASE("What cannot be a settings file is refused, named or not", "[sources]") {
  const temp_dir dir;
  struct {
    std::string path;
    const char* why;
  } const cases[] = {
      {dir.path(), "Is a directory"},
      {dir.write("large.toml", std::string((1 << 20) + 1, '#')), "larger than 1 MiB"},
      {dir.write("file", "") + "/f.toml", "Not a directory"},
  };
  for (const auto& each : cases) {
    for (const bool named : {false, true}) {
      CAPTURE(each.path, named);
      const read_sources_result read = read_sources(each.path, named);
      REQUIRE(read.mistake);
      CHECK(read.mistake->text() ==
            each.path + ": error: cannot read the configuration: " + each.why);
      CHECK(!read.sources.file_text);
    }
  }
  const std::string largest = dir.write("largest.toml", std::string(1 << 20, '#'));
  CHECK(!read_sources(largest, true).mistake);
}

TEST_CASE("A file that this user may not read is a mistake, or left out with a note", "[sources]") {
  config::surroundings here;
  here.read_file = [](const std::string&) -> config::file_text {
    return {std::nullopt, "Permission denied", false, true};
  };
  config::settings_choice chosen;
  chosen.file = "f.toml";
  REQUIRE(config::read_sources(chosen, here).mistake);
  chosen.may_be_unreadable = true;
  const read_sources_result read = config::read_sources(chosen, here);
  CHECK(!read.mistake);
  CHECK(!read.sources.file_text);
  CHECK(read.note == "cannot read f.toml: Permission denied: the defaults are used");
}

TEST_CASE("It is known of a file whether everybody may read it", "[sources]") {
  const temp_dir dir;
  const std::string path = dir.write("f.toml", "");
  namespace fs = std::filesystem;
  fs::permissions(path, fs::perms::owner_read | fs::perms::group_read);
  CHECK(!read_sources(path, true).sources.file_for_others);
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  CHECK(read_sources(path, true).sources.file_for_others);
}

TEST_CASE("A socket is told from other files, and what is there from what is not", "[sources]") {
  const temp_dir dir;
  const config::surroundings here = config::surroundings_of_this_process();
  const std::string file = dir.write("file", "");
  CHECK(here.exists(file));
  CHECK(!here.is_socket(file));
  CHECK(!here.exists(dir.file("none")));
  CHECK(!here.is_socket(dir.file("none")));
}

TEST_CASE("The environment is taken over whole", "[sources]") {
  const temp_dir dir;
  const scoped_variable one("VIBES_INGESTD_LOG_LEVEL", "error");
  const scoped_variable other("VIBES_TEST_OTHER", "a=b=c");
  const scoped_variable none("VIBES_INGESTD_LOG_FORMAT", std::nullopt);
  const config::load_sources read = read_sources(dir.file("none.toml"), false).sources;
  CHECK(read.environment.at("VIBES_INGESTD_LOG_LEVEL") == "error");
  CHECK(read.environment.at("VIBES_TEST_OTHER") == "a=b=c");
  CHECK(read.environment.count("VIBES_INGESTD_LOG_FORMAT") == 0);
}

TEST_CASE("A secret is read from the file that the settings name", "[sources]") {
  const temp_dir dir;
  const std::string secret = dir.write("secret", "from a file\n");
  const std::string path = dir.write("f.toml", "[iggy]\npassword_file = \"" + secret + "\"\n");
  const scoped_variable none("CREDENTIALS_DIRECTORY", std::nullopt);
  const config::load_result loaded = config::load(read_sources(path, true).sources);
  CHECK(texts_of(loaded.mistakes) == lines{});
  CHECK(loaded.settings.secrets.password == "from a file");
}

TEST_CASE("A secret is read from the directory that systemd names", "[sources]") {
  const temp_dir dir;
  dir.write("iggy-password", "from systemd");
  const scoped_variable directory("CREDENTIALS_DIRECTORY", dir.path());
  const config::load_result loaded =
      config::load(read_sources(dir.file("none.toml"), false).sources);
  CHECK(texts_of(loaded.mistakes) == lines{});
  CHECK(loaded.settings.secrets.password == "from systemd");
}

}  // namespace
}  // namespace vibes::test
