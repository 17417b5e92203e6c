#include <csignal>
#include <random>
#include <utility>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/consumer_setup.hpp"
#include "daemon/cli/record_text.hpp"
#include "daemon/consumer/consumer.hpp"
#include "daemon/link/backoff.hpp"
#include "protocol/error.hpp"
#include "protocol/partitioning.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;

constexpr auto check_period = std::chrono::milliseconds(200);
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
  tail_run(const config::tail_options& options, const config::settings& settings,
           command_output& output)
      : options_(options),
        settings_(settings),
        client_(client_settings_of(settings)),
        output_(output) {
    output.give_up_on(interrupted);
  }

  int run() {
    if (!connect()) return failed();
    if (!choose_partition() || !seek()) return failed();
    // Whoever started us hears from main of an output that failed.
    while (interrupted == 0 && !done() && !output_.reader_leaves()) {
      if (!read_some()) {
        if (interrupted != 0) break;
        if (!options_.follow || !outlive()) return failed();
      } else {
        recovered();
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
    consumer::consumer::choice choice;
    if (!options_.group.empty()) choice.name = options_.group;
    if (options_.session) {
      choice.session =
          protocol::hash_session(options_.session->empty() ? "unknown" : *options_.session);
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
    if (counted_out()) return commit();
    const time_point begun = std::chrono::steady_clock::now();
    const duration patience = std::chrono::milliseconds(options_.timeout_ms);
    // In short waits: somebody who interrupts, or reads no more, is not to wait for a long one.
    const duration wait = options_.follow
                              ? duration(check_period)
                              : std::min<duration>(check_period, patience - waited_for_nothing_);
    const auto got = consumer_->poll(poll_size(), wait);
    for (const consumer::consumer::notice& each : consumer_->take_notices()) tell(each);
    if (!got) {
      error_ = got.error();
      return false;
    }
    waited_for_nothing_ += std::chrono::steady_clock::now() - begun;
    if (!got->empty()) waited_for_nothing_ = {};
    ended_ = !options_.follow && got->empty() && waited_for_nothing_ >= patience;
    for (const consumer::record& each : *got) show(each);
    if (output_.flush() || output_.reader_leaves()) return true;
    // Behind a poll: it also finds out that an offset is not there any more to be committed.
    commit_due_ = commit_due_ || (options_.commit && !got->empty());
    return !commit_due_ || commit();
  }

  /// What a lost connection kept from being committed is still to be.
  bool commit() {
    error_ = consumer_->commit();
    commit_due_ = static_cast<bool>(error_);
    return !error_;
  }

  void tell(const consumer::consumer::notice& what) const {
    complain("vibes-ingestd tail: " + (what.jumped ? text_of(*what.jumped) : text_of(what)));
  }

  static std::string text_of(const consumer::read_positions::jump& jump) {
    const std::string where = "partition " + std::to_string(jump.partition) + ": ";
    if (jump.to < jump.from) {
      return where + "it ends before offset " + std::to_string(jump.from) +
             ", where reading was to go on: it was emptied or made anew; going on at its beginning";
    }
    return where + "offsets " + std::to_string(jump.from) + " to " + std::to_string(jump.to - 1) +
           " are not there any more; going on at " + std::to_string(jump.to);
  }

  std::string text_of(const consumer::consumer::notice& what) const {
    const std::size_t count = client_.server().places.partitions.size();
    std::string text = "the topic has " + std::to_string(count) + " partitions now; " +
                       std::to_string(what.partitions_new) + " more are read, from their beginning";
    if (what.partitions_gone > 0) {
      text += "; " + std::to_string(what.partitions_gone) + " are gone";
    }
    return text;
  }

  std::size_t poll_size() const {
    // With a session only some of what is read is shown, so only the showing is counted; unless
    // it is committed: then nothing may be read that is not shown.
    if (!options_.count || (options_.session && !options_.commit)) return records_per_poll_max;
    return std::min<std::uint64_t>(records_per_poll_max, *options_.count - shown_);
  }

  bool counted_out() const { return options_.count && shown_ >= *options_.count; }
  bool done() const { return counted_out() && !commit_due_; }

  void show(const consumer::record& each) {
    if (counted_out()) return;
    if (options_.session) {
      const std::string wanted = options_.session->empty() ? "unknown" : *options_.session;
      if (session_of(each) != wanted) return;
    }
    output_.write((options_.json ? record_json(each) : record_human(each)) + "\n");
    ++shown_;
  }

  /// Until there is a connection again, or the user has had enough; false for what does not pass.
  /// The pauses grow until something was read.
  bool outlive() {
    while (interrupted == 0) {
      const client_failure why = explain(client_, error_);
      if (why.permanent) return false;
      if (why.text != trouble_) {
        complain("vibes-ingestd tail: " + why.text + "; trying again");
        trouble_ = why.text;
      }
      const duration pause = link::backoff_delay(attempts_++, retry_min, retry_max, random_());
      if (output_.reader_leaves(std::chrono::ceil<std::chrono::milliseconds>(pause))) return true;
      if (interrupted != 0 || connect()) return true;
    }
    return true;
  }

  void recovered() {
    attempts_ = 0;
    if (!std::exchange(trouble_, {}).empty()) {
      complain("vibes-ingestd tail: connected again");
    }
  }

  int failed() const {
    const client_failure why = explain(client_, error_);
    complain("vibes-ingestd tail: " + why.text + login_hint(settings_, why.code));
    return to_int(why.code);
  }

  const config::tail_options& options_;
  const config::settings& settings_;
  consumer::iggy_client client_;
  command_output& output_;
  std::optional<consumer::consumer> consumer_;
  error_code error_;
  std::uint64_t shown_ = 0;
  duration waited_for_nothing_{};
  bool ended_ = false;
  bool commit_due_ = false;
  std::string trouble_;         // as it was told; empty: none since something was read
  std::uint32_t attempts_ = 0;  // to connect, since something was read
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace

int run_command(const config::tail_options& options, command_output& output) {
  std::optional<config::settings> settings =
      load_settings(options.config, settings_need::tool, options.verbose);
  if (!settings) return to_int(exit_code::bad_configuration);
  if (!options.stream.empty()) settings->iggy.stream = options.stream;
  if (!options.topic.empty()) settings->iggy.topic = options.topic;
  catch_interrupts();
  return tail_run(options, *settings, output).run();
}

}  // namespace vibes::cli
