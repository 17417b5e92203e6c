#pragma once

#include "tests/broker/wire.hpp"

namespace vibes::broker {

/// Walks a request body from its front. After the first read past the end every read answers
/// zeros and `whole()` is false, so that a handler reads all its fields and asks once.
class fields {
 public:
  explicit fields(bytes_view body) : body_(body) {}

  template <class Number>
  Number take() {
    const bytes_view raw = take(sizeof(Number));
    return raw.size() == sizeof(Number) ? load<Number>(raw.data()) : Number{};
  }

  bytes_view take(std::size_t size) {
    if (!whole_ || size > body_.size() - at_) {
      whole_ = false;
      return {};
    }
    at_ += size;
    return body_.subspan(at_ - size, size);
  }

  bool whole() const { return whole_; }
  std::size_t at() const { return at_; }

 private:
  bytes_view body_;
  std::size_t at_ = 0;
  bool whole_ = true;
};

}  // namespace vibes::broker
