#include "daemon/admin/text_forms.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <random>

#include "daemon/base/base64.hpp"
#include "tests/support/seed.hpp"

namespace vibes::test {
namespace {

namespace json = boost::json;

TEST_CASE("Times are RFC 3339 in UTC, to the microsecond", "[text_forms]") {
  // Checked with `date -u -d @SECONDS`.
  CHECK(admin::time_text(0) == "1970-01-01T00:00:00.000000Z");
  CHECK(admin::time_text(1'764'036'454'000'001) == "2025-11-25T02:07:34.000001Z");
  CHECK(admin::time_text(951'782'399'999'999) == "2000-02-28T23:59:59.999999Z");
  CHECK(admin::time_text(951'782'400'000'000) == "2000-02-29T00:00:00.000000Z");
}

TEST_CASE("A message id has the form of a UUID", "[text_forms]") {
  CHECK(admin::id_text({0x0123'4567'89ab'cdef, 0x0fed'cba9'8765'4321}) ==
        "01234567-89ab-cdef-0fed-cba987654321");
  CHECK(admin::id_text({}) == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("Base64 is that of RFC 4648", "[text_forms]") {
  struct {
    const char* bytes;
    const char* text;
  } const cases[] = {{"", ""},
                     {"f", "Zg=="},
                     {"fo", "Zm8="},
                     {"foo", "Zm9v"},
                     {"foob", "Zm9vYg=="},
                     {"fooba", "Zm9vYmE="},
                     {"foobar", "Zm9vYmFy"}};
  for (const auto& each : cases) {
    CHECK(to_base64(each.bytes) == each.text);
    CHECK(from_base64(each.text) == each.bytes);
  }
  CHECK(to_base64("\xfb\xff\xfe") == "+//+");
  for (const char* const wrong :
       {"Zg=", "Zg", "Zh==", "Z===", "====", "Zg==Zg==", "Zm=v", "Zm 9"}) {
    CAPTURE(wrong);
    CHECK(!from_base64(wrong));
  }
}

TEST_CASE("Any payload comes back as it was", "[text_forms]") {
  std::mt19937_64 random(random_seed());
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes;
    // Few or many of the bytes are ASCII, so that both forms occur.
    const unsigned kinds = i % 2 == 0 ? 128 : 256;
    for (auto left = random() % 40; left > 0; --left) bytes += static_cast<char>(random() % kinds);
    json::object made;
    admin::put_payload(made, bytes);
    REQUIRE(admin::payload_of(json::parse(json::serialize(made)).as_object()) == bytes);
    if (kinds == 128) REQUIRE(made.contains("payload"));
  }
}

TEST_CASE("A damaged payload is none", "[text_forms]") {
  for (const char* const each :
       {"{}", R"({"payload":1})", R"({"payload_base64":"Z"})", R"({"payload_base64":null})"}) {
    CAPTURE(each);
    CHECK(!admin::payload_of(json::parse(each).as_object()));
  }
}

}  // namespace
}  // namespace vibes::test
