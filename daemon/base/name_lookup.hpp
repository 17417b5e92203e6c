#pragma once

#include <sys/socket.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/result.hpp"

namespace vibes {

/// An address as the system's calls take it.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

using socket_addresses = std::vector<socket_address>;

/// Why a name has no address: the numbers of getaddrinfo (EAI_NONAME, ...).
const boost::system::error_category& name_category() noexcept;

/// The address that `host` is itself, such as "127.0.0.1" or "::1"; nothing for a name.
std::optional<socket_address> literal_address(const std::string& host, const std::string& port);

/// Resolves names, each on a thread of its own that nobody waits for: a name server that does not
/// answer holds up neither a deadline nor a stop. A question that is still under way when it is
/// asked again is not asked twice, so a lookup that takes longer than one attempt to connect serves
/// a later one. At most `questions_max` are under way. Not thread-safe itself.
class name_lookup {
 public:
  static constexpr std::size_t questions_max = 16;

  name_lookup();
  ~name_lookup();
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  /// A descriptor that becomes readable when the answer is there; it lives until take() has given
  /// the answer, or this object goes.
  result<int> ask(const std::string& host, const std::string& port);
  /// At least one address, or an error. Nothing: not answered yet.
  std::optional<result<socket_addresses>> take(const std::string& host, const std::string& port);

 private:
  struct question;

  std::map<std::pair<std::string, std::string>, std::shared_ptr<question>> questions_;
};

}  // namespace vibes
