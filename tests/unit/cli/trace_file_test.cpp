#include "input/trace_file.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

class TraceFileTest : public ::testing::Test {
 protected:
  Result<TraceFile> open(const std::string& content) {
    return TraceFile::open(folder_.write("c.csv", content), {.source = "district", .key = "id"});
  }
  std::string problem(const std::string& line) {
    Result<TraceFile> file = open("time_ms,op,district,id,text\n" + line + "\n");
    EXPECT_TRUE(file);
    const auto change = file->next();
    return change ? "" : change.error().message;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(TraceFileTest, ReadsUpsertsAndDeletesWhereverTheColumnsStand) {
  Result<TraceFile> file = open("op,text,id,district,time_ms\nupsert,x,1,A,5\ndelete,,1,A,6\n");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->columns().values, std::vector<std::string>{"text"});
  const auto first = file->next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->time, TimePoint(Milliseconds(5)));
  EXPECT_EQ((*first)->source, "A");
  EXPECT_EQ((*first)->key, "1");
  EXPECT_EQ((*first)->values, std::vector<std::string>{"x"});
  EXPECT_FALSE(file->next().value()->values);
  EXPECT_FALSE(file->next().value());
}

TEST_F(TraceFileTest, NamesTheLineAndWhatIsWrongWithIt) {
  EXPECT_NE(problem("soon,upsert,A,1,x").find("line 2: time_ms is 'soon'"), std::string::npos);
  EXPECT_NE(problem("5,insert,A,1,x").find("op is 'insert'"), std::string::npos);
  EXPECT_NE(problem("5,upsert,,1,x").find("the data source is empty"), std::string::npos);
  EXPECT_NE(problem("5,upsert,A,,x").find("the key is empty"), std::string::npos);
  EXPECT_NE(problem("5,upsert,A,1").find("4 cells"), std::string::npos);
}

TEST_F(TraceFileTest, RefusesATimeThatCannotBeMeant) {
  const auto second = [&](const std::string& first_time, const std::string& time) {
    Result<TraceFile> file = open("time_ms,op,district,id,text\n" + first_time + ",upsert,A,1,x\n" +
                                  time + ",upsert,A,1,x\n");
    for (int i = 0; i < 2; ++i) {
      if (const auto change = file->next(); !change) return change.error().message;
    }
    return std::string("no problem");
  };
  const std::int64_t start = 1707120060000;
  const std::int64_t day = 24LL * 3600 * 1000;
  for (const std::int64_t days : {0, 1, 365, 400})
    EXPECT_EQ(second(std::to_string(start), std::to_string(start + days * day)), "no problem");
  for (const std::int64_t days : {401, 3 * 365, 50 * 365}) {
    const std::string message = second(std::to_string(start), std::to_string(start + days * day));
    EXPECT_NE(message.find("line 3: time_ms"), std::string::npos) << message;
    EXPECT_NE(message.find("more than 400 days"), std::string::npos) << message;
  }
  EXPECT_NE(second("0", std::to_string(start)).find("more than 400 days"), std::string::npos);
  EXPECT_EQ(second("5", "5"), "no problem");
  EXPECT_NE(second("1707120060", "1707120061").find("line 2: time_ms is '1707120060', which looks"),
            std::string::npos);
  EXPECT_NE(second("-5", "5").find("line 2: time_ms is '-5'"), std::string::npos);
}

TEST_F(TraceFileTest, NamesTheColumnThatIsMissing) {
  const Result<TraceFile> file = open("time_ms,op,region,id\n");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("no column 'district'; there are: time_ms, op, region, id"),
            std::string::npos);
}

TEST_F(TraceFileTest, TakesTheRowsAtTheStartInTheTracesOrderOfColumns) {
  const TraceColumns columns{.source = "district", .key = "id", .values = {"a", "b"}};
  const auto rows =
      read_initial_rows(folder_.write("i.csv", "b,district,a,id\n2,A,1,7\n"), columns);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().values, (std::vector<std::string>{"1", "2"}));
}

}  // namespace
}  // namespace weir::cli
