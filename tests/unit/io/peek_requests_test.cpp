#include "daemon/io/journal/peek_requests.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using io::peek_requests;

/// The journal's thread, played by the test, and what each operator was told.
class peek_fixture {
 public:
  explicit peek_fixture(duration limit)
      : peeks(
            loop, [this](journal::journal_job&& job) { submitted.push_back(job.peek->from); },
            limit) {}

  void ask(std::uint64_t from) {
    peeks.ask({from, {}}, [this, from](const result<journal::backlog_events>& found) {
      told.push_back(std::to_string(from) + (found ? " read to " + std::to_string(found->next)
                                                   : " " + found.error().message()));
    });
  }
  void answer(std::uint64_t next) {
    journal::backlog_events found;
    found.next = next;
    peeks.take(std::move(found));
  }

  boost::asio::io_context loop;
  std::vector<std::uint64_t> submitted;
  std::vector<std::string> told;
  peek_requests peeks;
};

using texts = std::vector<std::string>;
using numbers = std::vector<std::uint64_t>;

TEST_CASE("One look at a time is with the journal's thread, in the order asked", "[looks]") {
  peek_fixture at(1min);
  at.ask(1);
  at.ask(2);
  CHECK(at.submitted == numbers{1});
  at.answer(10);
  CHECK(at.submitted == numbers{1, 2});
  at.peeks.take(make_error_code(boost::system::errc::io_error));
  CHECK(at.told == texts{"1 read to 10", "2 Input/output error"});
  at.ask(3);
  at.answer(30);
  CHECK(at.told.back() == "3 read to 30");
}

TEST_CASE("A disk that hangs is told to all that wait, and asked no more until it answers",
          "[looks]") {
  peek_fixture at(1ms);
  at.ask(1);
  at.ask(2);
  at.loop.run();  // until no timer is left
  CHECK(at.told == texts{"1 Connection timed out", "2 Connection timed out"});
  at.ask(3);
  at.loop.restart();
  at.loop.run();
  CHECK(at.told.back() == "3 Connection timed out");
  CHECK(at.submitted == numbers{1});
  CHECK(at.peeks.disk_hangs());
  at.ask(4);
  at.answer(10);  // of the first, whom nobody waits for
  CHECK(at.told.size() == 3);
  CHECK(at.submitted == numbers{1, 4});
  CHECK_FALSE(at.peeks.disk_hangs());
  at.answer(40);
  CHECK(at.told.back() == "4 read to 40");
}

}  // namespace
}  // namespace vibes::test
