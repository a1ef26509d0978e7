#include "mock_server/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "support/temporary_folder.h"

namespace weir::mock {
namespace {

using namespace std::chrono_literals;

class JournalTest : public ::testing::Test {
 protected:
  static AppliedPut put(const std::string& key, Instant time) {
    return {.time = time,
            .request = {.company_id = "7",
                        .integration_key = "CANARY-key",
                        .selector = {.external_id = "A"},
                        .content = {.new_rows = {{key, "a \"quoted\" \xC3\xA9"}},
                                    .deleted_keys = {"gone"},
                                    .updates = {{"2", {{"text", ""}}}}}}};
  }

  Kept read() const {
    Journal journal;
    auto found = journal.open(path_);
    const auto* problem = std::get_if<std::string>(&found);
    EXPECT_EQ(problem, nullptr) << *problem;
    return problem == nullptr ? std::get<Kept>(std::move(found)) : Kept();
  }

  std::string problem() const {
    Journal journal;
    auto found = journal.open(path_);
    const auto* problem = std::get_if<std::string>(&found);
    return problem == nullptr ? "" : *problem;
  }

  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const testing::TemporaryFolder folder_;
  const std::string path_ = folder_.file("state.json");
};

TEST_F(JournalTest, GivesBackWhatWasKeptInItsOrder) {
  {
    Journal journal;
    ASSERT_TRUE(std::holds_alternative<Kept>(journal.open(path_)));
    journal.keep(CallCount{.day = "2026-11-26", .calls = 1, .refused = 0});
    journal.keep(put("1", Instant(5us)));
    journal.keep(CallCount{.day = "2026-11-27", .calls = 3, .refused = 2});
    journal.keep(put("2", Instant(7s)));
  }
  const Kept kept = read();
  ASSERT_TRUE(kept.count);
  EXPECT_EQ(kept.count->day, "2026-11-27");
  EXPECT_EQ(kept.count->calls, 3);
  EXPECT_EQ(kept.count->refused, 2);
  ASSERT_EQ(kept.puts.size(), 2U);
  EXPECT_EQ(kept.puts[0].time, Instant(5us));
  EXPECT_EQ(kept.puts[1].time, Instant(7s));
  const PutRequest expected = put("2", {}).request;
  const PutRequest& found = kept.puts[1].request;
  EXPECT_EQ(found.selector.external_id, "A");
  EXPECT_EQ(found.content.new_rows, expected.content.new_rows);
  EXPECT_EQ(found.content.deleted_keys, expected.content.deleted_keys);
  EXPECT_EQ(found.content.updates.at(0).cells.at(0).column, "text");
  EXPECT_FALSE(found.content.rows) << "a list that was absent stays absent";
}

TEST_F(JournalTest, BeginsAnewWithWhatItComesTo) {
  {
    Journal journal;
    ASSERT_TRUE(std::holds_alternative<Kept>(journal.open(path_)));
    journal.keep(put("1", Instant(5us)));
    journal.keep(put("1", Instant(6us)));
    EXPECT_EQ(journal.begin({.count = CallCount{}, .puts = {put("1", Instant(6us))}}), "");
    journal.keep(put("2", Instant(7us)));
  }
  EXPECT_EQ(read().puts.size(), 2U);
}

TEST_F(JournalTest, LeavesOutALineThatWasCutOff) {
  {
    Journal journal;
    ASSERT_TRUE(std::holds_alternative<Kept>(journal.open(path_)));
    journal.keep(put("1", Instant(5us)));
    journal.keep(put("2", Instant(5us)));
  }
  const std::string whole = content();
  for (std::size_t size = whole.size() / 2; size < whole.size(); ++size) {
    folder_.write("state.json", whole.substr(0, size));
    EXPECT_EQ(read().puts.size(), 1U) << size;
  }
}

TEST_F(JournalTest, KeepsNoKeyAndIsForItsOwnerOnly) {
  {
    Journal journal;
    ASSERT_TRUE(std::holds_alternative<Kept>(journal.open(path_)));
    journal.keep(put("1", Instant(5us)));
  }
  EXPECT_NE(content().find("quoted"), std::string::npos);
  EXPECT_EQ(content().find("CANARY"), std::string::npos);
  struct stat found = {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(JournalTest, RefusesAFileThatIsNotItsOwnAndLeavesItAlone) {
  for (const std::string text : {"id,text\n1,a\n", "{}\n", "[1]\n", "{\"put\":\"{}\"}\n"}) {
    folder_.write("state.json", text);
    EXPECT_NE(problem().find("is not one of weir-mock-server"), std::string::npos) << text;
    EXPECT_EQ(content(), text);
  }
}

TEST_F(JournalTest, RefusesAFileThatAnotherServerUses) {
  Journal other;
  ASSERT_TRUE(std::holds_alternative<Kept>(other.open(path_)));
  EXPECT_NE(problem().find("in use by another mock server"), std::string::npos);
  EXPECT_EQ(other.begin({}), "");
  EXPECT_NE(problem().find("in use by another mock server"), std::string::npos);
}

}  // namespace
}  // namespace weir::mock
