// The power fails at any moment of what the store does: each transaction is there whole or not at
// all, and one that had returned is there.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <optional>
#include <random>

#include "budget/ledger.h"
#include "outbox/outbox.h"
#include "support/lossy_disk.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using outbox::Batch;
using testing::LossyDisk;

constexpr int kSteps = 160;
const TimePoint kNow = TimePoint(475000h);

// All tables as text.
std::string content_of(SQLite::Database& database) {
  std::string text;
  SQLite::Statement tables(database,
                           "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  while (tables.executeStep()) {
    const std::string name = tables.getColumn(0).getString();
    SQLite::Statement rows(database, "SELECT * FROM " + name);
    while (rows.executeStep()) {
      text += name;
      for (int i = 0; i < rows.getColumnCount(); ++i) text += "|" + rows.getColumn(i).getString();
      text += "\n";
    }
  }
  return text;
}

class PowerLossTest : public ::testing::Test {
 protected:
  PowerLossTest() {
    disk_.before_each = [this] {
      if (is_watching_ && random_() % 5 == 0) left_.push_back(disk_.after_power_loss(random_));
    };
  }

  std::string content() const {
    SQLite::Database database(folder_.file("weir.db"), SQLite::OPEN_READONLY);
    return content_of(database);
  }

  // One transaction, during which the power may fail, and after which it fails.
  template <class Work>
  void step(const Work& work) {
    const std::string before = content();
    is_watching_ = true;
    work();
    is_watching_ = false;
    const std::string after = content();
    for (const LossyDisk::Files& files : left_) {
      const std::string found = found_in(files);
      EXPECT_TRUE(found == before || found == after) << "neither before nor after, but:\n" << found;
      ++(found == before ? lost_ : kept_);
    }
    left_.clear();
    EXPECT_EQ(found_in(disk_.after_power_loss(random_)), after) << "it had returned";
    ++kept_;
  }

  // What the next start finds, in a folder of its own.
  static std::string found_in(const LossyDisk::Files& files) {
    const testing::TemporaryFolder folder;
    for (const auto& [name, bytes] : files) folder.write(name, bytes);
    SQLite::Database database(folder.file("weir.db"), SQLite::OPEN_READWRITE);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
    return content_of(database);
  }

  std::vector<Change> any_changes() {
    std::vector<Change> changes;
    for (std::size_t count = 1 + random_() % 40; count > 0; --count) {
      const std::string key = std::to_string(random_() % 120);
      const bool erases = random_() % 4 == 0;
      changes.push_back(erases ? Change(Erase{key})
                               : Change(Upsert{{key, std::string(random_() % 300, 'v')}}));
    }
    return changes;
  }

  void apply_changes() { EXPECT_TRUE(outbox_.apply("S", any_changes(), kNow)); }

  void take_or_end_a_batch() {
    if (batch_) {
      EXPECT_TRUE(random_() % 3 == 0 ? outbox_.give_back(*batch_) : outbox_.acknowledge(*batch_));
      batch_.reset();
    } else {
      batch_ = outbox_.next_batch("S", 50).value();
    }
  }

  void spend_a_call() {
    EXPECT_TRUE(ledger_.spend({.method = "PUT", .target = "S", .rows = 1, .reason = "price"}));
  }

  const testing::TemporaryFolder folder_;
  LossyDisk disk_{folder_.path().string()};
  store::Store store_ = store::open_store({.location = folder_.file("weir.db")}).value();
  outbox::Outbox outbox_{*store_.database, {}};
  budget::Ledger ledger_{store_,
                         std::make_shared<testing::ManualClock>(kNow),
                         budget::OrgCalendar::open("UTC").value(),
                         {.host = "here"}};
  std::optional<Batch> batch_;
  std::mt19937 random_{20261126};
  bool is_watching_ = false;
  std::vector<LossyDisk::Files> left_;
  int kept_ = 0;
  int lost_ = 0;
};

TEST_F(PowerLossTest, LeavesEachTransactionWholeOrNotThereAndWhatHasReturnedIsThere) {
  for (int i = 0; i < kSteps; ++i) {
    switch (i % 4) {
      case 0:
        step([&] { spend_a_call(); });
        break;
      case 1:
        step([&] { take_or_end_a_batch(); });
        break;
      default:
        step([&] { apply_changes(); });
    }
  }
  std::printf("The power failed %d times: %d transactions were there, %d were not, none in part\n",
              kept_ + lost_, kept_, lost_);
  EXPECT_GE(kept_ + lost_, 500);
  EXPECT_GE(lost_, 100);
}

}  // namespace
}  // namespace weir
