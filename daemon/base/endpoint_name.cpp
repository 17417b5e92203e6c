#include "daemon/base/endpoint_name.hpp"

namespace vibes {

std::string endpoint_name::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? "[" + host + "]:" + port : host + ":" + port;
}

endpoint_name endpoint_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {std::string(host), std::string(address.substr(colon + 1))};
}

}  // namespace vibes
