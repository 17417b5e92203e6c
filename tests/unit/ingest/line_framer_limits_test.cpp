#include <catch2/catch.hpp>

#include "tests/unit/ingest/framing_support.hpp"

// What a framer holds, gives up and hands back.

namespace vibes::test {
namespace {

using ingest::framed_line;
using ingest::line_framer;

const seen_line too_long{framed_line::kind::too_long, ""};
const seen_line given_up{framed_line::kind::given_up, ""};

seen_line complete(std::string_view text) {
  return {framed_line::kind::complete, std::string(text)};
}

TEST_CASE("A line in one piece is not copied", "[line_framer]") {
  line_framer framer(100);
  const std::string_view bytes = "abc\ndef\r\n";
  framer.feed(bytes);
  const auto first = framer.next();
  REQUIRE(first);
  CHECK(first->text.data() == bytes.data());
  const auto second = framer.next();
  REQUIRE(second);
  CHECK(second->text.data() == bytes.data() + 4);
  CHECK(second->text == "def");
  CHECK(framer.partial_bytes() == 0);
}

TEST_CASE("Only a half-read line takes memory, and gives it back", "[line_framer]") {
  line_framer framer(1'000'000);
  seen_lines seen;
  feed_piece(framer, "abc\n", seen);
  CHECK(framer.partial_bytes() == 0);
  feed_piece(framer, std::string(50'000, 'x'), seen);
  CHECK(framer.partial_bytes() >= 50'000);
  feed_piece(framer, "\n", seen);
  CHECK(framer.partial_bytes() == 0);
  CHECK(seen.size() == 2);
}

TEST_CASE("An over-long line takes no memory while its end is looked for", "[line_framer]") {
  line_framer framer(1'000);
  seen_lines seen;
  feed_piece(framer, std::string(900, 'x'), seen);
  CHECK(framer.partial_bytes() >= 900);
  for (int i = 0; i < 1'000; ++i) {
    feed_piece(framer, std::string(900, 'x'), seen);
    REQUIRE(framer.partial_bytes() == 0);
  }
  CHECK(seen.empty());
  feed_piece(framer, "\nabc\n", seen);
  CHECK(seen == seen_lines{too_long, complete("abc")});
}

TEST_CASE("A half-read line that is given up is reported once, at its end", "[line_framer]") {
  line_framer framer(100);
  seen_lines seen;
  feed_piece(framer, "abc\nhalf", seen);
  framer.give_up_line();
  CHECK(framer.partial_bytes() == 0);
  CHECK(seen == seen_lines{complete("abc")});
  feed_piece(framer, "more", seen);
  framer.give_up_line();
  CHECK(seen == seen_lines{complete("abc")});
  SECTION("which comes") {
    feed_piece(framer, "rest\nnext\n", seen);
    end_stream(framer, seen);
    CHECK(seen == seen_lines{complete("abc"), given_up, complete("next")});
  }
  SECTION("which is the end of the stream") {
    end_stream(framer, seen);
    end_stream(framer, seen);
    CHECK(seen == seen_lines{complete("abc"), given_up});
  }
  SECTION("also when it grows over the limit meanwhile") {
    feed_piece(framer, std::string(300, 'x'), seen);
    feed_piece(framer, "\nnext\n", seen);
    CHECK(seen == seen_lines{complete("abc"), given_up, complete("next")});
  }
}

TEST_CASE("An over-long line stays one when there is nothing left to give up", "[line_framer]") {
  line_framer framer(10);
  seen_lines seen;
  feed_piece(framer, std::string(50, 'x'), seen);
  framer.give_up_line();
  feed_piece(framer, "\nabc\n", seen);
  CHECK(seen == seen_lines{too_long, complete("abc")});
}

TEST_CASE("Between lines there is nothing to give up", "[line_framer]") {
  line_framer framer(10);
  seen_lines seen;
  framer.give_up_line();
  feed_piece(framer, "abc\n", seen);
  framer.give_up_line();
  feed_piece(framer, "def\n", seen);
  CHECK(seen == seen_lines{complete("abc"), complete("def")});
}

TEST_CASE("What is unread may move elsewhere between two lines", "[line_framer]") {
  line_framer framer(10);
  std::string bytes = "one\ntwo\nthr";
  framer.feed(bytes);
  seen_lines seen = {own(*framer.next())};
  CHECK(framer.unread() == "two\nthr");
  const std::string moved(framer.unread());
  framer.rebase(moved);
  bytes.assign(bytes.size(), '\n');
  while (const auto line = framer.next()) seen.push_back(own(*line));
  CHECK(framer.unread().empty());
  feed_piece(framer, "ee\n", seen);
  CHECK(seen == seen_lines{complete("one"), complete("two"), complete("three")});
}

TEST_CASE("The end of the stream is told once", "[line_framer]") {
  line_framer framer(10);
  seen_lines seen;
  feed_piece(framer, "ab", seen);
  end_stream(framer, seen);
  end_stream(framer, seen);
  CHECK(seen == seen_lines{complete("ab")});
  CHECK(framer.partial_bytes() == 0);
}

TEST_CASE("A limit of zero leaves only empty lines", "[line_framer]") {
  line_framer framer(0);
  seen_lines seen;
  feed_piece(framer, "\n\r\na\n\r\r\n", seen);
  end_stream(framer, seen);
  CHECK(seen == seen_lines{complete(""), complete(""), too_long, too_long});
}

/// Of each line that was not handed out whole: "HEAD of SIZE".
std::vector<std::string> heads_of(line_framer& framer, const std::vector<std::string>& pieces) {
  std::vector<std::string> seen;
  const auto note = [&](const framed_line& line) {
    seen.push_back(line.what == framed_line::kind::complete
                       ? "whole"
                       : std::string(line.head) + " of " + std::to_string(line.whole_bytes));
  };
  for (const std::string& each : pieces) {
    framer.feed(each);
    while (const auto line = framer.next()) note(*line);
  }
  if (const auto line = framer.finish()) note(*line);
  return seen;
}

TEST_CASE("Of a line that is too long the head and the size are kept", "[line_framer]") {
  using texts = std::vector<std::string>;
  constexpr std::size_t limit = 3'000;
  const std::string line = "ab" + std::string(9'998, 'x');
  const std::string told = line.substr(0, line_framer::head_bytes_max) + " of 10000";
  for (const std::size_t piece : {1UL, 7UL, 2'999UL, 3'001UL, 9'999UL, 10'000UL, 20'000UL}) {
    CAPTURE(piece);
    texts pieces;
    const std::string stream = "{}\n" + line + "\n{}\n" + line;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      pieces.push_back(stream.substr(at, piece));
    }
    line_framer framer(limit);
    CHECK(heads_of(framer, pieces) == texts{"whole", told, "whole", told});
  }
  line_framer small(4);
  CHECK(heads_of(small, {"12345\n"}) == texts{"12345 of 5"});
}

TEST_CASE("Of a line that was given up the head and the size are kept", "[line_framer]") {
  line_framer framer(3'000);
  framer.feed("abc");
  CHECK(!framer.next());
  framer.give_up_line();
  CHECK(framer.partial_bytes() == 0);
  CHECK(heads_of(framer, {"de", "f\nx\n"}) == std::vector<std::string>{"abc of 6", "whole"});
}

}  // namespace
}  // namespace vibes::test
