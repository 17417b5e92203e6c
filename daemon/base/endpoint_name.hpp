#pragma once

#include <string>
#include <string_view>

namespace vibes {

/// Where to connect, as it is written: not looked up yet.
struct endpoint_name {
  std::string host;  // a name or an address; without brackets
  std::string port;

  /// "host:port", or "[ip]:port" for an address of IPv6.
  std::string text() const;
};

/// Of "host:port" or "[ip]:port", as checked settings and a server's list of nodes have them.
endpoint_name endpoint_of(std::string_view address);

}  // namespace vibes
