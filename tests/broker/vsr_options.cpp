#include "tests/broker/vsr_options.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace vibes::broker {
namespace {

constexpr std::size_t options_max = 1024;
constexpr std::uint64_t unlimited = ~std::uint64_t{0};
constexpr std::uint64_t segment_bytes = std::uint64_t{1} << 30;

enum class value_kind : std::uint8_t { text = 2, boolean = 3, uint32 = 11, uint64 = 12 };

struct option {
  value_kind kind = value_kind::text;
  std::string value;  // its bytes
};

using options = std::map<std::string, option, std::less<>>;

template <class Number>
option number_option(value_kind kind, Number value) {
  option made{kind, std::string(sizeof value, '\0')};
  std::memcpy(made.value.data(), &value, sizeof value);
  return made;
}

/// Every option that a topic has, with what it is when nobody says anything.
options defaults_of(const vsr_traits& traits) {
  options all{{"compression_algorithm", {value_kind::text, "none"}},
              {"message_expiry", number_option(value_kind::uint64, unlimited)},
              {"max_topic_size", number_option(value_kind::uint64, unlimited)},
              {"segment_size", number_option(value_kind::uint64, segment_bytes)},
              {"durability", {value_kind::text, "replicated"}},
              {"consumer_offset_durability", {value_kind::text, "replicated"}},
              {"messages_required_to_save", number_option(value_kind::uint32, 1024U)},
              {"size_of_messages_required_to_save",
               number_option(value_kind::uint64, std::uint64_t{1} << 20)},
              {"preallocate_segments", {value_kind::boolean, std::string(1, '\0')}}};
  if (!traits.binds_and_routes) return all;
  all["replication_factor"] = number_option(value_kind::uint32, 1U);
  all["partition_resize_policy"] = {value_kind::text, "mutable"};
  return all;
}

std::uint64_t number_in(const option& from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from.value.data(), std::min(sizeof value, from.value.size()));
  return value;
}

/// Expiry and size that are written out in words mean nothing to a server that applies neither.
std::uint64_t number_or_none(const option& from) {
  return from.kind == value_kind::text ? unlimited : number_in(from);
}

bool one_of(const option& said, std::initializer_list<std::string_view> known) {
  return std::ranges::find(known, std::string_view(said.value)) != known.end();
}

/// "1 day", "5 GB": taken as it stands.
bool is_written_out(std::string_view key, const option& said) {
  return said.kind == value_kind::text && (key == "message_expiry" || key == "max_topic_size");
}

bool fits(std::string_view key, const option& said, const option& usual) {
  if (is_written_out(key, said)) return true;
  if (said.kind != usual.kind) return false;
  if (said.kind != value_kind::text && said.value.size() != usual.value.size()) return false;
  const std::uint64_t number = number_in(said);
  if (key == "compression_algorithm") return one_of(said, {"none", "gzip"});
  if (key == "durability" || key == "consumer_offset_durability")
    return one_of(said, {"replicated", "persisted"});
  if (key == "partition_resize_policy") return one_of(said, {"mutable", "fixed"});
  if (key == "segment_size")
    return number % 512 == 0 && number >= (1U << 20) && number <= segment_bytes;
  if (key == "messages_required_to_save") return number >= 1 && number <= 16'777'216;
  if (key == "size_of_messages_required_to_save") return number <= segment_bytes;
  if (key == "replication_factor") return number >= 1 && number <= 32;
  return true;
}

/// 0 stands for the server's default there, which is then not the client's word.
bool asks_for_default(std::string_view key, const option& said) {
  return (key == "message_expiry" || key == "max_topic_size") && !is_written_out(key, said) &&
         number_in(said) == 0;
}

status take_option(fields& from, const options& usual, options& into) {
  const auto key_kind = from.take<std::uint8_t>();
  const std::string key(as_text(from.take(from.take<std::uint32_t>())));
  option said;
  said.kind = value_kind{from.take<std::uint8_t>()};
  said.value = as_text(from.take(from.take<std::uint32_t>()));
  if (!from.whole() || key_kind != 2 || into.size() == options_max) return status::invalid_command;
  if (said.value.empty() || said.value.size() > 255) return status::invalid_option;
  const auto known = usual.find(key);
  if (known == usual.end()) return status::unsupported_option;
  if (!fits(key, said, known->second)) return status::invalid_option;
  return into.emplace(key, said).second ? status::ok : status::invalid_command;
}

bytes block_of(const options& all) {
  bytes block;
  for (const auto& [key, one] : all) {
    put<std::uint8_t>(block, 2);
    put_text<std::uint32_t>(block, key);
    put(block, static_cast<std::uint8_t>(one.kind));
    put_text<std::uint32_t>(block, one.value);
  }
  return block;
}

}  // namespace

status take_topic_options(bytes_view block, const vsr_traits& traits, topic_options& into) {
  options derived = defaults_of(traits);
  options given;
  fields from(block);
  while (from.at() != block.size()) {
    const status read = take_option(from, derived, given);
    if (read != status::ok) return read;
  }
  std::erase_if(given, [](const auto& one) { return asks_for_default(one.first, one.second); });
  options effective = derived;
  for (const auto& [key, one] : given) {
    effective[key] = one;
    derived.erase(key);
  }
  into.settings.compression = effective["compression_algorithm"].value == "gzip" ? 2 : 1;
  into.settings.message_expiry_us = number_or_none(effective["message_expiry"]);
  into.settings.size_bytes_max = number_or_none(effective["max_topic_size"]);
  into.given = block_of(given);
  into.derived = block_of(derived);
  return into.settings.size_bytes_max < number_in(effective["segment_size"])
             ? status::invalid_topic_size
             : status::ok;
}

}  // namespace vibes::broker
