#include "protocol/handshake/handshake_state.hpp"

// Which of 0.4 to 0.8 it is (docs/wire.md, "Telling 0.6 from 0.7").

namespace vibes::protocol {
namespace {

// Nobody's stream: the probe that tells 0.6 from 0.7 without rights must not find anything.
constexpr std::string_view no_such_stream = "vibes-ingestd-generation-probe-7f3a9c52e1d84b06";

/// "0.8.0" -> iggy_0_7. A version that this build does not speak is an error, an unreadable one
/// too.
result<generation> generation_of(std::string_view version) {
  const auto is_release = [&](std::string_view release) {
    return version.starts_with(release) &&
           (version.size() == release.size() || version[release.size()] == '.');
  };
  if (is_release("0.5")) return generation::iggy_0_5;
  if (is_release("0.6")) return generation::iggy_0_6;
  if (is_release("0.7") || is_release("0.8")) return generation::iggy_0_7;
  return make_error_code(wire_errc::unsupported_generation);
}

}  // namespace

handshake::step handshake::state::on_stats(const reply& got) {
  if (iggy_status(got.status) == make_error_code(iggy_errc::unauthorized)) {
    // No right to ask: a setting is believed, then what the last connection told. Otherwise what
    // the server knows of later servers tells, and between 0.6 and 0.7 the message layout.
    if (plan.wanted) return ask_stream();
    if (plan.detected && plan.detected->family == server_family::classic_0_8) {
      use(generation::iggy_0_7);
      return ask_stream();
    }
    if (plan.assumed) {
      use(*plan.assumed);
      return ask_stream();
    }
    return send(phase::cluster, get_cluster_metadata{});
  }
  if (got.status != 0) return fail(iggy_status(got.status));
  const auto& stats = std::get<server_stats>(got.body);
  outcome.server_version = stats.server_version;
  const result<generation> told = stats.tells_version ? generation_of(stats.server_version)
                                                      : result<generation>(generation::iggy_0_4);
  if (!told) return fail(told.error());
  if (plan.wanted && *plan.wanted != *told) return fail(wire_errc::generation_mismatch);
  use(*told);
  return ask_stream();
}

handshake::step handshake::state::on_cluster(const reply& got) {
  if (iggy_status(got.status) == make_error_code(iggy_errc::invalid_command)) {
    use(generation::iggy_0_4);
    return ask_stream();
  }
  return got.status == 0 ? probe() : fail(iggy_status(got.status));
}

/// One message with the longer header to a stream that does not exist: 0.6 finds the sizes wrong,
/// 0.7 and later do not find the stream. Nothing is written in either case.
handshake::step handshake::state::probe() {
  use(generation::iggy_0_7);
  const std::byte payload{'p'};
  const outgoing_message message{{0, 1}, 0, {&payload, 1}, {}};
  const identifier nowhere{std::string(no_such_stream)};
  byte_vector body;
  if (const error_code error = wire->encode_send_body({nowhere, nowhere, 0, {&message, 1}}, body)) {
    return fail(error);
  }
  at = phase::probe;
  asked = command::send_messages;
  send_request out;
  wire->encode_send_header(body.size(), {}, wire->next_number(), out.frame);
  out.frame.insert(out.frame.end(), body.begin(), body.end());
  return out;
}

handshake::step handshake::state::on_probe(const reply& got) {
  switch (static_cast<iggy_errc>(got.status)) {
    case iggy_errc::invalid_messages_size: use(generation::iggy_0_6); break;
    case iggy_errc::stream_id_not_found:
    case iggy_errc::stream_name_not_found: use(generation::iggy_0_7); break;
    default:
      return fail(got.status != 0 ? iggy_status(got.status)
                                  : make_error_code(wire_errc::unsupported_generation));
  }
  return ask_stream();
}

}  // namespace vibes::protocol
