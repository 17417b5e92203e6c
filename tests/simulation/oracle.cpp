#include "tests/simulation/oracle.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace vibes::simulation {
namespace {

constexpr std::string_view begin_text = R"({"type":"user_input","session_id":"s)";
constexpr std::string_view number_text = R"(","n":)";

}  // namespace

std::string oracle::sum_text(const store::outbox& box) {
  const store::outbox_counters& counted = box.counters();
  return std::to_string(counted.received_events) + " received + " +
         std::to_string(box.journal().status().counters.recovered_events) + " recovered, " +
         std::to_string(counted.committed_events) + " committed + " +
         std::to_string(box.queue().usage().events) + " queued + " +
         std::to_string(box.journal().spilled().count()) + " on disk + " +
         std::to_string(box.losses().total()) + " lost + " +
         std::to_string(counted.left_on_disk_events) + " left";
}

std::uint64_t oracle::number_of(std::string_view text) {
  const std::size_t at = text.find(number_text);
  std::uint64_t number = 0;
  if (at != std::string_view::npos) {
    std::from_chars(text.data() + at + number_text.size(), text.data() + text.size(), number);
  }
  return number;
}

std::string oracle::text_of(std::uint64_t number) const {
  const event& of = events_[number - 1];
  std::string text(begin_text);
  text += std::to_string(of.session);
  text += number_text;
  text += std::to_string(number);
  if (number % 3 == 0) {
    char id[64];
    std::snprintf(id, sizeof id, R"(,"event_id":"0abc0000-0000-4000-8000-%012llx")",
                  static_cast<unsigned long long>(number));
    text += id;
  }
  text += of.is_poison ? R"(,"poison":")" : R"(,"x":")";
  text.append(of.filler, static_cast<char>('a' + number % 26));
  return text + "\"}";
}

oracle::event& oracle::at(std::uint64_t number) {
  if (number == 0 || number > events_.size()) throw broken_promise("nobody wrote such an event");
  return events_[number - 1];
}

void oracle::fail(std::uint64_t number, const std::string& what) const {
  const event& of = events_[number - 1];
  throw broken_promise(
      "event " + std::to_string(number) + " (session " + std::to_string(of.session) +
      ", connection " + std::to_string(of.connection) + ", line " + std::to_string(of.line) +
      ", life " + std::to_string(of.life) + " of " + std::to_string(life_) + "): " + what);
}

oracle::event* oracle::of_line(std::uint64_t connection, std::uint64_t line) {
  const auto found = lines_.find(connection);
  if (line == 0 || found == lines_.end() || line > found->second.size()) {
    throw broken_promise("news of a line that was never written");
  }
  return &events_[found->second[line - 1] - 1];
}

std::string oracle::new_event(std::uint64_t connection, std::uint64_t line, unsigned session,
                              std::size_t filler) {
  event made;
  made.connection = connection;
  made.line = line;
  made.session = session;
  made.filler = filler;
  made.is_poison = options_.may.refuses_events && (events_.size() + 1) % 97 == 0;
  events_.push_back(made);
  if (line > 0) lines_[connection].push_back(events_.size());
  return text_of(events_.size());
}

std::string oracle::new_bad_line(std::uint64_t connection, std::uint64_t line,
                                 std::string_view form) {
  event made;
  made.connection = connection;
  made.line = line;
  made.is_event = false;
  events_.push_back(made);
  if (line > 0) lines_[connection].push_back(events_.size());
  return std::string(form) + std::string(number_text) + std::to_string(events_.size());
}

void oracle::acknowledged(std::uint64_t connection, std::uint64_t through) {
  std::uint64_t& before = acknowledged_[connection];
  if (through <= before) throw broken_promise("an ack does not go up");
  if (through > lines_[connection].size()) throw broken_promise("an ack of what was not written");
  before = through;
}

void oracle::answered_with_error(std::uint64_t connection, std::uint64_t line,
                                 std::string_view code) {
  const event& of = *of_line(connection, line);
  const bool about_line = code != "dropped_by_overflow" && code != "refused_by_iggy" &&
                          code != "stopping" && code != "dropped_by_operator" &&
                          code != "lost_on_disk" && code != "out_of_memory";
  const std::uint64_t number = lines_[connection][line - 1];
  if (line <= acknowledged_[connection] && about_line) fail(number, "an error behind its ack");
  if (about_line && of.is_event && code != "partial_lines_full") {
    fail(number, "a sound line is refused: " + std::string(code));
  }
}

void oracle::admitted(std::string_view payload) {
  const std::uint64_t number = number_of(payload);
  event& of = at(number);
  if (!of.is_event) fail(number, "a bad line is admitted");
  if (of.life != 0) fail(number, "is admitted twice");
  if (payload != text_of(number)) fail(number, "is not what was written");
  of.life = life_;
  watch(number, "is admitted");
}

void oracle::turned_away(std::string_view payload) {
  at(number_of(payload)).turned_away = true;
}

void oracle::line_refused(std::uint64_t, std::uint64_t, std::string_view text) {
  const std::uint64_t number = number_of(text);
  if (number == 0) return;
  // The last line of a connection may have been cut.
  if (at(number).is_event && text == text_of(number)) fail(number, "a sound line is refused");
}

void oracle::told_durable(std::uint64_t connection, std::uint64_t line) {
  of_line(connection, line)->durable = true;
  watch(lines_[connection][line - 1], "is durable");
}

void oracle::told_committed(std::uint64_t connection, std::uint64_t line) {
  if (of_line(connection, line)->stored > 0) return;
  fail(lines_[connection][line - 1], "counts as committed, and the server never had it");
}

void oracle::told_lost(std::uint64_t connection, std::uint64_t line, store::loss_reason reason) {
  event& of = *of_line(connection, line);
  const std::uint64_t number = lines_[connection][line - 1];
  watch(number, std::string(to_string(reason)).c_str());
  switch (reason) {
    case store::loss_reason::refused_by_iggy:
      if (!of.is_poison) fail(number, "counts as refused, and the server would have taken it");
      of.refused = true;
      return;
    case store::loss_reason::overflow_drop_oldest:
    case store::loss_reason::overflow_drop_newest:
    case store::loss_reason::overflow_block_expired:
    case store::loss_reason::dropped_by_operator:
      if (of.stored_life == life_) fail(number, "is dropped, and the server has it");
      of.dropped_in = life_;
      break;
    default: break;
  }
  of.lost = true;
}

void oracle::sent(const store::batch& out) {
  for (const store::entry* each : out.entries) {
    const std::uint64_t number = number_of(each->text());
    const event& of = at(number);
    if (number == options_.watched) {
      std::string all = "is sent, partition " + std::to_string(out.partition) + " attempts " +
                        std::to_string(out.attempts) + " recorded " +
                        std::to_string(static_cast<int>(out.recorded));
      if (out.producer)
        all += " stamp " + std::to_string(out.producer->producer_id) + "/" +
               std::to_string(out.producer->epoch) + "/" +
               std::to_string(out.producer->base_sequence);
      all += ", with";
      for (const store::entry* other : out.entries)
        all += " " + std::to_string(number_of(other->text()));
      watch(number, all.c_str());
    }
    if (of.turned_away) fail(number, "is sent, and was turned away");
    if (of.dropped_in == life_) fail(number, "is sent, and was dropped in this life");
    if (of.committed_in == life_) fail(number, "is sent again after its commit");
    if (of.released) fail(number, "is sent again after its release was written");
  }
}

void oracle::unrecorded(const store::batch& out) {
  for (const store::entry* each : out.entries) at(number_of(each->text())).unrecorded = true;
}

void oracle::committed(const store::batch& done) {
  for (const store::entry* each : done.entries) {
    const std::uint64_t number = number_of(each->text());
    event& of = at(number);
    if (of.stored == 0) fail(number, "is committed, and the server never had it");
    of.committed_in = life_;
    watch(number, "is committed");
    committed_.push_back(number);
  }
}

void oracle::refused(const store::entry& gone) {
  const std::uint64_t number = number_of(gone.text());
  event& of = at(number);
  if (!of.is_poison) fail(number, "is refused, and the server would have taken it");
  of.refused = true;
}

}  // namespace vibes::simulation
