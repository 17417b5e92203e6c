#include "tests/simulation/model_server.hpp"

#include <utility>

namespace vibes::simulation {
namespace {

constexpr std::uint16_t port_first = 8090;

std::size_t id_at(broker::generation of) {
  return of == broker::generation::iggy_0_4 ? 17 : 8;
}

}  // namespace

class model_server::node final : public acceptor {
 public:
  node(model_server& of, std::size_t number) : server_(of), number_(number) {}
  end_listener* accepts(const std::shared_ptr<connection>&) override;
  bool runs = true;

 private:
  model_server& server_;
  std::size_t number_;
};

/// Reads, lets the conversation answer, writes, reads on.
class model_server::served_connection final : public end_listener {
 public:
  served_connection(model_server& of, std::shared_ptr<connection> over, std::size_t node)
      : node_of(node),
        server_(of),
        over_(std::move(over)),
        conversation_(*of.broker_, of.behaviour_, "127.0.0.1:40000", node) {}
  ~served_connection() override {
    over_->attach(connection::side::server, nullptr);
    over_->close(connection::side::server);
  }

  void received(protocol::const_bytes bytes) override {
    inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
    serve_later();
  }
  void writable() override { write(); }
  void ended(bool) override { gone_ = true, serve_later(); }
  const broker::session& standing() const { return conversation_.standing(); }
  void push(const broker::bytes& unasked) {
    if (replies_.empty()) over_->write(connection::side::server, unasked);
  }
  void reset() { over_->reset(); }

  const std::size_t node_of;

 private:
  void serve_later() {
    if (std::exchange(busy_, true)) return;
    scheduler& at = server_.scheduler_;
    at.after(at.between(0ms, server_.delay_max_), step_kind::server, alive_, [this] { serve(); });
  }
  void serve();
  void write();
  void remove() { server_.connections_.erase(over_->serial()); }

  model_server& server_;
  std::shared_ptr<connection> over_;
  broker::conversation conversation_;
  broker::bytes inbox_;
  broker::bytes replies_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  bool busy_ = false;
  bool hangs_up_ = false;
  bool gone_ = false;  // the client
};

void model_server::served_connection::serve() {
  busy_ = false;
  const std::uint64_t now_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     server_.scheduler_.now().time_since_epoch())
                                     .count());
  const broker::conversation::progress made = conversation_.receive(inbox_, now_us, replies_);
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(made.consumed));
  hangs_up_ = hangs_up_ || made.hang_up;
  server_.note_stored(over_->serial());
  server_.scheduler_.note(replies_.size());
  if (gone_) return remove();
  write();
}

void model_server::served_connection::write() {
  const std::size_t taken = over_->write(connection::side::server, replies_);
  replies_.erase(replies_.begin(), replies_.begin() + static_cast<std::ptrdiff_t>(taken));
  if (!replies_.empty()) return;
  conversation_.replies_sent();
  if (hangs_up_) remove();
}

end_listener* model_server::node::accepts(const std::shared_ptr<connection>& over) {
  if (!runs || server_.behaviour_.set.refuse) return nullptr;
  auto made = std::make_unique<served_connection>(server_, over, number_);
  end_listener* const listener = made.get();
  server_.connections_[over->serial()] = std::move(made);
  return listener;
}

model_server::model_server(scheduler& on, network& over, const broker::broker_options& options,
                           heard stored)
    : scheduler_(on), network_(over), heard_(std::move(stored)) {
  for (std::size_t i = 0; i < options.nodes; ++i) {
    nodes_.push_back(std::make_unique<node>(*this, i));
    network_.listen(address_of(i), nodes_.back().get());
  }
  replace(options);
}

model_server::~model_server() = default;

std::string model_server::address_of(std::size_t node) {
  return "127.0.0.1:" + std::to_string(port_first + node);
}

bool model_server::runs(std::size_t number) const {
  return nodes_[number]->runs;
}

void model_server::stop(std::size_t number) {
  nodes_[number]->runs = false;
  drop_connections(number);
}

void model_server::start(std::size_t number) {
  nodes_[number]->runs = true;
}

void model_server::drop_connections(std::size_t number) {
  const bool resets = scheduler_.one_in(2);
  for (auto each = connections_.begin(); each != connections_.end();) {
    if (each->second->node_of != number) {
      ++each;
      continue;
    }
    if (resets) each->second->reset();
    each = connections_.erase(each);
  }
}

void model_server::replace(const broker::broker_options& options) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) drop_connections(i);
  broker_ = std::make_unique<broker::broker>(options);
  for (std::size_t i = 0; i < options.nodes; ++i) {
    broker_->listening_on(static_cast<std::uint16_t>(port_first + i), i);
  }
  read_ = {};
  ++incarnation_;
}

void model_server::forget_messages() {
  broker_->data().forget_all();
  broker_->vsr().commit_metadata();
  read_ = {};
  ++incarnation_;
}

void model_server::evict(std::uint8_t reason) {
  for (const auto& [serial, each] : connections_) {
    broker::bytes word;
    broker_->wire().write_eviction(each->standing(), reason, word);
    if (!word.empty()) each->push(word);
  }
  constexpr std::uint8_t stale_client = 13;
  if (reason != stale_client) broker_->vsr().forget_all();
}

/// What came since the last time, by this connection.
void model_server::note_stored(std::uint64_t serial) {
  broker::topic* const in = topic();
  if (in == nullptr) return;
  if (read_.of != in) read_ = {in, {}, {}};
  read_.next.resize(in->partitions.size());
  read_.batches.resize(in->partitions.size());
  const std::size_t id = id_at(broker_->options().speaks);
  for (std::size_t i = 0; i < in->partitions.size(); ++i) {
    broker::partition& from = *in->partitions[i];
    std::uint64_t& next = read_.next[i];
    // One send for a partition is on its way at a time.
    if (next < from.next_offset()) ++read_.batches[i];
    while (next < from.next_offset()) {
      const broker::block& at = *from.find(next);
      for (std::size_t n = next - at.first_offset; n < at.ends.size(); ++n, ++next) {
        const broker::bytes_view record =
            broker::bytes_view(at.records).subspan(at.begin_of(n), at.ends[n] - at.begin_of(n));
        heard_({incarnation_, serial, static_cast<std::uint32_t>(i), read_.batches[i],
                record.subspan(id, 16), broker::as_text(record)});
      }
    }
  }
}

}  // namespace vibes::simulation
