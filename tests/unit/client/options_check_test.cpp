#include "client/options_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

ClientOptions usable() {
  return {.url = "https://forms.example.com",
          .company_id = 1,
          .integration_key = Secret::from_string("key", "a test"),
          .time_zone = "UTC",
          .store = "weir.db"};
}

struct Field {
  const char* name;
  std::function<void(ClientOptions&, std::int64_t)> set;
  std::int64_t least;
};

// Every option that is a number or a time, with the least that can be used.
const std::vector<Field> kFields = {
    {"company_id", [](ClientOptions& o, std::int64_t v) { o.company_id = v; }, 1},
    {"calls_per_day", [](ClientOptions& o, std::int64_t v) { o.calls_per_day = v; }, 1},
    {"max_connections",
     [](ClientOptions& o, std::int64_t v) {
       o.max_connections = static_cast<int>(std::clamp<std::int64_t>(
           v, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
     },
     1},
    {"upserts", [](ClientOptions& o, std::int64_t v) { o.limits.upserts = v; }, 1},
    {"deletes", [](ClientOptions& o, std::int64_t v) { o.limits.deletes = v; }, 1},
    {"cell_updates", [](ClientOptions& o, std::int64_t v) { o.limits.cell_updates = v; }, 1},
    {"replace_rows", [](ClientOptions& o, std::int64_t v) { o.limits.replace_rows = v; }, 1},
    {"rows_per_data_source",
     [](ClientOptions& o, std::int64_t v) { o.limits.rows_per_data_source = v; }, 1},
    {"page_rows", [](ClientOptions& o, std::int64_t v) { o.limits.page_rows = v; }, 1},
    {"body_bytes", [](ClientOptions& o, std::int64_t v) { o.limits.body_bytes = v; }, 1},
    {"cell_bytes", [](ClientOptions& o, std::int64_t v) { o.sizes.cell_bytes = v; }, 1},
    {"row_bytes", [](ClientOptions& o, std::int64_t v) { o.sizes.row_bytes = v; }, 1},
    {"outbox_bytes", [](ClientOptions& o, std::int64_t v) { o.sizes.outbox_bytes = v; }, 1},
    {"interactive_reserve", [](ClientOptions& o, std::int64_t v) { o.interactive_reserve = v; }, 0},
    {"outside_reserve", [](ClientOptions& o, std::int64_t v) { o.outside_reserve = v; }, 0},
    {"call_timeout", [](ClientOptions& o, std::int64_t v) { o.call_timeout = Milliseconds(v); }, 1},
    {"connect_timeout",
     [](ClientOptions& o, std::int64_t v) { o.connect_timeout = Milliseconds(v); }, 1},
    {"wait", [](ClientOptions& o, std::int64_t v) { o.wait = Milliseconds(v); }, 0},
    {"lease_rest", [](ClientOptions& o, std::int64_t v) { o.lease_rest = Milliseconds(v); }, 0},
    {"max_answer_bytes", [](ClientOptions& o, std::int64_t v) { o.max_answer_bytes = v; }, 1},
    {"deadline",
     [](ClientOptions& o, std::int64_t v) { o.sources["A"].deadline = Milliseconds(v); }, 0},
    {"shortest",
     [](ClientOptions& o, std::int64_t v) { o.sources["A"].shortest = Milliseconds(v); }, 0},
};

TEST(CheckedOptions, AreTheDefaults) { EXPECT_TRUE(checked(usable())); }

TEST(CheckedOptions, HoldNoNumberThatOpensALimit) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const Field& field : kFields) {
    ClientOptions options = usable();
    field.set(options, field.least);
    EXPECT_TRUE(checked(options)) << field.name;
    for (const std::int64_t value :
         {kLeast, kLeast + 1, std::int64_t{-1}, field.least - 1, kMost, kMost - 1}) {
      if (field.name == std::string("company_id") && value > 0) continue;
      options = usable();
      field.set(options, value);
      const auto found = checked(options);
      ASSERT_FALSE(found) << field.name << " " << value;
      EXPECT_EQ(found.error().code, ErrorCode::kInvalidConfig);
    }
  }
}

TEST(CheckedOptions, LeaveCallsBesideTheReserves) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::pair<std::int64_t, std::int64_t>> reserves = {
      {kMost, kMost}, {kMost, 2}, {1250, 1250}, {2500, 0}, {0, 2500}};
  for (const auto& [interactive, outside] : reserves) {
    ClientOptions options = usable();
    options.interactive_reserve = interactive;
    options.outside_reserve = outside;
    EXPECT_FALSE(checked(options)) << interactive << " " << outside;
  }
}

TEST(CheckedOptions, HoldNoPriceOrWeightThatIsNoNumber) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {kInfinite, -kInfinite, kNone, -1.0, -1e-300, 1e300}) {
    ClientOptions options = usable();
    options.price_row_seconds = value;
    EXPECT_FALSE(checked(options)) << value;
    options = usable();
    options.sources["A"].weight = value;
    EXPECT_FALSE(checked(options)) << value;
  }
}

}  // namespace
}  // namespace weir
