#include "daemon/base/name_lookup.hpp"

#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

namespace vibes {
namespace {

class name_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "name"; }
  std::string message(int value) const override { return ::gai_strerror(value); }
};

error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

result<socket_addresses> addresses_of(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  if (const int failure = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list)) {
    if (failure == EAI_SYSTEM) return system_error(errno);
    return error_code(failure, name_category());
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
  socket_addresses addresses;
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    socket_address& address = addresses.emplace_back();
    address.size = each->ai_addrlen;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
  }
  return addresses;
}

template <class Work>
error_code start_thread(Work&& work) {
  try {
    std::thread(std::forward<Work>(work)).detach();
  } catch (const std::system_error& error) {
    return system_error(error.code().value());
  }
  return {};
}

}  // namespace

const boost::system::error_category& name_category() noexcept {
  static const name_category_type category;
  return category;
}

std::optional<socket_address> literal_address(const std::string& host, const std::string& port) {
  const auto found = addresses_of(host, port, AI_NUMERICHOST | AI_NUMERICSERV);
  if (!found) return std::nullopt;
  return found->front();
}

/// What the thread and whoever asks have in common; the last of them closes the descriptor.
struct name_lookup::question {
  question() : answered(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~question() {
    if (answered >= 0) ::close(answered);
  }
  question(const question&) = delete;
  question& operator=(const question&) = delete;

  const int answered;
  std::mutex mutex;
  std::optional<result<socket_addresses>> answer;
};

name_lookup::name_lookup() = default;
name_lookup::~name_lookup() = default;

result<int> name_lookup::ask(const std::string& host, const std::string& port) {
  const auto known = questions_.find({host, port});
  if (known != questions_.end()) return known->second->answered;
  if (questions_.size() >= questions_max) return system_error(EAGAIN);
  const auto asked = std::make_shared<question>();
  if (asked->answered < 0) return system_error(errno);
  // Signals are for the threads that wait for them.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const error_code error = start_thread([asked, host, port] {
    result<socket_addresses> found = addresses_of(host, port, 0);
    const std::lock_guard<std::mutex> lock(asked->mutex);
    asked->answer = std::move(found);
    ::eventfd_write(asked->answered, 1);
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error) return error;
  questions_[{host, port}] = asked;
  return asked->answered;
}

std::optional<result<socket_addresses>> name_lookup::take(const std::string& host,
                                                          const std::string& port) {
  const auto known = questions_.find({host, port});
  if (known == questions_.end()) return std::nullopt;
  std::optional<result<socket_addresses>> answer;
  {
    const std::lock_guard<std::mutex> lock(known->second->mutex);
    answer = std::move(known->second->answer);
  }
  if (answer) questions_.erase(known);
  return answer;
}

}  // namespace vibes
