#pragma once

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "daemon/io/admin/admin_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {

inline const std::string status_text = R"({"status":"as it is"})";

/// An operator's end of a connection. Nothing waits: the loop is run in between.
class operator_end {
 public:
  explicit operator_end(const std::string& path) : socket_(stream_socket()) {
    REQUIRE(try_connect(socket_, path) == 0);
  }

  void say(std::string_view text) const {
    REQUIRE(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void say_no_more() const { ::shutdown(socket_.get(), SHUT_WR); }
  /// All that has come since the last time.
  std::string heard() {
    std::string all;
    char piece[65'536];
    while (true) {
      const ssize_t size = ::recv(socket_.get(), piece, sizeof piece, 0);
      ended_ = ended_ || size == 0 || (size < 0 && errno != EAGAIN);
      if (size <= 0) return all;
      all.append(piece, static_cast<std::size_t>(size));
    }
  }
  bool ended() const { return ended_; }

 private:
  owned_descriptor socket_;
  bool ended_ = false;
};

struct admin_fixture {
  temp_dir dir;
  std::string path = dir.file("admin");
  boost::asio::io_context loop;
  int asked = 0;
  std::vector<io::admin_server::answer_to> waiting;  // of the command "later"
  std::string status = "as it is";
  std::optional<io::admin_server> server;

  admin_fixture() {
    using io::admin_server;
    admin_server::commands known;
    known["status"] = admin_server::at_once([this](const boost::json::object&) {
      ++asked;
      return boost::json::object{{"status", status}};
    });
    known["echo"] =
        admin_server::at_once([](const boost::json::object& request) { return request; });
    known["later"] = [this](const boost::json::object&, const io::admin_server::answer_to& told) {
      waiting.push_back(told);
    };
    server.emplace(loop, std::move(*listen_on(path)), std::move(known));
    server->start();
    run();
  }
  /// All that can be done without waiting.
  void run() {
    loop.restart();
    loop.poll();
  }
  std::string answer_to(std::string_view request) {
    operator_end peer(path);
    peer.say(request);
    run();
    const std::string heard = peer.heard();
    CHECK(peer.ended());
    return heard;
  }
};

}  // namespace vibes::test
