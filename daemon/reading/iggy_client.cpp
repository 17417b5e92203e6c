#include "daemon/reading/iggy_client.hpp"

#include <array>
#include <utility>

#include "protocol/error.hpp"

namespace vibes::reading {
namespace {

// A poll's reply carries its messages: the largest one that we ask for, with room to spare.
constexpr std::size_t reply_bytes_max = 256 << 20;

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

iggy_client::iggy_client(client_settings settings) : settings_(std::move(settings)) {}

std::string iggy_client::last_address() const {
  const client_settings::address& at = settings_.addresses[last_address_];
  const bool v6 = at.host.find(':') != std::string::npos;
  return (v6 ? "[" + at.host + "]" : at.host) + ":" + at.port;
}

error_code iggy_client::connect() {
  error_code error;
  for (std::size_t i = 0; i < settings_.addresses.size(); ++i) {
    last_address_ = i;
    error = connect_to(settings_.addresses[i]);
    // The end of a connection may have told what the server is.
    if (error && settings_.handshake.assumed) {
      stream_.close();
      error = connect_to(settings_.addresses[i]);
    }
    settings_.handshake.assumed.reset();
    if (!error) return {};
    stream_.close();
  }
  return error;
}

template <class Need>
protocol::result<protocol::const_bytes> iggy_client::read_frame(Need&& need, time_point deadline) {
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

error_code iggy_client::connect_to(const client_settings::address& to) {
  received_.clear();
  taken_ = 0;
  failed_in_connect_ = true;
  if (const error_code error =
          stream_.connect(to.host, to.port, now() + settings_.connect_timeout)) {
    return error;
  }
  failed_in_connect_ = false;
  protocol::handshake handshake(settings_.handshake);
  protocol::handshake::step step = handshake.start();
  while (true) {
    if (const auto* failed = std::get_if<protocol::handshake::failed>(&step)) {
      last_command_ = failed->during;
      return failed->error;
    }
    if (auto* finished = std::get_if<protocol::handshake::finished>(&step)) {
      server_ = std::move(finished->outcome);
      codec_ = protocol::make_codec(server_.gen);
      return {};
    }
    last_command_ = handshake.awaiting();
    const time_point deadline = now() + settings_.reply_timeout;
    const auto& send = std::get<protocol::handshake::send_request>(step);
    if (const error_code error = stream_.write_all(send.frame, deadline)) return error;
    const auto frame = read_frame(
        [&](protocol::const_bytes bytes) { return handshake.need(bytes, reply_bytes_max); },
        deadline);
    if (!frame) {
      if (frame.error() != boost::system::errc::timed_out && !settings_.handshake.assumed) {
        settings_.handshake.assumed = handshake.meaning_of_close();
      }
      return frame.error();
    }
    step = handshake.on_frame(*frame);
  }
}

protocol::result<protocol::reply_body> iggy_client::ask(const protocol::control_request& request) {
  last_command_ = command_of(request);
  protocol::byte_vector frame;
  if (const error_code error = codec_->encode(request, frame)) return error;
  const time_point deadline = now() + settings_.reply_timeout;
  if (const error_code error = stream_.write_all(frame, deadline)) {
    stream_.close();
    return error;
  }
  const auto answer = read_frame(
      [&](protocol::const_bytes bytes) { return codec_->need(bytes, reply_bytes_max); }, deadline);
  if (!answer) {
    stream_.close();
    return answer.error();
  }
  protocol::result<protocol::reply> reply = codec_->decode(last_command_, *answer);
  if (!reply) {
    stream_.close();
    return reply.error();
  }
  if (reply->status != 0) return protocol::iggy_status(reply->status);
  return std::move(reply->body);
}

}  // namespace vibes::reading
