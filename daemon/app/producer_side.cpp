#include "daemon/app/producer_side.hpp"

#include <utility>

namespace vibes::app {

producer_side::producer_side(boost::asio::io_context& loop, const std::vector<int>& descriptors,
                             std::size_t connections_max, io::unix_listener file,
                             io::intake& shared)
    : file_(std::move(file)),
      inherited_(file_.path().empty()),
      listener_(loop, descriptors, connections_max, shared) {}

void producer_side::stop_accepting(bool drop_backlog, std::function<void()> read_out) {
  listener_.stop_accepting(inherited_ || drop_backlog, std::move(read_out));
}

std::optional<error_code> producer_side::mend_file() {
  if (!file_.file_is_missing()) return std::nullopt;
  const error_code error = file_.make_again();
  if (!error) listener_.replace_sockets(file_.release_descriptor());
  return error;
}

const std::vector<admin::producer_info>& producer_side::producers() {
  shown_ = listener_.producers();
  return shown_;
}

}  // namespace vibes::app
