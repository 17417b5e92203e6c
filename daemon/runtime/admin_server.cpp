#include "daemon/runtime/admin_server.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <utility>

namespace vibes::runtime {

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
    server_.accept_next();
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
    : loop_(loop),
      file_(std::move(file)),
      acceptor_(loop, stream_protocol(), file_.release_descriptor()),
      commands_(std::move(known)) {}

admin_server::~admin_server() {
  *lives_ = false;
}

void admin_server::start() {
  accept_next();
}

void admin_server::stop() {
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
}

void admin_server::accept_next() {
  if (accepting_ || stopped_ || open_ >= connections_max) return;
  accepting_ = true;
  acceptor_.async_accept([this](const error_code& error, stream_protocol::socket accepted) {
    accepting_ = false;
    if (error == asio::error::operation_aborted) return;
    // Not logged: an operator who is not answered sees that, and events matter more than this.
    if (!error) std::make_shared<conversation>(*this, std::move(accepted))->start();
    accept_next();
  });
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

}  // namespace vibes::runtime
