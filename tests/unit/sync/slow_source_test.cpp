// A data source that hangs: others are answered, and told in time that it cannot be read.
#include <gmock/gmock.h>
#include <weir/sync/sync_service.h>
#include <weir/testing/manual_clock.h>

#include <latch>
#include <thread>

#include "support/table_rows.h"
#include "support/temporary_store.h"
#include "sync/turns.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::TableRows;

class HangingRows final : public TableRows {
 public:
  HangingRows() : TableRows({"id", "label"}) {}
  std::latch is_reading{1};
  std::latch may_go_on{1};

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    is_reading.count_down();
    may_go_on.wait();
    return TableRows::read(query, sink);
  }
};

class SlowSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hanging_->set({{"1", "at last"}});
    healthy_->set({{"1", "at once"}});
    Result<SyncService> service = SyncService::open(
        {.company_id = 7,
         .private_tokens = {Secret::from_string("token", "the test")},
         .store = store_.path(),
         .sources = {{.id = "HANGS", .rows = hanging_, .rule = UserRule::same_rows_for_all()},
                     {.id = "WELL", .rows = healthy_, .rule = UserRule::same_rows_for_all()}},
         .clock = clock_});
    ASSERT_TRUE(service) << service.error().message;
    service_.emplace(std::move(*service));
  }

  std::pair<int, std::string> get(const std::string& target) {
    SyncHttpAnswer answer = service_->handle({.target = target});
    return {answer.status, answer.body->read_all().value()};
  }
  std::pair<int, std::string> ask(const std::string& ids) {
    return get("/?providerid=7&integrationkey=token&ids=" + ids);
  }

  testing::TemporaryStore store_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(
      std::chrono::sys_days{std::chrono::year{2026} / 3 / 2});
  std::shared_ptr<HangingRows> hanging_ = std::make_shared<HangingRows>();
  std::shared_ptr<TableRows> healthy_ =
      std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
  std::optional<SyncService> service_;
};

TEST_F(SlowSourceTest, HoldsUpNobodyForLong) {
  std::pair<int, std::string> first;
  std::jthread phone([&] { first = ask("HANGS"); });
  hanging_->is_reading.wait();
  EXPECT_EQ(get("/healthz").first, 200);
  EXPECT_EQ(get("/metrics").first, 200);
  clock_->advance(45s);
  EXPECT_EQ(ask("HANGS").first, 424);
  EXPECT_EQ(ask("WELL,HANGS").first, 424);
  EXPECT_EQ(ask("WELL").first, 200);
  EXPECT_EQ(get("/healthz"),
            std::pair(503, std::string(
                               R"({"status":"the data source HANGS has been reading for 45 s"})")));
  EXPECT_THAT(get("/metrics").second, HasSubstr("weir_sync_source_readable{id=\"HANGS\"} 0"));
  EXPECT_THAT(get("/metrics").second, HasSubstr("weir_sync_source_readable{id=\"WELL\"} 1"));
  EXPECT_FALSE(service_->replaced("HANGS", "entry", "1", "ann@x.org"));
  hanging_->may_go_on.count_down();
  phone.join();
  EXPECT_EQ(first.first, 200);
  EXPECT_THAT(first.second, HasSubstr("at last"));
  EXPECT_EQ(ask("HANGS").first, 200);
  EXPECT_EQ(get("/healthz").first, 200);
}

TEST_F(SlowSourceTest, IsWaitedForByThoseWhoComeInTime) {
  std::vector<std::jthread> phones;
  std::atomic<int> answered = 0;
  phones.emplace_back([&] { answered += ask("HANGS").first; });
  hanging_->is_reading.wait();
  for (int i = 0; i < 5; ++i) phones.emplace_back([&] { answered += ask("HANGS").first; });
  hanging_->may_go_on.count_down();
  phones.clear();
  EXPECT_EQ(answered, 6 * 200);
}

TEST(Turns, LetManyWaitForASecondOnly) {
  const auto clock = std::make_shared<testing::ManualClock>(TimePoint{});
  sync::Turns turns(clock);
  std::optional<Result<sync::Turns::Turn>> turn(turns.take());
  std::vector<std::jthread> waiting;
  std::atomic<int> had = 0;
  for (int i = 0; i < sync::Turns::kMany; ++i)
    waiting.emplace_back([&] { had += turns.take() ? 1 : 0; });
  while (turns.waiting() < sync::Turns::kMany) std::this_thread::yield();
  clock->advance(sync::Turns::kPatienceOfMany);
  EXPECT_FALSE(turns.take());
  turn.reset();
  waiting.clear();
  EXPECT_EQ(had, sync::Turns::kMany);
  EXPECT_TRUE(turns.take());
}

}  // namespace
}  // namespace weir
