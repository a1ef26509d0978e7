#include "store/identity.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "os/store_file.h"
#include "support/any_store.h"
#include "support/temporary_folder.h"

namespace weir::store {
namespace {

class IdentityTest : public testing::AnyStoreTest {
 protected:
  // Recognized by a process that finds the store to be this.
  Recognized recognized_as(const std::string& identity) {
    Store store = file_.open();
    store.identity = [identity](Statements&) { return identity; };
    return recognize(store, file_.location()).value();
  }

  void run(const std::string& sql) {
    Store store = file_.open();
    ASSERT_TRUE(store.database->write([&](Statements& statements) -> Result<void> {
      statements.run(sql);
      return {};
    }));
  }

  void spend() {
    run("INSERT INTO calls (id, org_day, time_ms, method, target, row_count, reason, charged, "
        "process) SELECT coalesce(max(id), 0) + 1, '2026-11-29', 0, 'PUT', 't', 1, 'r', 1, 1 FROM "
        "calls");
  }
};

TEST_P(IdentityTest, IsNewOnceAndThenTheSame) {
  EXPECT_TRUE(recognized_as("7 1").is_new);
  for (int i = 0; i < 3; ++i) {
    const Recognized again = recognized_as("7 1");
    EXPECT_FALSE(again.is_new || again.may_be_a_copy);
  }
}

TEST_P(IdentityTest, IsACopyUntilSomebodySaysHowManyCallsWereMade) {
  recognized_as("7 1");
  run("INSERT INTO data_sources (id, mirror_complete) VALUES ('KNOWN', 1), ('NEW', 0)");
  EXPECT_TRUE(recognized_as("8 1").may_be_a_copy);
  EXPECT_TRUE(recognized_as("8 1").may_be_a_copy) << "not only once";
  Store store = file_.open();
  const auto doubtful = store.database->read([](Statements& sql) -> Result<std::string> {
    return sql.run("SELECT id FROM data_sources WHERE doubtful = 2").at(0).text(0);
  });
  EXPECT_EQ(doubtful.value(), "KNOWN");
  ASSERT_TRUE(trust(store));
  EXPECT_FALSE(recognized_as("8 1").may_be_a_copy);
}

TEST_P(IdentityTest, IsKnownAgainByWhatTheStoreItselfTells) {
  Store store = file_.open();
  EXPECT_TRUE(recognize(store, file_.location())->is_new);
  Store again = file_.open();
  const Recognized same = recognize(again, file_.location()).value();
  EXPECT_FALSE(same.is_new || same.may_be_a_copy);
}

TEST_P(IdentityTest, TakesAStoreOfBeforeForItself) {
  run("INSERT INTO facts (name, value) VALUES ('company_id', '7')");
  const Recognized old = recognized_as("7 1");
  EXPECT_FALSE(old.is_new || old.may_be_a_copy);
}

TEST_P(IdentityTest, IsAnOlderCopyOfItselfWhenItKnowsFewerCalls) {
  recognized_as("7 1");
  if (file_.location().find("://") != std::string::npos) return;  // a file is kept beside a file
  spend();
  spend();
  Store store = file_.open();
  note_calls(store, file_.location());
  run("DELETE FROM calls WHERE id = 2");
  EXPECT_TRUE(recognized_as("7 1").may_be_a_copy);
}

TEST_P(IdentityTest, IsAnOlderCopyOfItselfWhetherOrNotSomebodyHasTrustedAnEarlierOne) {
  if (file_.location().find("://") != std::string::npos) return;
  recognized_as("7 1");
  EXPECT_TRUE(recognized_as("8 1").may_be_a_copy);
  const auto doubtful = [&] {
    return file_.open()
        .database
        ->read([](Statements& sql) -> Result<bool> {
          return !sql.run("SELECT 1 FROM data_sources WHERE doubtful = 2").empty();
        })
        .value();
  };
  run("INSERT INTO data_sources (id, mirror_complete) VALUES ('S', 1)");
  spend();
  Store store = file_.open();
  note_calls(store, file_.location());
  recognized_as("8 1");
  EXPECT_FALSE(doubtful()) << "it is no older than it was";
  run("DELETE FROM calls WHERE id = 1");
  recognized_as("8 1");
  EXPECT_TRUE(doubtful());
}

struct Pair {
  const char* one;
  const char* other;
  bool are_same;
};

TEST(FileIdentity, SurvivesARenameAndARestartAndIsOfOneMachine) {
  for (const Pair& pair :
       {Pair{"7 1", "7 1", true}, Pair{"7 1", "8 1", false}, Pair{"7 1", "7 2", false},
        Pair{"7 -", "7 2", true}, Pair{"7 1", "7 -", true}, Pair{"7 -", "8 -", false},
        Pair{"1.2.3", "1.2.3", true}, Pair{"1.2.3", "1.2.4", false},
        // The number of a removed file is given to the next one.
        Pair{"7@5 1", "7@5 1", true}, Pair{"7@5 1", "7@6 1", false}, Pair{"7@5 1", "7@5 2", false},
        Pair{"7 1", "7@6 1", true}, Pair{"7@5 -", "7@5 1", true}, Pair{"7@5 -", "7@6 -", false}})
    EXPECT_EQ(is_same(pair.one, pair.other), pair.are_same) << pair.one << " and " << pair.other;
  EXPECT_EQ(identity_of_file("7", ""), "7 -");
  EXPECT_EQ(identity_of_file("7", "abc").find("abc"), std::string::npos);
}

TEST_P(IdentityTest, LearnsTheMomentOfAFileThatAnEarlierVersionHasMade) {
  recognized_as("7 1");
  EXPECT_FALSE(recognized_as("7@5 1").may_be_a_copy);
  EXPECT_TRUE(recognized_as("7@6 1").may_be_a_copy);
}

// On a file system that keeps the moments of files, as those of disks do.
TEST(FileIdentity, IsAnotherOneForAFileThatIsMadeAnew) {
  const testing::TemporaryFolder folder;
  folder.write("store", "");
  const std::string before = os::file_number(folder.file("store"));
  std::filesystem::rename(folder.file("store"), folder.file("renamed"));
  EXPECT_EQ(os::file_number(folder.file("renamed")), before);
  std::filesystem::remove(folder.file("renamed"));
  folder.write("store", "");
  EXPECT_NE(os::file_number(folder.file("store")), before);
}

WEIR_FOR_EVERY_STORE(IdentityTest);

}  // namespace
}  // namespace weir::store
