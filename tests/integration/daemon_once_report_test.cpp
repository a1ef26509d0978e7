// What `weir run --once` and `weir run --dry-run` say of what they did and would do.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "daemon_run_fixture.h"

namespace weir {
namespace {

using nlohmann::json;
using testing::Finished;
using ::testing::HasSubstr;

class OnceReportTest : public testing::DaemonRunTest {
 protected:
  void SetUp() override {
    DaemonRunTest::SetUp();
    std::filesystem::create_directory(folder_.file("in"));
    put("outages.csv", testing::rows_up_to(30));
    settings("[source.OUTAGES]\ncsv = 'outages.csv'\nsettle = '0s'\nfirst = 'replace'\n");
    ASSERT_EQ(told({"run", "--once"}).exit_code, 0);
    settings("[source.OUTAGES]\ndirectory = 'in'\nsettle = '0s'\n");
  }

  static std::string upsert(int id, const std::string& city) {
    return "op,id,city,status\nupsert," + std::to_string(id) + "," + city + ",a\n";
  }
  Finished once() { return told({"run", "--once"}); }
  json source_of(const std::string& flag) {
    return json::parse(told({"run", flag, "--json"}).out)["orgs"][0]["sources"][0];
  }
};

TEST_F(OnceReportTest, CountsARowThatSeveralFilesChangeOnce) {
  folder_.write("in/1.csv", upsert(1, "new"));
  folder_.write("in/3.csv", upsert(1, "newer") + "delete,2,,\n");
  const json source = source_of("--once");
  EXPECT_EQ(source["rows"], 3) << source;
  EXPECT_EQ(source["upserted"], 1) << source;
  EXPECT_EQ(source["deleted"], 1) << source;
  EXPECT_EQ(source["sent"], 2) << source;
}

TEST_F(OnceReportTest, SaysWhatWasSentThoughAFileWasRefused) {
  folder_.write("in/1.csv", upsert(1, "new") + "delete,2,,\n");
  folder_.write("in/2.csv", "op,id,town\nupsert,1,a\n");
  const Finished done = once();
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("OUTAGES: 1 row sent, 1 deleted, none unchanged; 1 call"));
}

TEST_F(OnceReportTest, NamesEachFileThatWasRefused) {
  for (const std::string name : {"2.csv", "4.csv", "6.csv"})
    folder_.write("in/" + name, "op,id,town\nupsert,1,a\n");
  folder_.write("in/5.csv", upsert(5, "new"));
  const Finished done = once();
  EXPECT_EQ(done.exit_code, 1);
  for (const std::string name : {"2.csv", "4.csv", "6.csv"})
    EXPECT_THAT(done.err, HasSubstr(name + ": refused, and moved to "));
  EXPECT_THAT(done.out, HasSubstr("OUTAGES: 1 row sent"));
}

TEST_F(OnceReportTest, SaysThatAFileOfChangesHasNoEnd) {
  folder_.write("in/1.csv", "op,id,city,status\nupsert,1,new,a");
  const Finished done = once();
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("if it was cut off, its last row is not whole"));
}

TEST_F(OnceReportTest, SaysThatWhatWasKeptHasBeenSent) {
  settings("");
  ASSERT_EQ(told({"apply", "--source", "OUTAGES", "--changes",
                  folder_.write("c.csv", upsert(1, "new")), "--keep"})
                .exit_code,
            0);
  EXPECT_THAT(once().out, HasSubstr("OUTAGES: 1 kept change sent; 1 call"));
}

// The platform's rows decide, and a dry run reads none.
TEST_F(OnceReportTest, ADryRunBeforeAnAdoptingPushNamesNoNumberThatItCannotKnow) {
  std::filesystem::remove(folder_.file("weir.db"));
  settings("[source.OUTAGES]\ncsv = 'outages.csv'\nsettle = '0s'\nfirst = 'adopt'\n");
  put("outages.csv", testing::rows_up_to(3));
  const json of_run = source_of("--dry-run");
  const Finished push = told({"push", "--source", "OUTAGES", "--csv", folder_.file("outages.csv"),
                              "--dry-run", "--max-deletes", "0", "--json"});
  EXPECT_EQ(push.exit_code, 0) << push.err;
  for (const json& source : {of_run, json::parse(push.out)}) {
    EXPECT_EQ(source["rows"], 3) << source;
    EXPECT_EQ(source["reads_rows_first"], true) << source;
    for (const char* unknown :
         {"upserted", "deleted", "unchanged", "to_upsert", "to_delete", "calls"})
      EXPECT_TRUE(source[unknown].is_null()) << unknown << source;
  }
  EXPECT_THAT(told({"run", "--dry-run"}).out, HasSubstr("1 call or more would be spent"));
}

}  // namespace
}  // namespace weir
