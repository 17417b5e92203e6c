#include "daemon/app/descriptor_budget.hpp"

#include <catch2/catch.hpp>

#include "daemon/io/admin/admin_server.hpp"

namespace vibes::test {
namespace {

using app::descriptor_budget;
using app::plan_descriptors;
using app::reserved_descriptors;

static_assert(app::admin_descriptors == io::admin_server::connections_max);

TEST_CASE("The limit is raised as far as producers and the reserve need it", "[descriptors]") {
  const descriptor_budget plan = plan_descriptors(1'024, 1'024, 524'288);
  CHECK(plan.limit == 1'024 + reserved_descriptors);
  CHECK(plan.producers_max == 1'024);
}

TEST_CASE("A limit that is higher than needed stays", "[descriptors]") {
  const descriptor_budget plan = plan_descriptors(10, 8'192, 8'192);
  CHECK(plan.limit == 8'192);
  CHECK(plan.producers_max == 10);
}

TEST_CASE("Producers get what the reserve leaves of the hard limit", "[descriptors]") {
  for (std::uint64_t hard = 1; hard < 200; ++hard) {
    for (const std::uint64_t more : {0, 3}) {
      const descriptor_budget plan =
          plan_descriptors(100, std::min<std::uint64_t>(hard, 20), hard, more);
      CAPTURE(hard, more);
      CHECK(plan.limit <= hard);
      CHECK(plan.producers_max >= 1);
      CHECK(plan.producers_max <= 100);
      const std::uint64_t all = reserved_descriptors + more + plan.producers_max;
      if (plan.producers_max > 1) CHECK(all <= plan.limit);
      if (plan.producers_max < 100 && plan.producers_max > 1) CHECK(all == hard);
    }
  }
}

}  // namespace
}  // namespace vibes::test
