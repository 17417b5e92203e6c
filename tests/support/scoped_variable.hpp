#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace vibes::test {

/// A variable of the environment, set (or taken away) until the end of the scope.
class scoped_variable {
 public:
  scoped_variable(std::string name, const std::optional<std::string>& value)
      : name_(std::move(name)) {
    if (const char* const was = std::getenv(name_.c_str())) before_ = was;
    put(value);
  }
  ~scoped_variable() { put(before_); }
  scoped_variable(const scoped_variable&) = delete;
  scoped_variable& operator=(const scoped_variable&) = delete;

 private:
  void put(const std::optional<std::string>& value) const {
    if (value) {
      ::setenv(name_.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }

  std::string name_;
  std::optional<std::string> before_;
};

}  // namespace vibes::test
