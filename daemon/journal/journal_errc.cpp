#include "daemon/journal/journal_errc.hpp"

#include <string>

namespace vibes::journal {
namespace {

class journal_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "journal"; }
  std::string message(int value) const override {
    switch (static_cast<journal_errc>(value)) {
      case journal_errc::locked: return "another process uses the journal's directory";
      case journal_errc::newer_format:
        return "the journal was written by a newer version of this program: it was left alone";
      case journal_errc::older_format:
        return "the journal was written by a version of this program that is too old to be read: "
               "it was left alone";
      case journal_errc::no_room: return "the journal has reached its byte cap";
      case journal_errc::not_open: return "the journal is not open";
      case journal_errc::malformed_body: return "a record of the journal makes no sense";
      case journal_errc::no_journal: return "the directory holds no journal";
    }
    return "unknown journal error " + std::to_string(value);
  }
};

}  // namespace

const boost::system::error_category& journal_category() noexcept {
  static const journal_category_type category;
  return category;
}

error_code make_error_code(journal_errc code) noexcept {
  return {static_cast<int>(code), journal_category()};
}

}  // namespace vibes::journal
