#include "daemon/io/admin/admin_server.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <utility>

namespace vibes::io {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::local::stream_protocol;

/// One connection: a line in within the deadline, a line out within another.
class admin_server::conversation : public std::enable_shared_from_this<conversation> {
 public:
  conversation(admin_server& server, stream_protocol::socket socket)
      : server_(server),
        server_lives_(server.lives_),
        socket_(std::move(socket)),
        timer_(server.loop_) {
    ++server_.open_;
  }
  ~conversation() {
    if (!*server_lives_) return;
    --server_.open_;
    server_.acceptor_->go_on();
  }

  void start() {
    begin_deadline();
    asio::async_read_until(socket_, asio::dynamic_buffer(request_, request_bytes_max), '\n',
                           [self = shared_from_this()](const error_code& error, std::size_t size) {
                             if (error) return self->timer_cancel();
                             self->reply(size);
                           });
  }

 private:
  void begin_deadline() {
    timer_.expires_after(deadline);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (cancelled) return;
      error_code ignored;
      self->socket_.close(ignored);
    });
  }
  void reply(std::size_t size) {
    timer_cancel();
    if (!*server_lives_) return;
    server_.answer(
        std::string_view(request_).substr(0, size),
        [self = shared_from_this()](const json::object& answer) { self->write(answer); });
  }
  void write(const json::object& answer) {
    begin_deadline();
    answer_ = json::serialize(answer) + "\n";
    asio::async_write(
        socket_, asio::buffer(answer_),
        [self = shared_from_this()](const error_code&, std::size_t) { self->timer_cancel(); });
  }
  void timer_cancel() { timer_.cancel(); }

  admin_server& server_;
  std::shared_ptr<const bool> server_lives_;  // the loop may end after the server
  stream_protocol::socket socket_;
  asio::steady_timer timer_;
  std::string request_;
  std::string answer_;
};

admin_server::admin_server(asio::io_context& loop, unix_listener file, commands known)
    : loop_(loop), file_(std::move(file)), commands_(std::move(known)) {
  open();
}

admin_server::~admin_server() {
  *lives_ = false;
  acceptor_->close();
}

void admin_server::open() {
  accept_loop::owner us;
  us.whom = "an operator";
  us.has_room = [this] { return open_ < connections_max; };
  us.accepted = [this](stream_protocol::socket accepted) {
    std::make_shared<conversation>(*this, std::move(accepted))->start();
  };
  acceptor_ = std::make_shared<accept_loop>(loop_, file_.release_descriptor(), std::move(us));
}

void admin_server::start() {
  acceptor_->go_on();
}

void admin_server::stop() {
  acceptor_->close();
}

error_code admin_server::make_file_again() {
  if (const error_code error = file_.make_again()) return error;
  acceptor_->accept_waiting();
  acceptor_->close();
  open();
  start();
  return {};
}

void admin_server::answer(std::string_view line, const answer_to& told) const {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  std::string name(line);
  json::object request;
  error_code error;
  json::value parsed = json::parse({line.data(), line.size()}, error);
  if (!error && parsed.is_object()) {
    request = std::move(parsed.get_object());
    const json::value* const named = request.if_contains("command");
    name = named != nullptr && named->is_string() ? std::string(named->get_string()) : "";
  }
  const auto found = commands_.find(name);
  if (found != commands_.end()) return found->second(request, told);
  std::string all;
  for (const auto& [each, unused] : commands_) all += (all.empty() ? "" : ", ") + each;
  told({{"error", {{"code", "unknown_command"}, {"message", "the commands are: " + all}}}});
}

}  // namespace vibes::io
