#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "daemon/cli/command_input.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/daemon_sockets.hpp"
#include "daemon/cli/hook_event.hpp"
#include "daemon/cli/send_exchange.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;

// What is larger is no hook's payload.
constexpr std::size_t payload_bytes_max = std::size_t{64} << 20;

time_point now() {
  return std::chrono::steady_clock::now();
}

/// The one event that a hook's payload makes.
outcome gather_hook(const config::send_options& options, std::string& lines) {
  if (options.events.size() > 1) return {exit_code::usage, "--hook takes one payload"};
  std::string payload;
  if (options.events.empty()) {
    result<std::string> all = command_input::open("-")->read_all(payload_bytes_max);
    if (!all) return cannot_read("-", all.error());
    payload = std::move(*all);
  } else {
    payload = options.events.front();
  }
  const result<std::string> wrapped = wrap_hook(options.hook, payload);
  if (!wrapped) return {exit_code::event_refused, "the hook's payload is not a JSON object"};
  lines = *wrapped + "\n";
  return {};
}

/// The events of the command line, one a line; none when they come from standard input.
outcome gather_lines(const config::send_options& options, std::string& lines) {
  if (!options.hook.empty()) return gather_hook(options, lines);
  for (const std::string& each : options.events) {
    if (each.find('\n') != std::string::npos) {
      return {exit_code::event_refused, "an event is one line: take the line breaks out"};
    }
    lines += each + "\n";
  }
  return {};
}

/// Moves bytes between the input, the exchange that decides, and the socket.
class send_run {
 public:
  /// Sends `lines`, or standard input when there are none.
  send_run(const config::send_options& options, const std::string& socket_path,
           std::string_view lines)
      : patience_(std::chrono::milliseconds(options.deadline_ms)),
        socket_path_(socket_path),
        lines_(lines),
        from_standard_input_(lines.empty()),
        to_(now() + patience_),
        exchange_(options.ack, patience_, now()) {}

  outcome run() {
    if (outcome wrong = connect_producer(to_, socket_path_); !wrong.ok()) return wrong;
    while (!exchange_.ended()) {
      do {
        take_lines();
        write();
      } while (!lines_.empty() && exchange_.wants_input());
      if (exchange_.ended()) break;
      wait();
      say_refusals();
    }
    return exchange_.verdict();
  }

 private:
  /// From the command line: they are all there.
  void take_lines() {
    if (from_standard_input_) return;
    while (exchange_.wants_input() && !lines_.empty()) {
      const std::string_view piece = lines_.substr(0, command_input::piece_bytes_max);
      lines_.remove_prefix(piece.size());
      exchange_.input(piece, now());
    }
    if (lines_.empty()) exchange_.input_ended(now());
  }

  void write() {
    while (!exchange_.output().empty()) {
      const result<std::size_t> written = to_.write_some(exchange_.output());
      if (!written) return exchange_.write_failed(written.error().message());
      if (*written == 0) return;
      exchange_.wrote(*written, now());
    }
    if (!exchange_.closes_writing()) return;
    to_.finish_writing();  // fails where the daemon has closed, which is seen by reading
    exchange_.writing_closed(now());
  }

  /// Until there is something to do, and does what cannot wait.
  void wait() {
    const bool reads = from_standard_input_ && exchange_.wants_input();
    const short writes = exchange_.output().empty() ? 0 : POLLOUT;
    const short answers = exchange_.wants_answers() ? POLLIN : 0;
    std::array<pollfd, 2> both{pollfd{reads ? STDIN_FILENO : -1, POLLIN, 0},
                               pollfd{to_.descriptor(), static_cast<short>(writes | answers), 0}};
    ::poll(both.data(), both.size(), timeout_ms());
    if (both[1].revents != 0) hear(both[1].revents);
    if (both[0].revents != 0) take_input();
    exchange_.tick(now());
  }

  int timeout_ms() const {
    const std::optional<time_point> due = exchange_.deadline();
    if (!due) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 3'600'000));
  }

  void hear(short events) {
    if (!exchange_.wants_answers()) {
      if ((events & (POLLHUP | POLLERR)) != 0) exchange_.closed_by_daemon();
      return;
    }
    const result<std::string_view> got = to_.read_some(buffer_);
    if (got && !got->empty()) exchange_.received(*got, now());
    if (!got || to_.at_end()) exchange_.closed_by_daemon();
  }

  void take_input() {
    const result<std::string_view> piece = input_.read();
    if (!piece) {
      exchange_.input_failed(cannot_read("-", piece.error()), now());
    } else if (piece->empty()) {
      exchange_.input_ended(now());
    } else {
      exchange_.input(*piece, now());
    }
  }

  void say_refusals() {
    for (const std::string& each : exchange_.take_refusals()) {
      complain("vibes-ingestd send: " + each);
    }
  }

  const duration patience_;
  const std::string& socket_path_;
  std::string_view lines_;
  const bool from_standard_input_;
  socket_sender to_;
  send_exchange exchange_;
  command_input input_ = *command_input::open("-");
  std::array<char, 65'536> buffer_{};
};

outcome send_all(const config::send_options& options, const daemon_choice& daemon) {
  if (outcome wrong = daemon.mistakes(); !wrong.ok()) return wrong;
  std::string lines;
  if (outcome wrong = gather_lines(options, lines); !wrong.ok()) return wrong;
  return send_run(options, daemon.path(), lines).run();
}

}  // namespace

int run_command(const config::send_options& options, command_output&) {
  const daemon_choice daemon(config::socket_kind::events, options.socket, options.config,
                             options.verbose);
  const outcome ended = daemon.explained(send_all(options, daemon));
  if (!ended.ok()) complain("vibes-ingestd send: " + ended.complaint);
  return to_int(ended.code);
}

}  // namespace vibes::cli
