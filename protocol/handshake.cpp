#include "protocol/handshake.hpp"

#include <utility>

#include "protocol/error.hpp"

namespace vibes::protocol {
namespace {

// Nobody's stream: the probe that tells 0.6 from 0.7 without rights must not find anything.
constexpr std::string_view no_such_stream = "vibes-ingestd-generation-probe-7f3a9c52e1d84b06";

/// "0.8.0" -> classic_0_7. A version that this build does not speak is an error, an unreadable one
/// too.
result<generation> generation_of(std::string_view version) {
  const auto is_release = [&](std::string_view release) {
    return version.starts_with(release) &&
           (version.size() == release.size() || version[release.size()] == '.');
  };
  if (is_release("0.5")) return generation::classic_0_5;
  if (is_release("0.6")) return generation::classic_0_6;
  if (is_release("0.7") || is_release("0.8")) return generation::classic_0_7;
  return make_error_code(wire_errc::unsupported_generation);
}

/// The name as this server keeps it. 0.4 stores names in lower case and with a dot for blanks, and
/// looks them up as they are asked for (docs/wire.md, "Names of 0.4").
std::string kept_name(const std::string& name, generation gen) {
  if (gen != generation::classic_0_4) return name;
  std::string kept;
  bool blank = false;
  for (const char each : name) {
    const bool is_blank = each == ' ' || (each >= '\t' && each <= '\r');
    if (!is_blank && blank && !kept.empty()) kept += '.';
    blank = is_blank;
    if (!is_blank) kept += each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  }
  return kept;
}

}  // namespace

struct handshake::state {
  enum class phase { login, stats, cluster, probe, stream, new_stream, topic, new_topic };

  explicit state(handshake_plan wanted) : plan(std::move(wanted)) {
    use(plan.wanted.value_or(generation::classic_0_6));
  }

  void use(generation gen) {
    outcome.gen = gen;
    outcome.stream = kept_name(plan.stream, gen);
    outcome.topic = kept_name(plan.topic, gen);
    wire = make_codec(gen);
  }

  step send(phase next, const control_request& request) {
    at = next;
    asked = command_of(request);
    send_request out;
    if (const error_code error = wire->encode(request, out.frame)) return failed{error, asked};
    return out;
  }

  step fail(const error_code& error) const { return failed{error, asked}; }
  step fail(wire_errc code) const { return fail(make_error_code(code)); }

  step login() {
    if (is_vsr(outcome.gen)) return fail(wire_errc::unsupported_generation);
    return std::visit([this](const auto& how) { return send(phase::login, how); }, plan.login);
  }

  step on_stats(const reply& got);
  step on_cluster(const reply& got);
  step probe();
  step on_probe(const reply& got);
  step on_stream(const reply& got);
  step on_topic(const reply& got);
  step ask_stream() { return send(phase::stream, get_stream{outcome.stream}); }
  step ask_topic() { return send(phase::topic, get_topic{outcome.stream, outcome.topic}); }

  handshake_plan plan;
  handshake_outcome outcome;
  std::unique_ptr<codec> wire;
  phase at = phase::login;
  command asked = command::login_with_password;
  bool topic_tried = false;
};

handshake::step handshake::state::on_stats(const reply& got) {
  if (iggy_status(got.status) == make_error_code(iggy_errc::unauthorized)) {
    // No right to ask: a setting is believed, then what the last connection told. Otherwise what
    // the server knows of later servers tells, and between 0.6 and 0.7 the message layout.
    if (plan.wanted) return ask_stream();
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
                                                      : result<generation>(generation::classic_0_4);
  if (!told) return fail(told.error());
  if (plan.wanted && *plan.wanted != *told) return fail(wire_errc::generation_mismatch);
  use(*told);
  return ask_stream();
}

handshake::step handshake::state::on_cluster(const reply& got) {
  if (iggy_status(got.status) == make_error_code(iggy_errc::invalid_command)) {
    use(generation::classic_0_4);
    return ask_stream();
  }
  return got.status == 0 ? probe() : fail(iggy_status(got.status));
}

/// One message with the longer header to a stream that does not exist: 0.6 finds the sizes wrong,
/// 0.7 and later do not find the stream. Nothing is written in either case.
handshake::step handshake::state::probe() {
  use(generation::classic_0_7);
  const std::byte payload{'p'};
  const outgoing_message message{{0, 1}, 0, {&payload, 1}, {}};
  const identifier nowhere{std::string(no_such_stream)};
  const partitioning first = to_partition{0};
  byte_vector body;
  if (const error_code error =
          wire->encode_send_body({nowhere, nowhere, first, {&message, 1}}, body)) {
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
    case iggy_errc::invalid_messages_size: use(generation::classic_0_6); break;
    case iggy_errc::stream_id_not_found:
    case iggy_errc::stream_name_not_found: use(generation::classic_0_7); break;
    default:
      return fail(got.status != 0 ? iggy_status(got.status)
                                  : make_error_code(wire_errc::unsupported_generation));
  }
  return ask_stream();
}

handshake::step handshake::state::on_stream(const reply& got) {
  if (at == phase::new_stream) {
    const bool race = iggy_status(got.status) == make_error_code(iggy_errc::stream_name_exists);
    if (got.status != 0 && !race) return fail(iggy_status(got.status));
    return ask_topic();
  }
  if (got.status != 0) return fail(iggy_status(got.status));
  if (!std::holds_alternative<not_found>(got.body)) return ask_topic();
  if (!plan.create) return fail(wire_errc::stream_missing);
  return send(phase::new_stream, create_stream{outcome.stream});
}

handshake::step handshake::state::on_topic(const reply& got) {
  if (at == phase::new_topic) {
    const bool race = iggy_status(got.status) == make_error_code(iggy_errc::topic_name_exists);
    if (got.status != 0 && !race) return fail(iggy_status(got.status));
    outcome.topic_created = !race;
    return ask_topic();
  }
  if (got.status != 0) return fail(iggy_status(got.status));
  if (std::holds_alternative<not_found>(got.body)) {
    if (!plan.create || topic_tried) return fail(wire_errc::topic_missing);
    topic_tried = true;
    return send(phase::new_topic, create_topic{outcome.stream, outcome.topic, plan.partitions_count,
                                               unlimited_topic_size});
  }
  const auto& topic = std::get<topic_details>(got.body);
  if (topic.partitions.empty()) return fail(wire_errc::no_partitions);
  for (const partition_details& each : topic.partitions) outcome.partitions.push_back(each.id);
  return finished{std::move(outcome)};
}

handshake::handshake(handshake_plan plan) : state_(std::make_unique<state>(std::move(plan))) {}
handshake::~handshake() = default;
handshake::handshake(handshake&&) noexcept = default;
handshake& handshake::operator=(handshake&&) noexcept = default;

handshake::step handshake::start() {
  return state_->login();
}

frame_need handshake::need(const_bytes buffered, std::size_t frame_size_max) const noexcept {
  return state_->wire->need(buffered, frame_size_max);
}

std::optional<generation> handshake::meaning_of_close() const noexcept {
  // 0.5 knows neither the command nor how to say so; 0.4 says so, and 0.6 knows it.
  if (state_->at != state::phase::cluster) return std::nullopt;
  return generation::classic_0_5;
}

command handshake::awaiting() const noexcept {
  return state_->asked;
}

handshake::step handshake::on_frame(const_bytes frame) {
  state& now = *state_;
  const result<reply> got = now.wire->decode(now.asked, frame);
  if (!got) return now.fail(got.error());
  switch (now.at) {
    case state::phase::login:
      if (got->status != 0) return now.fail(iggy_status(got->status));
      return now.send(state::phase::stats, get_stats{});
    case state::phase::stats: return now.on_stats(*got);
    case state::phase::cluster: return now.on_cluster(*got);
    case state::phase::probe: return now.on_probe(*got);
    case state::phase::stream:
    case state::phase::new_stream: return now.on_stream(*got);
    case state::phase::topic:
    case state::phase::new_topic: return now.on_topic(*got);
  }
  return now.fail(wire_errc::unexpected_reply);
}

}  // namespace vibes::protocol
