// Many devices at once while rows change: each answer must be one state of the rows, whole.
#include <gtest/gtest.h>
#include <weir/sync/sync_service.h>

#include <mutex>
#include <thread>

#include "support/table_rows.h"
#include "support/temporary_store.h"

namespace weir {
namespace {

using testing::SyncDevice;

constexpr int kRows = 20;
constexpr int kChanges = 60;
constexpr int kThreads = 6;

// All its rows say the same number, which may rise at any moment.
class RisingRows final : public RowSource {
 public:
  void rise() {
    const std::lock_guard lock(mutex_);
    ++number_;
  }
  Result<std::vector<std::string>> columns() override {
    return std::vector<std::string>{"id", "number"};
  }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    const std::string number = version().value().value();
    for (int i = 0; i < kRows; ++i) {
      if (Result<void> taken = sink({std::to_string(i), number}); !taken) return taken;
    }
    return {};
  }
  Result<std::optional<std::string>> version() override {
    const std::lock_guard lock(mutex_);
    return std::optional(std::to_string(number_));
  }

 private:
  std::mutex mutex_;
  int number_ = 0;
};

bool is_one_state(const SyncDevice& device) {
  for (const auto& [key, row] : device.rows()) {
    if (row[1] != device.rows().begin()->second[1]) return false;
  }
  return device.rows().size() == kRows;
}

TEST(SyncThreads, EachAnswerIsOneStateOfTheRows) {
  const testing::TemporaryStore store;
  auto rows = std::make_shared<RisingRows>();
  auto others = std::make_shared<RisingRows>();
  Result<SyncService> service = SyncService::open(
      {.company_id = 12345,
       .private_tokens = {Secret::from_string("token", "the test")},
       .store = store.path(),
       .sources = {{.id = "ROWS", .rows = rows, .rule = UserRule::same_rows_for_all()},
                   {.id = "OTHERS", .rows = others, .rule = UserRule::source_decides()}}});
  ASSERT_TRUE(service) << service.error().message;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, user = "user" + std::to_string(t % 3)](const std::stop_token& stop) {
      SyncDevice device(user, "ROWS");
      SyncDevice other(user, "OTHERS");
      while (!stop.stop_requested()) {
        SyncRequest both = device.request();
        both.items.push_back(other.request().items[0]);
        const Result<SyncAnswer> answer = service->answer(both);
        ASSERT_TRUE(answer) << answer.error().message;
        device.apply(*answer);
        other.apply(*answer);
        ASSERT_TRUE(is_one_state(device));
        ASSERT_TRUE(is_one_state(other));
      }
    });
  }
  SyncDevice last("user0", "ROWS");
  for (int i = 1; i <= kChanges; ++i) {
    rows->rise();
    others->rise();
    last.sync(*service);
    EXPECT_EQ(last.rows().begin()->second[1], std::to_string(i));
  }
}

}  // namespace
}  // namespace weir
