#include "mock_server/data_source_table.h"

#include <gtest/gtest.h>

namespace weir::mock {
namespace {

class DataSourceTableTest : public ::testing::Test {
 protected:
  DataSourceTableTest() {
    EXPECT_EQ(put({.rows = {{{"1", "a", "x"}, {"2", "b", "y"}}}}), std::nullopt);
  }

  // The ErrorCode of a refusal.
  std::optional<std::string> put(const Put& content,
                                 UnknownDelete unknown = UnknownDelete::kIgnore) {
    const auto error = table_.apply(content, unknown, Instant{});
    return error ? std::optional(error->code) : std::nullopt;
  }

  std::vector<Row> rows() const { return {table_.rows().begin(), table_.rows().end()}; }

  DataSourceTable table_{"id", "S", {"id", "city", "crew"}};
};

TEST_F(DataSourceTableTest, ReplacesAllRowsAndIgnoresTheOtherLists) {
  EXPECT_EQ(put({.rows = {{{"9", "z", ""}}}, .new_rows = {{"8", "q", ""}}, .deleted_keys = {"9"}}),
            std::nullopt);
  EXPECT_EQ(rows(), (std::vector<Row>{{"9", "z", ""}}));
}

TEST_F(DataSourceTableTest, UpdatesInsertsAndDeletesInOneCall) {
  EXPECT_EQ(put({.new_rows = {{"3", "c", "z"}, {"1", "A", "X"}},
                 .deleted_keys = {"2"},
                 .updates = {{"1", {{"crew", "w"}}}}}),
            std::nullopt);
  EXPECT_EQ(rows(), (std::vector<Row>{{"1", "A", "X"}, {"3", "c", "z"}}));
}

TEST_F(DataSourceTableTest, ChangesNothingWhenAnyPartIsWrong) {
  const std::vector<Row> before = rows();
  EXPECT_EQ(put({.new_rows = {{"3", "c", "z"}, {"4", "d"}}}), "ArgumentException");
  EXPECT_EQ(put({.new_rows = {{"3", "c", "z"}}, .updates = {{"77", {{"crew", "w"}}}}}),
            "Predicate");
  EXPECT_EQ(put({.new_rows = {{"", "c", "z"}}}), "ArgumentException");
  EXPECT_EQ(put({.updates = {{"1", {{"boss", "w"}}}}}), "ArgumentException");
  EXPECT_EQ(rows(), before);
}

TEST_F(DataSourceTableTest, IgnoresOrRefusesTheDeleteOfAnUnknownKey) {
  EXPECT_EQ(put({.deleted_keys = {"77"}}), std::nullopt);
  EXPECT_EQ(put({.deleted_keys = {"1", "77"}}, UnknownDelete::kRefuse), "Predicate");
  EXPECT_EQ(rows().size(), 2U);
}

TEST_F(DataSourceTableTest, LetsTheLastOfARepeatedKeyWin) {
  EXPECT_EQ(put({.new_rows = {{"5", "a", ""}, {"5", "b", ""}}}), std::nullopt);
  EXPECT_EQ(rows().back(), (Row{"5", "b", ""}));
}

TEST_F(DataSourceTableTest, RemovesAColumnThatNewHeadersLeaveOut) {
  EXPECT_EQ(put({.headers = {{{"id"}, {"crew"}}}}), std::nullopt);
  EXPECT_EQ(rows(), (std::vector<Row>{{"1", "x"}, {"2", "y"}}));
  EXPECT_EQ(put({.new_rows = {{"3", "c", "z"}}}), "ArgumentException");
}

TEST_F(DataSourceTableTest, EnforcesTheLimitsPerCall) {
  const auto many = [](std::size_t count) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back({std::to_string(i), "a", "b"});
    return rows;
  };
  EXPECT_EQ(put({.new_rows = many(1500)}), std::nullopt);
  EXPECT_EQ(put({.new_rows = many(1501)}), "ArgumentException");
  EXPECT_EQ(put({.deleted_keys = std::vector<std::string>(501, "1")}), "ArgumentException");
  EXPECT_EQ(put({.updates = std::vector<RowUpdate>(1501, {"1", {}})}), "ArgumentException");
  EXPECT_EQ(put({.rows = many(10000)}), std::nullopt);
  EXPECT_EQ(put({.rows = many(10001)}), "ArgumentException");
}

TEST_F(DataSourceTableTest, HoldsAtMost50000Rows) {
  for (int call = 0; call < 34; ++call) {
    std::vector<Row> rows;
    for (int i = 0; i < 1500; ++i)
      rows.push_back({std::to_string(call) + "-" + std::to_string(i), "a", "b"});
    EXPECT_EQ(put({.new_rows = rows}),
              call < 33 ? std::nullopt : std::optional<std::string>("ArgumentException"))
        << call;
  }
  EXPECT_LE(rows().size(), 50000U);
}

}  // namespace
}  // namespace weir::mock
