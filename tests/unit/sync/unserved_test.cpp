// Sources that nobody serves any more: their rows go after the retention, and nobody else's.
#include <gmock/gmock.h>

#include "service_fixture.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using testing::SyncDevice;
using testing::SyncServiceTest;
using testing::TableRows;

constexpr std::chrono::hours kRetention{24};

class UnservedTest : public SyncServiceTest {
 protected:
  static std::shared_ptr<TableRows> table() {
    auto rows = std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
    rows->set({{"1", "a"}, {"2", "b"}});
    return rows;
  }
  SyncSource poles() const {
    return {.id = "POLES", .rows = poles_, .rule = UserRule::same_rows_for_all()};
  }

  // Rows of all sources, those that are gone but not forgotten among them.
  std::int64_t kept_rows() const { return count("sync_rows"); }
  std::int64_t count(const std::string& table) const {
    const store::Store store = file_.open();
    return store.database
        ->read([&](store::Statements& sql) -> Result<std::int64_t> {
          return sql.run("SELECT count(*) FROM " + table).at(0).integer(0);
        })
        .value();
  }

  // A day in which devices ask, and the source changes, now and then.
  void pass_a_day(SyncService& service, SyncDevice& device, TableRows* changing = nullptr) {
    for (int hour = 0; hour < 25; ++hour) {
      clock_->advance(1h);
      if (changing != nullptr) changing->set({{"1", "hour " + std::to_string(hour)}});
      device.sync(service);
    }
  }

  std::shared_ptr<TableRows> poles_ = table();
  SyncDevice poles_device_{"ann@x.org", "POLES"};
};
WEIR_FOR_EVERY_STORE(UnservedTest);

TEST_P(UnservedTest, RowsGoAfterTheRetentionAlsoWhenNothingElseChanges) {
  open({crews(), poles()});
  ann_.sync(*service_);
  poles_device_.sync(*service_);
  ASSERT_EQ(kept_rows(), 5);
  open({crews()});
  clock_->advance(kRetention - 2h);
  ann_.sync(*service_);
  EXPECT_EQ(kept_rows(), 5) << "within the retention";
  pass_a_day(*service_, ann_);
  pass_a_day(*service_, ann_);
  EXPECT_EQ(kept_rows(), 3);
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
}

TEST_P(UnservedTest, RowsOfASourceThatIsServedStayThoughNobodyAsksForIt) {
  open({crews(), poles()});
  ann_.sync(*service_);
  poles_device_.sync(*service_);
  for (int days = 0; days < 3; ++days) pass_a_day(*service_, ann_);
  EXPECT_EQ(kept_rows(), 5);
  poles_device_.sync(*service_);
  EXPECT_EQ(poles_device_.rows().size(), 2U);
}

TEST_P(UnservedTest, RowsOfTheOtherServiceOnTheStoreStay) {
  service_.reset();
  SyncService crews_service = opened({crews()});
  SyncService poles_service = opened({poles()});
  for (int hour = 0; hour < 80; ++hour) {
    clock_->advance(1h);
    crews_->set({{"1", "hour " + std::to_string(hour), "ann@x.org"}});
    ann_.sync(crews_service);
    poles_device_.sync(poles_service);
  }
  EXPECT_EQ(poles_device_.rows().size(), 2U);
  poles_->set({{"1", "a"}});
  poles_device_.sync(poles_service);
  EXPECT_EQ(poles_device_.rows(), (testing::Rows{{"1", {"1", "a"}}}));
  EXPECT_EQ(poles_device_.sync(poles_service).sources.size(), 0U);
}

// As that of a site where everybody is on holiday.
TEST_P(UnservedTest, AServiceThatNobodyAskedForLongerThanTheRetentionGoesOnRight) {
  service_.reset();
  SyncService crews_service = opened({crews()});
  SyncService poles_service = opened({poles()});
  poles_device_.sync(poles_service);
  for (int days = 0; days < 4; ++days) pass_a_day(crews_service, ann_);
  EXPECT_EQ(kept_rows(), 3) << "those of POLES are gone";
  poles_device_.sync(poles_service);
  EXPECT_EQ(poles_device_.rows(), (testing::Rows{{"1", {"1", "a"}}, {"2", {"2", "b"}}}));
  SyncDevice fresh("bob@x.org", "POLES");
  fresh.sync(poles_service);
  EXPECT_EQ(fresh.rows(), poles_device_.rows());
  poles_->set({{"2", "b"}, {"3", "c"}});
  poles_device_.sync(poles_service);
  fresh.sync(poles_service);
  EXPECT_EQ(fresh.rows(), (testing::Rows{{"2", {"2", "b"}}, {"3", {"3", "c"}}}));
  EXPECT_EQ(poles_device_.rows(), fresh.rows());
}

TEST_P(UnservedTest, ASourceThatIsTakenUpAgainIsToldAsItIs) {
  for (const auto pause : {kRetention / 2, kRetention + 2h, 3 * kRetention}) {
    poles_ = table();
    open({crews(), poles()});
    SyncDevice device("ann@x.org", "POLES");
    device.sync(*service_);
    open({crews()});
    for (auto left = pause; left > 0h; left -= 1h) {
      clock_->advance(1h);
      ann_.sync(*service_);
    }
    poles_->set({{"2", "B"}, {"3", "c"}});
    open({crews(), poles()});
    device.sync(*service_);
    EXPECT_EQ(device.rows(), (testing::Rows{{"2", {"2", "B"}}, {"3", {"3", "c"}}}))
        << pause.count();
    SyncDevice fresh("bob@x.org", "POLES");
    fresh.sync(*service_);
    EXPECT_EQ(fresh.rows(), device.rows());
  }
}

TEST_P(UnservedTest, AHundredThatComeAndGoLeaveNoRows) {
  for (int i = 0; i < 100; ++i) {
    const std::string id = "SOURCE" + std::to_string(i);
    open({crews(), {.id = id, .rows = poles_, .rule = UserRule::same_rows_for_all()}});
    SyncDevice device("ann@x.org", id);
    device.sync(*service_);
    clock_->advance(1h);
    ann_.sync(*service_);
  }
  EXPECT_LE(kept_rows(), 3 + 2 * 60);
  open({crews()});
  pass_a_day(*service_, ann_);
  pass_a_day(*service_, ann_);
  EXPECT_EQ(kept_rows(), 3);
  EXPECT_EQ(count("sync_contents"), 3);
}

TEST_P(UnservedTest, ScopesOfUsersGoWithTheirRows) {
  const auto values = [](const std::string&) -> Result<std::vector<std::string>> {
    return std::vector<std::string>{"ann@x.org"};
  };
  SyncSource by_values = crews();
  by_values.id = "VALUES";
  by_values.rule = UserRule::column("crew", values);
  open({crews(), by_values});
  SyncDevice device("ann@x.org", "VALUES");
  device.sync(*service_);
  ASSERT_EQ(device.rows().size(), 2U);
  ASSERT_EQ(count("sync_user_scopes"), 1);
  open({crews()});
  pass_a_day(*service_, ann_);
  pass_a_day(*service_, ann_);
  EXPECT_EQ(count("sync_user_scopes"), 0);
  open({crews(), by_values});
  device.sync(*service_);
  EXPECT_EQ(device.rows().size(), 2U);
}

TEST_P(UnservedTest, AClockThatWasAheadForAWhileEndsNothingForEver) {
  open({crews(), poles()});
  poles_device_.sync(*service_);
  clock_->advance(24h * 400);
  poles_device_.sync(*service_);
  clock_->set_wall_time(testing::kStart + 1h);
  open({crews(), poles()});
  poles_device_.sync(*service_);
  EXPECT_EQ(poles_device_.rows().size(), 2U);
}

}  // namespace
}  // namespace weir
