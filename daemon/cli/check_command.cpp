#include <boost/json/serialize.hpp>
#include <sstream>

#include "config/load.hpp"
#include "daemon/base/terminal_text.hpp"
#include "daemon/cli/check_settings.hpp"
#include "daemon/cli/command_input.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/consumer_setup.hpp"
#include "daemon/ingest/event_scanner.hpp"
#include "daemon/ingest/line_framer.hpp"
#include "protocol/partitioning.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
namespace json = boost::json;

// Of a type or key in the form for people.
constexpr std::size_t shown_name_bytes_max = 256;

/// What would become of one line.
struct verdict {
  std::uint64_t line = 0;
  std::optional<ingest::ingest_errc> refused;
  std::string type;
  std::string key;
  std::size_t partition = 0;
  bool known_type = false;
  bool own_id = false;
};

class event_checker {
 public:
  event_checker(const config::settings& settings, std::vector<protocol::partition_id> partitions,
                protocol::generation gen)
      : framer_(settings.socket.max_event_bytes),
        scanner_(settings.socket.schema == config::schema::strict ? ingest::schema_mode::strict
                                                                  : ingest::schema_mode::lenient),
        partitions_(std::move(partitions)),
        generation_(gen) {}

  /// What has come of the file next; `tell` gets the verdict on each line that ends in it.
  template <class Tell>
  void check(std::string_view piece, Tell&& tell) {
    framer_.feed(piece);
    while (const auto line = framer_.next()) take(*line, tell);
  }
  template <class Tell>
  void check_last_line(Tell&& tell) {
    if (const auto last = framer_.finish()) take(*last, tell);
  }

 private:
  template <class Tell>
  void take(const ingest::framed_line& line, Tell&& tell) {
    ++lines_;  // every line of the file, as an editor counts them
    const bool whole = line.what == ingest::framed_line::kind::complete;
    if (whole && line.text.find_first_not_of(" \t\r") == std::string_view::npos) return;
    verdict made;
    made.line = lines_;
    if (!whole) {
      made.refused = ingest::ingest_errc::line_too_long;
    } else if (const auto scanned = scanner_.scan(line.text); !scanned) {
      made.refused = static_cast<ingest::ingest_errc>(scanned.error().value());
    } else {
      made.type = scanned->type;
      made.key = scanned->session_key;
      made.known_type = scanned->known_type;
      made.own_id = scanned->event_id.has_value();
      made.partition = partitions_[protocol::partition_index(protocol::hash_session(made.key),
                                                             partitions_.size(), generation_)];
    }
    tell(made);
  }

  std::uint64_t lines_ = 0;
  ingest::line_framer framer_;
  ingest::event_scanner scanner_;
  std::vector<protocol::partition_id> partitions_;
  protocol::generation generation_;
};

void print(const verdict& shown, bool as_json, command_output& output) {
  if (as_json) {
    json::object out{{"line", shown.line}, {"accepted", !shown.refused}};
    if (shown.refused) {
      out["code"] = std::string(ingest::code_name(*shown.refused));
      out["message"] = std::string(ingest::advice(*shown.refused));
    } else {
      out["type"] = shown.type;
      out["known_type"] = shown.known_type;
      out["key"] = shown.key;
      out["partition"] = shown.partition;
      out["message_id"] = shown.own_id ? "event_id" : "fresh";
    }
    output.write(json::serialize(out) + "\n");
    return;
  }
  std::ostringstream out;
  out << "line " << shown.line << ": ";
  if (shown.refused) {
    out << "refused, " << ingest::code_name(*shown.refused) << ": "
        << ingest::advice(*shown.refused) << "\n";
  } else {
    out << "accepted, type " << one_line(shown.type, shown_name_bytes_max)
        << (shown.known_type ? "" : " (not in the list)") << ", key "
        << one_line(shown.key, shown_name_bytes_max) << ", partition " << shown.partition << ", id "
        << (shown.own_id ? "its event_id" : "a fresh UUIDv7") << "\n";
  }
  output.write(out.str());
}

std::vector<protocol::partition_id> numbered(std::size_t count) {
  std::vector<protocol::partition_id> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(static_cast<protocol::partition_id>(i));
  return ids;
}

int fail(const outcome& why) {
  complain("vibes-ingestd check: " + why.complaint);
  return to_int(why.code);
}

int check_events(const config::check_options& options, const config::settings& settings,
                 command_output& output) {
  std::vector<protocol::partition_id> partitions =
      numbered(options.partitions.value_or(static_cast<std::uint32_t>(settings.iggy.partitions)));
  protocol::generation gen = protocol::generation::iggy_0_7;
  if (options.online) {
    consumer::iggy_client client(client_settings_of(settings));
    if (const error_code error = client.connect()) {
      const client_failure why = explain(client, error);
      return fail({why.code, why.text + login_hint(settings, why.code)});
    }
    partitions = client.server().places.partition_ids();
    gen = client.server().gen;
  }
  bool refused = false;
  const auto tell = [&](const verdict& each) {
    refused = refused || each.refused;
    print(each, options.json, output);
  };
  event_checker checker(settings, std::move(partitions), gen);
  result<command_input> input = command_input::open(options.event_file);
  if (!input) return fail(cannot_read(options.event_file, input.error()));
  while (!output.failed()) {
    const result<std::string_view> piece = input->read();
    if (!piece) return fail(cannot_read(options.event_file, piece.error()));
    if (piece->empty()) break;
    checker.check(*piece, tell);
  }
  checker.check_last_line(tell);
  return to_int(refused ? exit_code::event_refused : exit_code::ok);
}

}  // namespace

int run_command(const config::check_options& options, command_output& output) {
  if (options.event_file.empty()) return check_settings(options, output);
  const std::optional<config::settings> settings =
      load_settings(options.config, settings_need::all);
  if (!settings) return to_int(exit_code::bad_configuration);
  return check_events(options, *settings, output);
}

}  // namespace vibes::cli
