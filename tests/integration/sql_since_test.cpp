// The parameter :since of a followed query, on each way to a database: all rows are above the
// lowest version, and those of a version are asked for as that was read.
#include "sql_fixture.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

Result<std::vector<Row>> since(const std::string& url, const std::string& query,
                               const std::optional<std::string>& version) {
  std::vector<Row> rows;
  const Result<void> read = read_query(
      url, query, {.since = SinceVersion{.column = "v", .version = version}},
      [](const std::vector<std::string>&) -> Result<void> { return {}; },
      [&](const Row& row) -> Result<void> {
        rows.push_back(row);
        return {};
      });
  if (!read) return read.error();
  return rows;
}

class SinceOnEachWay : public OnEachWay {
 protected:
  // A table of two versions.
  void make(const std::string& type, const std::string& earlier, const std::string& later) const {
    GetParam().run("DROP TABLE IF EXISTS since_table");
    GetParam().run("CREATE TABLE since_table (id INTEGER, v " + type + ")");
    GetParam().run("INSERT INTO since_table VALUES (1, " + earlier + "), (2, " + later + ")");
  }
};

TEST_P(SinceOnEachWay, AsksForAllRowsAndThenForTheLaterOnes) {
  const std::string name = GetParam().name;
  std::vector<std::array<std::string, 3>> types = {
      {"TIMESTAMP", "'2026-11-29 10:00:00'", "'2026-11-30 10:00:00'"},
      {"DATE", "'2026-11-29'", "'2026-11-30'"},
      {"INTEGER", "0", "1764490500"},
      {"BIGINT", "0", "1764490500123"},
      {"SMALLINT", "0", "42"},
      {"NUMERIC(20,3)", "0.5", "1764490500.125"},
      {"DOUBLE PRECISION", "0.5", "2.5"},
      {"VARCHAR(40)", "'2026-11-29T10:00:00Z'", "'2026-11-30T10:00:00Z'"}};
  if (name == "postgresql" || name.starts_with("psqlodbc")) {
    types.push_back({"TIMESTAMPTZ", "'2026-11-29 10:00:00+01'", "'2026-11-30 10:00:00.25+01'"});
    types.push_back({"REAL", "0.5", "2.5"});
  }
  if (name == "mariadb")
    types.push_back({"DATETIME(6)", "'1000-01-01'", "'2026-11-30 10:00:00.25'"});
  for (const auto& [type, earlier, later] : types) {
    // The one moment that is before the year 1753, which ODBC takes for the earliest.
    const std::string from = type == "DATETIME(6)" ? "'1753-01-02'" : earlier;
    make(type, from, later);
    const std::string query = "SELECT id, v FROM since_table WHERE v > :since ORDER BY id";
    const Result<std::vector<Row>> all = since(GetParam().url(), query, {});
    ASSERT_TRUE(all) << name << " " << type << ": " << all.error().message;
    ASSERT_EQ(all->size(), 2U) << name << " " << type;
    const Result<std::vector<Row>> news = since(GetParam().url(), query, all->front().at(1));
    ASSERT_TRUE(news) << name << " " << type << ": " << news.error().message;
    ASSERT_EQ(news->size(), 1U) << name << " " << type << " " << all->front().at(1);
    EXPECT_EQ(news->front().front(), "2") << name << " " << type;
    EXPECT_TRUE(since(GetParam().url(), query, all->back().at(1))->empty()) << name << " " << type;
  }
}

TEST_P(SinceOnEachWay, IsAPlaceThatAFollowedQueryMustHave) {
  make("INTEGER", "1", "2");
  const Result<std::vector<Row>> rows =
      since(GetParam().url(), "SELECT id, v FROM since_table WHERE v > 1 -- :since", {});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message, HasSubstr("no :since"));
}

TEST_P(SinceOnEachWay, MayStandSeveralTimes) {
  make("INTEGER", "1", "2");
  const std::string query =
      "SELECT id, v FROM since_table WHERE v > :since AND v >= :since AND ':since' <> ''";
  EXPECT_EQ(since(GetParam().url(), query, "1")->size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Ways, SinceOnEachWay, ::testing::ValuesIn(all_ways()), way_name);

TEST(Since, OfAColumnThatHasNoOrderIsRefused) {
  postgres().sql("DROP TABLE IF EXISTS since_points; CREATE TABLE since_points (id int, v json)");
  const Result<std::vector<Row>> rows =
      since(postgres().url(), "SELECT id, v FROM since_points WHERE v::text > :since", {});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message, HasSubstr("cannot be followed"));
}

TEST(Since, OfAColumnThatIsNotThereIsRefused) {
  const Result<std::vector<Row>> rows =
      since(postgres().url(), "SELECT 1 AS id, 2 AS w WHERE 3 > :since", {});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message, HasSubstr("no column 'v'"));
}

}  // namespace
}  // namespace weir::cli
