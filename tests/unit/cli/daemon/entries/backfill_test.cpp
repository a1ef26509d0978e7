// A backfill from a platform that gives fewer entries a page, and of which entries are deleted.
#include "daemon/entries/backfill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include "support/temporary_store.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{std::chrono::hours{24 * 20'000}};

// Has the entries 0, 1, …, those that are not deleted, and gives 100 a page.
class SmallPages final : public Transport {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    std::size_t page = 0;
    for (const auto& [name, value] : request.query)
      if (name == "PageNo") page = std::stoul(value);
    std::string entries;
    for (std::size_t i = page * 100; i < std::min(ids_.size(), page * 100 + 100); ++i)
      entries += std::string(entries.empty() ? "" : ",") + R"({"Id":"e)" + std::to_string(ids_[i]) +
                 R"(","ReceivedTime":"2024-10-04T00:00:01Z"})";
    HttpResponse answer{.status = 200,
                        .body = R"({"Entries":[)" + entries + R"(],"TotalRows":)" +
                                std::to_string(ids_.size()) + "}"};
    if (++calls_ == deletes_after_) ids_.erase(ids_.begin(), ids_.begin() + 40);
    return answer;
  }

  void have(int entries) {
    for (int i = 0; i < entries; ++i) ids_.push_back(i);
  }
  void delete_some_after(int call) { deletes_after_ = call; }

 private:
  std::vector<int> ids_;
  int calls_ = 0;
  int deletes_after_ = 0;
};

class BackfillOfSmallPages : public ::testing::Test {
 protected:
  BackfillOfSmallPages() { platform_->have(250); }

  Result<BackfillReport> run(std::optional<std::int64_t> max_calls = {}) {
    const BackfillOrder order{.from = kStart, .before = kStart + 24h, .max_calls = max_calls};
    return backfill(client_, {.name = "P", .form = "F"}, order, [&](const BackfillPlan& plan) {
      plan_ = plan;
      return true;
    });
  }

  std::size_t waiting() { return client_.entry_queue("P").first(1000)->size(); }

  testing::TemporaryStore store_;
  std::shared_ptr<SmallPages> platform_ = std::make_shared<SmallPages>();
  Client client_ = Client::open({.url = "http://127.0.0.1:9",
                                 .company_id = 1,
                                 .integration_key = Secret::from_string("k", "the test"),
                                 .time_zone = "UTC",
                                 .store = store_.path(),
                                 .send_in_background = false,
                                 .lease_rest = 1ms,
                                 .clock = std::make_shared<testing::ManualClock>(kStart + 48h),
                                 .transport = platform_})
                       .value();
  BackfillPlan plan_;
};

TEST_F(BackfillOfSmallPages, ReadsThemAllForTheCallsThatItHasSaid) {
  const Result<BackfillReport> report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->is_complete);
  EXPECT_EQ(report->calls, 3);
  EXPECT_EQ(plan_.calls_spent + plan_.calls_to_come, 3);
  EXPECT_EQ(waiting(), 250U);
}

TEST_F(BackfillOfSmallPages, GoesOnAndSaysTheCallsThatAreLeft) {
  EXPECT_FALSE(run(1)->is_complete);
  const Result<BackfillReport> rest = run();
  ASSERT_TRUE(rest);
  EXPECT_TRUE(rest->is_complete);
  EXPECT_EQ(plan_.calls_to_come, 2);
  EXPECT_EQ(rest->calls, 2);
  EXPECT_EQ(waiting(), 250U);
}

// The pages behind those that were read have moved up.
TEST_F(BackfillOfSmallPages, SkipsNoneWhenOthersAreDeletedMeanwhile) {
  platform_->delete_some_after(1);
  EXPECT_FALSE(run(1)->is_complete);
  EXPECT_TRUE(run()->is_complete);
  EXPECT_EQ(waiting(), 250U) << "with the deleted ones, which were read before";
}

TEST_F(BackfillOfSmallPages, SkipsNoneWhenOthersAreDeletedInTheSameRun) {
  platform_->delete_some_after(2);
  EXPECT_TRUE(run()->is_complete);
  EXPECT_EQ(waiting(), 250U);
}

}  // namespace
}  // namespace weir::daemon
