// A store that is deleted, or put back from a copy: what devices have of it is known to be unknown.
#include <gmock/gmock.h>
#include <weir/sync/sync_service.h>
#include <weir/testing/manual_clock.h>

#include <filesystem>
#include <functional>

#include "support/table_rows.h"
#include "support/temporary_store.h"
#include "sync/edition.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using testing::RowsOfUser;
using testing::SyncDevice;
using testing::TableRows;

namespace fs = std::filesystem;

constexpr int kChanges = 20;

enum class Loss { kDeleted, kRestored, kRestoredWhileServing };
enum class Rule { kForAll, kByColumn, kByValues, kBySource };
struct Case {
  Loss loss = Loss::kDeleted;
  Rule rule = Rule::kForAll;
  Milliseconds between = 0ms;  // how long after the last answer of the old store
};

class LostStoreTest : public ::testing::TestWithParam<Case> {
 protected:
  SyncService open() {
    SyncSource source{.id = "ROWS", .rows = table_, .columns = {"id", "label"}};
    switch (GetParam().rule) {
      case Rule::kForAll:
        source.rule = UserRule::same_rows_for_all();
        break;
      case Rule::kByColumn:
        source.rule = UserRule::column("crew");
        break;
      case Rule::kByValues:
        source.rule = UserRule::column(
            "crew", [](const std::string& user) -> Result<std::vector<std::string>> {
              return std::vector<std::string>{user};
            });
        break;
      case Rule::kBySource:
        source.rows = of_user_;
        source.rule = UserRule::source_decides();
    }
    Result<SyncService> service =
        SyncService::open({.company_id = 12345,
                           .private_tokens = {Secret::from_string("token", "the test")},
                           .store = store_.path(),
                           .sources = {source},
                           .clock = clock_});
    if (!service) throw std::runtime_error(service.error().message);
    return std::move(*service);
  }

  // Of the same number of rows with other keys and labels each time.
  void change() {
    ++changes_;
    std::vector<Row> rows;
    for (int key = 0; key < 5; ++key) {
      if ((changes_ + key) % 3 == 0) continue;
      rows.push_back({"k" + std::to_string(key), std::to_string(changes_ / (key + 1)), kUser});
    }
    table_->set(rows);
    for (Row& row : rows) row.pop_back();
    of_user_->of_user[kUser] = rows;
    of_user_->changed();
  }
  std::map<std::string, Row> truth() const {
    std::map<std::string, Row> rows;
    for (const Row& row : of_user_->of_user.at(kUser)) rows[row.front()] = row;
    return rows;
  }

  void copy_to(const std::string& name) {
    fs::copy_file(store_.path(), store_.path() + name, fs::copy_options::overwrite_existing);
  }
  void put_back(const std::string& name) {
    fs::copy_file(store_.path() + name, store_.path(), fs::copy_options::overwrite_existing);
  }

  static constexpr const char* kUser = "ann@x.org";
  testing::TemporaryStore store_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(
      std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 300ms);
  std::shared_ptr<TableRows> table_ =
      std::make_shared<TableRows>(std::vector<std::string>{"id", "label", "crew"});
  std::shared_ptr<RowsOfUser> of_user_ = std::make_shared<RowsOfUser>();
  int changes_ = 0;
};

TEST_P(LostStoreTest, LeavesNoDeviceWithWrongRows) {
  // One device for each answer of the store that is lost, with what it had then.
  std::vector<SyncDevice> old_devices;
  std::optional<SyncService> service = open();
  SyncDevice device(kUser, "ROWS");
  for (int i = 0; i < kChanges; ++i) {
    if (i == kChanges / 4) copy_to(".copy");
    change();
    device.sync(*service);
    old_devices.push_back(device);
    clock_->advance(10ms);
  }
  clock_->advance(GetParam().between);
  if (GetParam().loss != Loss::kRestoredWhileServing) service.reset();
  if (GetParam().loss == Loss::kDeleted) {
    fs::remove(store_.path());
  } else {
    put_back(".copy");
  }
  if (!service) service = open();
  SyncDevice other(kUser, "ROWS");
  for (int i = 0; i < 2 * kChanges; ++i) {
    change();
    other.sync(*service);
    EXPECT_EQ(other.rows(), truth());
    for (SyncDevice old : old_devices) {
      old.sync(*service);
      ASSERT_EQ(old.rows(), truth()) << "change " << i << ", " << old.last_updated();
    }
    clock_->advance(30ms);
  }
}

// Both would name their editions by the same seconds.
TEST_P(LostStoreTest, IsServedNoMoreBesideAnotherInItsPlace) {
  std::optional<SyncService> old = open();
  change();
  SyncDevice device(kUser, "ROWS");
  device.sync(*old);
  fs::rename(store_.path(), store_.path() + ".away");
  const Result<SyncAnswer> refused = old->answer(device.request());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("restart the service"));
  EXPECT_EQ(old->handle({.target = "/healthz"}).status, 503);
  std::optional<SyncService> other = open();
  EXPECT_FALSE(old->answer(device.request()));
  SyncDevice at_other = device;
  at_other.sync(*other);
  EXPECT_EQ(at_other.rows(), truth());
  other.reset();
  fs::rename(store_.path() + ".away", store_.path());
  EXPECT_THAT(device.sync(*old).sources, IsEmpty());
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Loss loss : {Loss::kDeleted, Loss::kRestored, Loss::kRestoredWhileServing}) {
    for (const Rule rule : {Rule::kForAll, Rule::kByColumn, Rule::kByValues, Rule::kBySource}) {
      for (const Milliseconds between : {0ms, 450ms, 10'000ms})
        cases.push_back({.loss = loss, .rule = rule, .between = between});
    }
  }
  return cases;
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  const std::array<const char*, 3> losses = {"Deleted", "Restored", "RestoredWhileServing"};
  const std::array<const char*, 4> rules = {"ForAll", "ByColumn", "ByValues", "BySource"};
  return std::string(losses.at(static_cast<std::size_t>(info.param.loss))) +
         rules.at(static_cast<std::size_t>(info.param.rule)) + "After" +
         std::to_string(info.param.between.count()) + "ms";
}

INSTANTIATE_TEST_SUITE_P(Losses, LostStoreTest, ::testing::ValuesIn(all_cases()), name_of);

class LastUpdatedTest : public LostStoreTest {};

TEST_P(LastUpdatedTest, IsNeverAheadOfTheClock) {
  SyncService service = open();
  SyncDevice device(kUser, "ROWS");
  int by_clock = 0;
  for (int i = 0; i < kChanges; ++i) {
    change();
    device.sync(service);
    const sync::Edition name = sync::read_edition(device.last_updated()).value();
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_->now());
    EXPECT_LE(name, now.time_since_epoch().count());
    by_clock += name == now.time_since_epoch().count() ? 1 : 0;
    clock_->advance(100ms);
  }
  EXPECT_EQ(by_clock, kChanges / 10) << "the first answer of each second";
}

TEST_P(LastUpdatedTest, IsTheClocksSecondAgainWhenThereIsQuiet) {
  SyncService service = open();
  SyncDevice device(kUser, "ROWS");
  for (int i = 0; i < 3; ++i) {
    change();
    device.sync(service);
  }
  EXPECT_LT(device.last_updated(), "2020");
  clock_->advance(1s);
  EXPECT_THAT(device.sync(service).sources, IsEmpty());
  EXPECT_EQ(device.last_updated(), "2026-03-02T00:00:02");
  clock_->advance(1h);
  device.sync(service);
  EXPECT_EQ(device.last_updated(), "2026-03-02T00:00:02") << "nothing has changed";
}

TEST_P(LastUpdatedTest, OfAllDevicesIsUnknownWhenTheServiceStartsAnew) {
  SyncService service = open();
  SyncService second = open();
  change();
  SyncDevice device(kUser, "ROWS");
  device.sync(service);
  clock_->advance(1s);
  device.sync(second);
  EXPECT_THAT(device.sync(second).sources, IsEmpty());
  ASSERT_TRUE(service.start_anew());
  SyncDevice other = device;
  EXPECT_TRUE(device.sync(service).sources.at(0).rows);
  EXPECT_THAT(device.sync(service).sources, IsEmpty());
  clock_->advance(1s);
  EXPECT_TRUE(other.sync(second).sources.at(0).rows);
  EXPECT_THAT(other.sync(second).sources, IsEmpty());
}

// How many versions of rows are kept after 60 days with four changes each.
class RetentionTest : public LostStoreTest {
 protected:
  std::int64_t versions_after(const std::function<void()>& before) {
    std::int64_t versions = 0;
    {
      SyncService service = open();
      SyncDevice device(kUser, "ROWS");
      change();
      device.sync(service);
      before();
      change();
      device.sync(service);
      clock_->set_wall_time(TimePoint(clock_->steady_now()) + kSteadyBegan);
      for (int i = 0; i < 60 * 4; ++i) {
        clock_->advance(6h);
        change();
        device.sync(service);
        EXPECT_EQ(device.rows(), truth());
      }
      versions = store_.open()
                     .database
                     ->read([](store::Statements& sql) -> Result<std::int64_t> {
                       return sql.run("SELECT count(*) FROM sync_rows").at(0).integer(0);
                     })
                     .value();
    }
    fs::remove(store_.path());
    changes_ = 0;
    return versions;
  }

  const Milliseconds kSteadyBegan = clock_->now().time_since_epoch() - clock_->steady_now();
};

TEST_P(RetentionTest, IsTheSameAfterAClockThatWasFarAhead) {
  const std::int64_t due = versions_after([] {});
  EXPECT_EQ(versions_after([this] { clock_->set_wall_time(clock_->now() + 24h * 400); }), due);
  EXPECT_EQ(versions_after([this] { clock_->set_wall_time(clock_->now() - 24h * 400); }), due);
}

INSTANTIATE_TEST_SUITE_P(Rules, RetentionTest,
                         ::testing::Values(Case{.rule = Rule::kForAll},
                                           Case{.rule = Rule::kBySource}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Rules, LastUpdatedTest,
                         ::testing::Values(Case{.rule = Rule::kForAll},
                                           Case{.rule = Rule::kByColumn},
                                           Case{.rule = Rule::kByValues},
                                           Case{.rule = Rule::kBySource}),
                         name_of);

}  // namespace
}  // namespace weir
