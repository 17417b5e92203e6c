#include "tests/broker/classic.hpp"

namespace vibes::broker {
namespace {

bool outside(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() < least || text.size() > most;
}

void log_in(classic_request& request) {
  request.at.who.logged_in = true;
  put(request.reply, request.traits.first_id());  // the root user's id
}

void put_counts(bytes& to, const store& kept, std::uint64_t clients) {
  std::uint32_t topics = 0;
  std::uint32_t groups = 0;
  std::uint64_t messages = 0;
  for (const auto& in_stream : kept.streams())
    for (const auto& in_topic : in_stream->topics) {
      ++topics;
      groups += static_cast<std::uint32_t>(in_topic->groups.size());
      messages += in_topic->messages();
    }
  const auto partitions = static_cast<std::uint32_t>(kept.partitions());
  put(to, static_cast<std::uint32_t>(kept.streams().size()));
  put(to, topics);
  put(to, partitions);
  put(to, partitions);  // segments: one for each partition
  put(to, messages);
  put(to, static_cast<std::uint32_t>(clients));
  put(to, groups);
}

}  // namespace

verdict ping(classic_request&) {
  return verdict::answer();
}

verdict login_user(classic_request& request) {
  fields body(request.body);
  const std::string_view username = as_text(body.take(body.take<std::uint8_t>()));
  const std::string_view password = as_text(body.take(body.take<std::uint8_t>()));
  body.take(body.take<std::uint32_t>());  // version
  body.take(body.take<std::uint32_t>());  // context
  if (!body.whole()) return malformed(request);
  if (username.empty() && !request.traits.legacy) return malformed(request, status::invalid_format);
  // 0.4 and 0.8 look at the lengths after decoding; for the others decoding itself fails.
  if (outside(username, 3, 50)) return malformed(request, status::invalid_username);
  if (outside(password, 3, 100)) return malformed(request, status::invalid_password);
  const broker_options& known = request.at.with.options();
  if (username != known.username || password != known.password)
    return verdict::refuse(status::invalid_credentials);
  log_in(request);
  return verdict::answer();
}

verdict login_with_token(classic_request& request) {
  fields body(request.body);
  const std::string_view token = as_text(body.take(body.take<std::uint8_t>()));
  if (!body.whole() || token.empty()) return malformed(request);
  const std::string& known = request.at.with.options().token;
  if (known.empty() || token != known) return verdict::refuse(status::resource_not_found);
  log_in(request);
  return verdict::answer();
}

verdict logout_user(classic_request& request) {
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  request.at.who.logged_in = false;
  return verdict::answer();
}

verdict get_me(classic_request& request) {
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  put(request.reply, request.at.who.client);
  put(request.reply, request.traits.first_id());  // user id
  put<std::uint8_t>(request.reply, 1);            // TCP
  put_text<std::uint32_t>(request.reply, request.at.who.address);
  put<std::uint32_t>(request.reply, 0);  // consumer groups
  return verdict::answer();
}

verdict get_stats(classic_request& request) {
  // 0.4 and 0.5 tell everybody.
  if (!request.traits.early && unknown_visitor(request))
    return verdict::refuse(status::unauthenticated);
  broker& with = request.at.with;
  bytes& reply = request.reply;
  put<std::uint32_t>(reply, 1);  // process id: this broker has no eye for the system it runs on
  put(reply, 0.0F);              // cpu
  put(reply, 0.0F);              // cpu of the machine
  put<std::uint64_t>(reply, with.data().memory_bytes());
  put<std::uint64_t>(reply, with.options().memory_bytes_max);
  put<std::uint64_t>(reply, with.options().memory_bytes_max);
  for (int unknown = 0; unknown < 4; ++unknown)  // run and start time, bytes read and written
    put<std::uint64_t>(reply, 0);
  put<std::uint64_t>(reply, with.counters().bytes_stored);
  put_counts(reply, with.data(), with.counters().connections_open);
  put_text<std::uint32_t>(reply, "vibes-demo-broker");
  put_text<std::uint32_t>(reply, "Linux");
  put_text<std::uint32_t>(reply, "");  // system's version
  put_text<std::uint32_t>(reply, "");  // kernel's version
  if (request.traits.legacy) return verdict::answer();
  put_text<std::uint32_t>(reply, request.traits.version);
  put(reply, request.traits.semver);
  put<std::uint32_t>(reply, 0);  // cache metrics
  if (!request.traits.stats_have_disk) return verdict::answer();
  put<std::uint32_t>(reply, 1);  // threads
  put<std::uint64_t>(reply, 0);  // free disk
  put<std::uint64_t>(reply, 0);  // whole disk
  return verdict::answer();
}

verdict get_cluster_metadata(classic_request& request) {
  if (request.traits.metadata_needs_login && unknown_visitor(request))
    return verdict::refuse(status::unauthenticated);
  bytes& reply = request.reply;
  put_text<std::uint32_t>(reply, "single-node");
  put<std::uint32_t>(reply, 1);
  put_text<std::uint32_t>(reply, "iggy-node");
  put_text<std::uint32_t>(reply, "127.0.0.1");
  put(reply, request.at.with.port());
  // A real server names the ports of its other transports; nobody listens there here.
  put<std::uint16_t>(reply, 8080);
  put<std::uint16_t>(reply, 3000);
  put<std::uint16_t>(reply, 8092);
  put<std::uint8_t>(reply, 0);  // leader
  put<std::uint8_t>(reply, 0);  // healthy
  return verdict::answer();
}

}  // namespace vibes::broker
