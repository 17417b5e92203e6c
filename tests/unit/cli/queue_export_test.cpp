#include "daemon/cli/queue_export.hpp"

#include <boost/json/array.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/cli/descriptor_support.hpp"

namespace vibes::test {
namespace {

namespace json = boost::json;
using cli::outcome;
using config::exit_code;

/// A queue of three pages, one event each, that may fail or be bad at the second.
class paged_queue final : public cli::queue_end {
 public:
  outcome at_second_page;
  std::uint64_t unreadable_events = 0;
  std::function<void()> at_last_page = [] {};

  outcome ask(const json::object&, json::object& answer) override {
    ++page_;
    if (page_ == 2 && !at_second_page.ok()) return at_second_page;
    if (page_ == 3) at_last_page();
    const json::object event{{"sequence", page_}, {"payload", "event " + std::to_string(page_)}};
    answer = {{"events", json::array{event}},
              {"last", 3},
              {"next", page_ == 3 ? json::value() : json::value(page_)}};
    if (page_ == 2) answer["unreadable_events"] = unreadable_events;
    return {};
  }

 private:
  int page_ = 0;
};

struct export_run {
  temp_dir dir;
  paged_queue queue;
  config::queue_options options;
  std::string path = dir.file("copy");

  export_run() { options.file = path; }
  outcome run() {
    cli::command_output nowhere(-1);
    return export_events(queue, options, nowhere);
  }
  std::size_t files() const {
    using list = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(list(dir.path()), list()));
  }
};

TEST_CASE("An export is there when it is whole, for its owner only", "[queue_export]") {
  export_run it;
  CHECK(it.run().ok());
  CHECK(text_of(it.path) == "event 1\nevent 2\nevent 3\n");
  CHECK(it.files() == 1);
  struct stat found {};
  REQUIRE(::stat(it.path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("An export that fails leaves nothing in the next one's way", "[queue_export]") {
  export_run it;
  it.queue.at_second_page = {exit_code::unavailable, "gone"};
  CHECK(it.run().code == exit_code::unavailable);
  CHECK(it.files() == 0);
  it.queue = {};
  CHECK(it.run().ok());
}

TEST_CASE("An export takes no other file's place", "[queue_export]") {
  export_run it;
  SECTION("that was there before") {
    std::ofstream(it.path) << "theirs";
    CHECK(it.run().code == exit_code::cannot_create);
  }
  SECTION("that came meanwhile") {
    it.queue.at_last_page = [&] { std::ofstream(it.path) << "theirs"; };
    const outcome ended = it.run();
    CHECK(ended.code == exit_code::cannot_create);
    CHECK(ended.complaint.find("File exists") != std::string::npos);
  }
  CHECK(text_of(it.path) == "theirs");
  CHECK(it.files() == 1);
}

TEST_CASE("What can be read is exported when something cannot", "[queue_export]") {
  export_run it;
  it.queue.unreadable_events = 7;
  const outcome ended = it.run();
  CHECK(ended.code == exit_code::failed);
  CHECK(ended.complaint == "7 events on disk could not be read");
  CHECK(text_of(it.path) == "event 1\nevent 2\nevent 3\n");
}

TEST_CASE("An export where no file can be says so", "[queue_export]") {
  export_run it;
  it.options.file = it.dir.file("none/copy");
  CHECK(it.run().code == exit_code::cannot_create);
}

TEST_CASE("Standard output gets an export too, and its failure ends the reading",
          "[queue_export]") {
  export_run it;
  it.options.file = "";
  pipe_ends pipe;
  cli::command_output output(pipe.writer());
  SECTION("all of it") {
    CHECK(export_events(it.queue, it.options, output).ok());
    output.flush();
    CHECK(pipe.take() == "event 1\nevent 2\nevent 3\n");
  }
  SECTION("nobody reads") {
    pipe.close_reader();
    output.write("head");
    output.flush();
    bool asked_to_the_end = false;
    it.queue.at_last_page = [&] { asked_to_the_end = true; };
    export_events(it.queue, it.options, output);
    CHECK_FALSE(asked_to_the_end);
  }
}

}  // namespace
}  // namespace vibes::test
