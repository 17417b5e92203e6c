#include "daemon/consumer/iggy_connection.hpp"

#include <array>
#include <utility>

#include "protocol/error.hpp"

namespace vibes::consumer {
namespace {

// A poll's reply carries its messages: the largest one that we ask for, with room to spare.
constexpr std::size_t reply_bytes_max = 256 << 20;

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

std::string server_address::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + port;
}

error_code iggy_connection::connect(const server_address& to) {
  received_.clear();
  taken_ = 0;
  failed_in_connect_ = true;
  const error_code error = stream_.connect(to.host, to.port, now() + patience_.connect_timeout);
  failed_in_connect_ = static_cast<bool>(error);
  return error;
}

result<protocol::detection> iggy_connection::probe(const server_address& to,
                                                   const protocol::message_id& client) {
  last_command_ = protocol::command::ping;
  if (const error_code error = connect(to)) return error;
  const time_point deadline = now() + patience_.reply_timeout;
  if (const error_code error = stream_.write_all(protocol::version_probe(client), deadline)) {
    stream_.close();
    return error;
  }
  protocol::byte_vector heard;
  std::array<std::byte, 4'096> piece;
  while (true) {
    const result<std::size_t> got = stream_.read_some(piece, deadline);
    if (!got) {
      stream_.close();
      // Servers of 0.4 to 0.7 end what they cannot read without a byte, and others do: the ping
      // before the login tells.
      const bool hung_up = got.error() != boost::system::errc::timed_out &&
                           got.error() != boost::system::errc::interrupted;
      const bool silent_end = heard.empty() && hung_up;
      if (silent_end) return protocol::detection{protocol::server_family::classic};
      return got.error();
    }
    heard.insert(heard.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got));
    if (const auto told = protocol::read_probe_answer(heard)) {
      stream_.close();
      return *told;
    }
  }
}

error_code iggy_connection::open(const server_address& to, protocol::handshake_plan plan) {
  reached_.reset();
  redirected_.reset();
  meaning_.reset();
  window_.reset();
  if (const error_code error = connect(to)) return error;
  const auto [ip, port] = stream_.peer();
  plan.connected_to = {to.host, ip, port};
  protocol::handshake handshake(std::move(plan));
  const error_code error = shake_hands(handshake);
  if (error || redirected_) stream_.close();
  return error;
}

error_code iggy_connection::shake_hands(protocol::handshake& handshake) {
  protocol::handshake::step step = handshake.start();
  while (true) {
    if (const auto* failed = std::get_if<protocol::handshake::failed>(&step)) {
      last_command_ = failed->during;
      window_ = failed->window;
      return failed->error;
    }
    if (auto* finished = std::get_if<protocol::handshake::finished>(&step)) {
      reached_ = std::move(*finished);
      return {};
    }
    if (auto* elsewhere = std::get_if<protocol::handshake::redirected>(&step)) {
      redirected_ = std::move(*elsewhere);
      return {};
    }
    last_command_ = handshake.awaiting();
    const time_point deadline = now() + patience_.reply_timeout;
    const auto& send = std::get<protocol::handshake::send_request>(step);
    if (const error_code error = stream_.write_all(send.frame, deadline)) {
      return handshake.error_of_end(error);
    }
    const auto frame = read_frame(
        [&](protocol::const_bytes bytes) { return handshake.need(bytes, reply_bytes_max); },
        deadline);
    if (!frame) {
      // An end may tell what the server is: that is for the next connection.
      if (frame.error() != boost::system::errc::timed_out) meaning_ = handshake.meaning_of_close();
      return handshake.error_of_end(frame.error());
    }
    step = handshake.on_frame(*frame);
  }
}

protocol::handshake::finished iggy_connection::take_outcome() {
  return *std::exchange(reached_, std::nullopt);
}

template <class Need>
protocol::result<protocol::const_bytes> iggy_connection::read_frame(Need&& need,
                                                                    time_point deadline) {
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  while (true) {
    const protocol::frame_need wanted = need(protocol::const_bytes(received_));
    if (wanted.what == protocol::frame_need::kind::malformed) {
      return make_error_code(protocol::wire_errc::malformed);
    }
    if (wanted.what == protocol::frame_need::kind::complete) {
      taken_ = wanted.size;
      return protocol::const_bytes(received_).first(wanted.size);
    }
    std::array<std::byte, 65'536> piece;
    const result<std::size_t> got = stream_.read_some(piece, deadline);
    if (!got) return got.error();
    received_.insert(received_.end(), piece.begin(),
                     piece.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

protocol::result<protocol::reply_body> iggy_connection::ask(
    const protocol::control_request& request, protocol::codec& wire) {
  last_command_ = command_of(request);
  protocol::byte_vector frame;
  if (const error_code error = wire.encode(request, frame)) return error;
  const time_point deadline = now() + patience_.reply_timeout;
  const auto exchange = [&]() -> protocol::result<protocol::reply> {
    if (const error_code error = stream_.write_all(frame, deadline)) return error;
    const auto answer = read_frame(
        [&](protocol::const_bytes bytes) { return wire.need(bytes, reply_bytes_max); }, deadline);
    if (!answer) return answer.error();
    if (const auto number = wire.answered(*answer); !number) return number.error();
    return wire.decode(last_command_, *answer);
  };
  protocol::result<protocol::reply> reply = exchange();
  if (!reply) {
    stream_.close();
    return reply.error();
  }
  if (reply->status != 0) return protocol::iggy_status(reply->status);
  return std::move(reply->body);
}

}  // namespace vibes::consumer
