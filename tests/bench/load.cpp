#include "tests/bench/load.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace vibes::bench {
namespace {

using clock_type = std::chrono::steady_clock;
using instant = clock_type::time_point;

constexpr std::size_t write_bytes_max = 65'536;

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0 ||
      ::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to " + path);
  }
  return made;
}

/// One connection. Events are prepared before the clock starts: what is measured is the daemon.
class producer {
 public:
  producer(const load_options& options, std::size_t index) : options_(options) {
    for (std::size_t s = index; s < options.sessions; s += options.producers) {
      lines_.push_back(make_line(s));
    }
    socket_ = connect_to(options.socket);
    if (acks()) {
      const std::string hello = "{\"vibes_ingest\":{\"ack\":\"" + options.ack + "\"}}\n";
      write_all(hello);
      while (!received_.ends_with('\n')) read_answers();
      received_.clear();
    }
  }
  ~producer() { ::close(socket_); }

  void run(instant start, instant end) {
    if (options_.rate > 0) {
      run_paced(start, end);
    } else {
      run_flat_out(end);
    }
    while (acks() && acked_ < sent_) read_answers();
    finished_ = clock_type::now();
  }

  std::uint64_t sent() const { return sent_; }
  instant finished() const { return finished_; }
  std::vector<double> latencies_us;

 private:
  bool acks() const { return options_.ack != "none"; }

  std::string make_line(std::size_t session) const {
    std::string line = "{\"type\":\"claude\",\"session_id\":\"bench-session-" +
                       std::to_string(session) +
                       "\",\"event\":{\"type\":\"text_delta\",\"index\":7,\"text\":\"";
    const std::string tail = "\"}}\n";
    const std::string filler = "the quick brown fox jumps over the lazy dog, again and again; ";
    while (line.size() + tail.size() <= options_.event_bytes) line += filler;
    line.resize(options_.event_bytes + 1 - tail.size());
    return line + tail;
  }

  void run_flat_out(instant end) {
    std::string buffer;
    while (clock_type::now() < end) {
      const std::uint64_t room = acks() ? options_.window - (sent_ - acked_) : options_.window;
      if (room == 0) {
        read_answers();
        continue;
      }
      buffer.clear();
      std::uint64_t count = 0;
      while (count < room && buffer.size() + options_.event_bytes <= write_bytes_max) {
        buffer += lines_[(sent_ + count) % lines_.size()];
        ++count;
      }
      in_flight_.push_back({sent_ + count, clock_type::now()});
      write_all(buffer);
      sent_ += count;
    }
  }

  void run_paced(instant start, instant end) {
    const double each_rate =
        static_cast<double>(options_.rate) / static_cast<double>(options_.producers);
    const auto period = std::chrono::duration_cast<clock_type::duration>(
        std::chrono::duration<double>(1.0 / each_rate));
    for (instant due = start; due < end; due += period) {
      while (clock_type::now() < due) {
        if (wait_readable(due)) read_answers();
      }
      in_flight_.push_back({sent_ + 1, clock_type::now()});
      write_all(lines_[sent_ % lines_.size()]);
      ++sent_;
    }
  }

  bool wait_readable(instant until) const {
    pollfd waiting{socket_, POLLIN, 0};
    const auto left = std::max(until - clock_type::now(), clock_type::duration::zero());
    const timespec timeout{
        std::chrono::duration_cast<std::chrono::seconds>(left).count(),
        static_cast<long>(
            (std::chrono::duration_cast<std::chrono::nanoseconds>(left) % std::chrono::seconds(1))
                .count())};
    return ::ppoll(&waiting, 1, &timeout, nullptr) > 0;
  }

  void write_all(const std::string& text) const {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t written = ::send(socket_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (written < 0) throw std::runtime_error("the daemon closed the connection");
      done += static_cast<std::size_t>(written);
    }
  }

  void read_answers() {
    std::array<char, 4'096> piece;
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
    if (got <= 0) throw std::runtime_error("the daemon closed the connection");
    const instant now = clock_type::now();
    received_.append(piece.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t line_end; (line_end = received_.find('\n', begin)) != std::string::npos;
         begin = line_end + 1) {
      take_answer(std::string_view(received_).substr(begin, line_end - begin), now);
    }
    if (acks() && sent_ > 0) received_.erase(0, begin);
  }

  void take_answer(std::string_view line, instant now) {
    constexpr std::string_view ack = "{\"ack\":";
    if (line.starts_with(ack)) {
      acked_ = std::stoull(std::string(line.substr(ack.size())));
    } else if (line.starts_with("{\"error\"")) {
      throw std::runtime_error("refused: " + std::string(line));
    }
    while (!in_flight_.empty() && in_flight_.front().last <= acked_) {
      latencies_us.push_back(
          std::chrono::duration<double, std::micro>(now - in_flight_.front().written).count());
      in_flight_.pop_front();
    }
  }

  struct written_group {
    std::uint64_t last;
    instant written;
  };

  const load_options& options_;
  std::vector<std::string> lines_;
  int socket_ = -1;
  std::string received_;
  std::deque<written_group> in_flight_;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  instant finished_;
};

double percentile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
  return sorted[index];
}

}  // namespace

int run_load(const load_options& options, std::ostream& out) {
  std::vector<std::unique_ptr<producer>> producers;
  for (std::size_t i = 0; i < options.producers; ++i) {
    producers.push_back(std::make_unique<producer>(options, i));
  }
  const instant start = clock_type::now();
  const instant end = start + std::chrono::duration_cast<clock_type::duration>(
                                  std::chrono::duration<double>(options.seconds));
  std::vector<std::thread> threads;
  for (const auto& each : producers)
    threads.emplace_back([&each, start, end] { each->run(start, end); });
  for (std::thread& each : threads) each.join();

  std::uint64_t events = 0;
  instant finished = start;
  std::vector<double> latencies;
  for (const auto& each : producers) {
    events += each->sent();
    finished = std::max(finished, each->finished());
    latencies.insert(latencies.end(), each->latencies_us.begin(), each->latencies_us.end());
  }
  std::ranges::sort(latencies);
  const double seconds = std::chrono::duration<double>(finished - start).count();
  out << "{\"events\":" << events << ",\"seconds\":" << seconds
      << ",\"events_per_second\":" << static_cast<double>(events) / seconds
      << ",\"p50_us\":" << percentile(latencies, 0.5)
      << ",\"p90_us\":" << percentile(latencies, 0.9)
      << ",\"p99_us\":" << percentile(latencies, 0.99)
      << ",\"p999_us\":" << percentile(latencies, 0.999)
      << ",\"max_us\":" << percentile(latencies, 1.0) << "}\n";
  return 0;
}

}  // namespace vibes::bench
