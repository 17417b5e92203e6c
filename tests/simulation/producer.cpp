#include "tests/simulation/producer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace vibes::simulation {
namespace {

constexpr std::array<std::string_view, 4> hellos = {"", R"({"vibes_ingest":{"ack":"received"}})",
                                                    R"({"vibes_ingest":{"ack":"durable"}})",
                                                    R"({"vibes_ingest":{"ack":"committed"}})"};
// Each of them is refused, for another reason.
constexpr std::array<std::string_view, 4> bad_forms = {"no json {", R"({"no_type":1)",
                                                       R"({"type":"x")", R"([1)"};

std::uint64_t number_behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  std::uint64_t number = 0;
  if (at != std::string_view::npos) {
    std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
  }
  return number;
}

}  // namespace

producer::producer(scheduler& on, network& over, oracle& says, const run_options& options,
                   unsigned number)
    : scheduler_(on), network_(over), says_(says), options_(options), number_(number) {}

void producer::connect_later(duration wait) {
  state_ = state::connecting;
  visit_ = std::make_shared<int>();
  scheduler_.after(wait, step_kind::producer, visit_, [this] { connect(); });
}

void producer::connect() {
  if (finishing_) return end(0ms);
  network_.connect(socket, this, visit_, [this](std::shared_ptr<connection> made) {
    if (!made) return connect_later(scheduler_.between(1ms, 50ms));
    begin(std::move(made));
  });
}

void producer::begin(std::shared_ptr<connection> over) {
  over_ = std::move(over);
  state_ = state::writing;
  lines_ = 0;
  to_write_.clear();
  answers_.clear();
  hello_refused_ = false;
  listens_ = true;
  const std::uint64_t level = scheduler_.below(hellos.size());
  answered_ = level != 0;
  if (answered_) to_write_ += std::string(hellos[level]) + "\n";
  hangs_up_ = scheduler_.one_in(8);
  lines_left_ = scheduler_.between(1, scheduler_.one_in(3) ? 500 : 40);
  const std::array<duration, 4> paces = {1ms, 5ms, 30ms, 300ms};
  pace_ = paces[scheduler_.below(paces.size())];
  write_lines();
}

void producer::add_line() {
  const std::uint64_t counted = answered_ ? ++lines_ : 0;
  const std::uint64_t kind = scheduler_.below(100);
  if (kind == 0) {
    const std::string_view form = bad_forms[scheduler_.below(bad_forms.size())];
    to_write_ += says_.new_bad_line(over_->serial(), counted, form);
  } else if (kind == 1) {
    to_write_ += says_.new_bad_line(over_->serial(), counted, R"({"type":"x","y":")");
    to_write_.append(options_.line_bytes_max, 'x');
  } else {
    const auto session = static_cast<unsigned>(scheduler_.below(5));
    to_write_ += says_.new_event(over_->serial(), counted, session,
                                 scheduler_.below(options_.filler_max + 1));
  }
  to_write_ += scheduler_.one_in(50) ? "\r\n" : "\n";
  if (scheduler_.one_in(100)) to_write_ += " \t\n";
}

void producer::write_lines() {
  if (state_ != state::writing) return;
  // Whoever is not read from writes no more than the kernel takes.
  if (to_write_.size() < 4'096) {
    for (std::uint64_t some = scheduler_.between(1, 6); some > 0 && lines_left_ > 0; --some) {
      --lines_left_;
      add_line();
    }
  }
  flush();
  if (lines_left_ == 0 && to_write_.empty()) {
    if (hangs_up_) return end(scheduler_.between(1ms, 200ms));
    return half_close();
  }
  scheduler_.after(scheduler_.between(0ms, 2 * pace_), step_kind::producer, visit_,
                   [this] { write_lines(); });
}

void producer::flush() {
  if (!over_ || to_write_.empty()) return;
  std::string_view some = to_write_;
  if (scheduler_.one_in(8)) some = some.substr(0, scheduler_.between(1, some.size()));
  const std::size_t taken =
      over_->write(connection::side::client, std::as_bytes(std::span(some.data(), some.size())));
  to_write_.erase(0, taken);
}

void producer::half_close() {
  state_ = state::listening;
  over_->finish(connection::side::client);
}

void producer::received(protocol::const_bytes bytes) {
  answers_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::size_t begin = 0;
  for (std::size_t end; (end = answers_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    take_answer(std::string_view(answers_).substr(begin, end - begin));
  }
  answers_.erase(0, begin);
}

void producer::take_answer(std::string_view line) {
  if (!answered_) throw broken_promise("a silent producer is answered");
  if (line.starts_with(R"({"ack":)")) {
    return says_.acknowledged(over_->serial(), number_behind(line, R"({"ack":)"));
  }
  if (!line.starts_with(R"({"error":)")) return;
  const std::uint64_t number = number_behind(line, R"("line":)");
  const std::size_t code = line.find(R"("code":")");
  if (number == 0 || code == std::string_view::npos) {
    hello_refused_ = true;
    return;
  }
  const std::string_view rest = line.substr(code + 8);
  says_.answered_with_error(over_->serial(), number, rest.substr(0, rest.find('"')));
}

void producer::ended(bool) {
  end(scheduler_.between(1ms, 500ms));
}

void producer::finish() {
  finishing_ = true;
  if (state_ == state::connecting) return end(0ms);
  lines_left_ = 0;
}

void producer::end(duration pause) {
  visit_.reset();
  if (over_) {
    over_->attach(connection::side::client, nullptr);
    over_->close(connection::side::client);
    over_.reset();
  }
  state_ = state::idle;
  if (!finishing_) connect_later(pause);
}

}  // namespace vibes::simulation
