#include <csignal>
#include <random>

#include "daemon/command/commands.hpp"
#include "daemon/command/complaint.hpp"
#include "daemon/command/reading_setup.hpp"
#include "daemon/command/record_text.hpp"
#include "daemon/reading/consumer.hpp"
#include "daemon/upstream/backoff.hpp"
#include "protocol/error.hpp"
#include "protocol/partitioning.hpp"

namespace vibes::command {
namespace {

using config::exit_code;

constexpr auto look_around = std::chrono::milliseconds(200);
constexpr auto retry_min = std::chrono::milliseconds(50);
constexpr auto retry_max = std::chrono::seconds(5);
constexpr std::size_t records_per_poll_max = 1'000;

volatile std::sig_atomic_t interrupted = 0;

void on_interrupt(int) {
  interrupted = 1;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;  // without SA_RESTART: a wait ends at once
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

/// One run of `tail`: reads, shows, commits, and with --follow outlives outages.
class tail_run {
 public:
  tail_run(const config::tail_options& options, reading::client_settings settings,
           command_output& output)
      : options_(options), client_(std::move(settings)), output_(output) {
    output.give_up_on(interrupted);
  }

  int run() {
    if (!connect()) return failed();
    if (!choose_partition() || !seek()) return failed();
    // Whoever started us hears from main of an output that failed.
    while (interrupted == 0 && !counted_out() && !output_.reader_leaves()) {
      if (!read_some()) {
        if (interrupted != 0) break;
        if (!options_.follow || !outlive()) return failed();
      }
      if (ended_) break;
    }
    return to_int(exit_code::ok);
  }

 private:
  bool connect() {
    error_ = client_.connect();
    return !error_;
  }

  bool choose_partition() {
    reading::consumer::choice choice;
    if (!options_.group.empty()) choice.name = options_.group;
    const std::vector<protocol::partition_id> all = client_.server().places.partition_ids();
    if (options_.session) {
      const std::string key = options_.session->empty() ? "unknown" : *options_.session;
      choice.partitions = {all[protocol::partition_index(protocol::hash_session(key), all.size(),
                                                         client_.server().gen)]};
    } else if (options_.partition) {
      choice.partitions = {*options_.partition};
    }
    consumer_.emplace(client_, std::move(choice));
    return true;
  }

  bool seek() {
    std::string from = options_.from;
    if (from.empty()) from = options_.group.empty() ? "beginning" : "committed";
    if (from == "beginning") {
      consumer_->seek_to_beginning();
    } else if (from == "end") {
      error_ = consumer_->seek_to_end();
    } else if (from == "committed") {
      error_ = consumer_->seek_to_committed();
    } else if (from.starts_with('-')) {
      error_ = consumer_->seek_before_end(std::stoull(from.substr(1)));
    } else {
      consumer_->seek_to(std::stoull(from));
    }
    return !error_;
  }

  /// False on an error of the link. What was shown is committed before anything else is read, and
  /// nothing that could not be shown.
  bool read_some() {
    const time_point begun = std::chrono::steady_clock::now();
    const duration patience = std::chrono::milliseconds(options_.timeout_ms);
    // In short waits: somebody who interrupts, or reads no more, is not to wait for a long one.
    const duration wait = options_.follow
                              ? duration(look_around)
                              : std::min<duration>(look_around, patience - waited_for_nothing_);
    const auto got = consumer_->poll(poll_size(), wait);
    if (!got) {
      error_ = got.error();
      return false;
    }
    waited_for_nothing_ += std::chrono::steady_clock::now() - begun;
    if (!got->empty()) waited_for_nothing_ = {};
    ended_ = !options_.follow && got->empty() && waited_for_nothing_ >= patience;
    for (const reading::record& each : *got) show(each);
    if (output_.flush() || output_.reader_leaves()) return true;
    if (options_.commit && !got->empty()) error_ = consumer_->commit();
    return !error_;
  }

  std::size_t poll_size() const {
    // With a session only some of what is read is shown, so only the showing is counted; unless
    // it is committed: then nothing may be read that is not shown.
    if (!options_.count || (options_.session && !options_.commit)) return records_per_poll_max;
    return std::min<std::uint64_t>(records_per_poll_max, *options_.count - shown_);
  }

  bool counted_out() const { return options_.count && shown_ >= *options_.count; }

  void show(const reading::record& each) {
    if (counted_out()) return;
    if (options_.session) {
      const std::string wanted = options_.session->empty() ? "unknown" : *options_.session;
      if (session_of(each) != wanted) return;
    }
    output_.write((options_.json ? record_json(each) : record_human(each)) + "\n");
    ++shown_;
  }

  /// Until Iggy is back, or the user has had enough. Says so once.
  bool outlive() {
    complain("vibes-ingestd tail: " + explain(client_, error_).text + "; trying again");
    std::mt19937_64 random(std::random_device{}());
    for (std::uint32_t attempt = 0; interrupted == 0; ++attempt) {
      const duration pause = upstream::backoff_delay(attempt, retry_min, retry_max, random());
      if (output_.reader_leaves(std::chrono::ceil<std::chrono::milliseconds>(pause))) return true;
      if (interrupted != 0) return true;
      if (connect()) {
        complain("vibes-ingestd tail: connected again");
        return true;
      }
    }
    return true;
  }

  int failed() const {
    const client_failure why = explain(client_, error_);
    complain("vibes-ingestd tail: " + why.text);
    return to_int(why.code);
  }

  const config::tail_options& options_;
  reading::iggy_client client_;
  command_output& output_;
  std::optional<reading::consumer> consumer_;
  error_code error_;
  std::uint64_t shown_ = 0;
  duration waited_for_nothing_{};
  bool ended_ = false;
};

}  // namespace

int run_command(const config::tail_options& options, command_output& output) {
  std::optional<config::settings> settings = load_settings(options.config);
  if (!settings) return to_int(exit_code::bad_configuration);
  if (!options.stream.empty()) settings->iggy.stream = options.stream;
  if (!options.topic.empty()) settings->iggy.topic = options.topic;
  catch_interrupts();
  return tail_run(options, client_settings_of(*settings), output).run();
}

}  // namespace vibes::command
