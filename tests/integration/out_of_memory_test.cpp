// Memory that runs out at one allocation after the other: the program learns of it, nothing that
// was kept is lost, no call is sent that was not counted, and the next try goes through.
#include <gtest/gtest.h>
#include <weir/client.h>

#include <atomic>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <thread>

#include "mock_server/mock_server.h"
#include "support/failing_memory.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::allocations_left;
using testing::failures_in_all;
using testing::has_failed;

// More than there are allocations to fail.
constexpr int kMostTries = 5000;

class OutOfMemoryTest : public ::testing::Test {
 protected:
  using Work = std::function<Result<void>(Client& client, const std::string& source)>;

  static std::unique_ptr<mock::MockServer> start_server() {
    mock::Options options{.company_id = 1, .integration_key = "k", .calls_per_day = 100'000};
    for (int i = 0; i < kMostTries; ++i)
      options.data_sources.push_back({"S" + std::to_string(i), {"id", "text"}});
    return mock::MockServer::start(options);
  }

  Result<Client> open(const std::string& store) const {
    return Client::open({.url = server_->url(),
                         .company_id = 1,
                         .integration_key = Secret::from_string("k", "the test"),
                         .time_zone = "UTC",
                         .store = store,
                         .send_in_background = false,
                         .lease_rest = 1ms});
  }

  // False when the caller was told of a failure; `client` is what was opened.
  bool try_with(long allocations, const std::string& store, const std::string& source,
                const Work& work, std::optional<Client>& client) const try {
    has_failed = false;
    if (fails_from_the_start_) allocations_left = allocations;
    Result<Client> opened = open(store);
    if (opened) client.emplace(std::move(*opened));
    if (!fails_from_the_start_) allocations_left = allocations;
    const Result<void> done = client ? work(*client, source) : Result<void>(opened.error());
    allocations_left = -1;
    EXPECT_TRUE(done || has_failed) << done.error().message;
    return done.has_value();
  } catch (const std::bad_alloc&) {
    return false;
  }

  // Does the work again and again, each time with the next allocation failing. After each failure
  // the same work goes through with the same client and the platform has the rows.
  void fail_at_each(const std::map<std::string, Row>& rows_in_the_end, const Work& work) const {
    int told = 0;
    int tries = 0;
    for (has_failed = true; has_failed && tries < kMostTries; ++tries) {
      SCOPED_TRACE(tries);
      const testing::TemporaryFolder folder;
      const std::string store = folder.file("weir.db");
      const std::string source = "S" + std::to_string(tries);
      const std::int64_t calls_before = server_->usage().calls_today;
      std::optional<Client> client;
      if (!try_with(tries, store, source, work, client)) ++told;
      if (!client) client.emplace(open(store).value());
      const Result<void> done = work(*client, source);
      ASSERT_TRUE(done) << done.error().message;
      std::map<std::string, Row> rows;
      const auto found = server_->rows(source).value();
      for (const Row& row : found) rows[row.front()] = row;
      EXPECT_EQ(rows, rows_in_the_end);
      EXPECT_GE(client->usage()->calls_today, server_->usage().calls_today - calls_before);
      // The platform may not have seen yet that the client has let go of one.
      while (server_->usage().connections != 0) std::this_thread::yield();
    }
    std::printf("Memory ran out at %d allocations; %d times the caller was told\n", tries - 1,
                told);
    EXPECT_FALSE(has_failed);
    EXPECT_GT(told, 100);
  }

  const std::unique_ptr<mock::MockServer> server_ = start_server();
  bool fails_from_the_start_ = false;
};

// Once it is told to, lets an allocation fail in the next thread that asks for the time and is not
// the test's.
class FailingClock final : public Clock {
 public:
  void fail_after(long allocations) { allocations_ = allocations; }

  TimePoint now() const override {
    const bool is_other = std::this_thread::get_id() != test_;
    if (is_other && allocations_ >= 0) allocations_left = allocations_.exchange(-1);
    return real_->now();
  }
  Milliseconds steady_now() const override { return real_->steady_now(); }
  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    return real_->wait(duration, stop);
  }

 private:
  mutable std::atomic<long> allocations_ = -1;
  const std::thread::id test_ = std::this_thread::get_id();
  const std::shared_ptr<Clock> real_ = system_clock();
};

TEST_F(OutOfMemoryTest, DoesNotEndTheProgramFromTheBackgroundThread) {
  int told = 0;
  for (long allocations = 0; told == allocations; ++allocations) {
    SCOPED_TRACE(allocations);
    const testing::TemporaryFolder folder;
    const std::string source = "S" + std::to_string(allocations);
    const auto clock = std::make_shared<FailingClock>();
    Result<Client> client = Client::open({.url = server_->url(),
                                          .company_id = 1,
                                          .integration_key = Secret::from_string("k", "the test"),
                                          .time_zone = "UTC",
                                          .store = folder.file("weir.db"),
                                          .price_row_seconds = 0,
                                          .lease_rest = 1ms,
                                          .clock = clock});
    ASSERT_TRUE(client) << client.error().message;
    const int before = failures_in_all;
    clock->fail_after(allocations);
    ASSERT_TRUE(client->data_source(source).upsert({"1", "a"}));
    while (failures_in_all == before && server_->rows(source)->empty()) std::this_thread::yield();
    if (failures_in_all != before) ++told;
    const Result<SendReport> sent = client->drain(10s);
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(server_->rows(source)->size(), 1U);
  }
  EXPECT_GT(told, 50);
}

Result<void> all_sent(Client& client) {
  const Result<SendReport> report = client.drain(10s);
  return report ? Result<void>() : report.error();
}

TEST_F(OutOfMemoryTest, OpensAStoreThatIsWholeAfterwards) {
  fails_from_the_start_ = true;
  fail_at_each({}, [](Client&, const std::string&) { return Result<void>(); });
}

TEST_F(OutOfMemoryTest, LosesNothingOfChangesThatAreHandedOverAndSent) {
  fail_at_each({{"1", {"1", "a"}}, {"3", {"3", "c"}}},
               [](Client& client, const std::string& id) -> Result<void> {
                 DataSource source = client.data_source(id);
                 const auto kept = source.apply(
                     {Upsert{{"1", "a"}}, Upsert{{"2", "b"}}, Upsert{{"3", "c"}}, Erase{"2"}});
                 if (!kept) return kept.error();
                 return all_sent(client);
               });
}

TEST_F(OutOfMemoryTest, LosesNothingOfASnapshot) {
  fail_at_each({{"1", {"1", "a"}}, {"2", {"2", "b"}}},
               [](Client& client, const std::string& id) -> Result<void> {
                 DataSource source = client.data_source(id);
                 const auto published =
                     source.publish({{"1", "a"}, {"2", "b"}}, {.columns = {"id", "text"}});
                 if (!published) return published.error();
                 return all_sent(client);
               });
}

TEST_F(OutOfMemoryTest, LosesNothingWhenRowsAreRead) {
  fail_at_each({{"1", {"1", "a"}}}, [](Client& client, const std::string& id) -> Result<void> {
    DataSource source = client.data_source(id);
    if (const auto kept = source.upsert({"1", "a"}); !kept) return kept.error();
    if (const Result<void> done = all_sent(client); !done) return done;
    std::vector<Row> rows;
    const auto read = source.read_rows([&](const RowsPage& page) -> Result<void> {
      rows.insert(rows.end(), page.rows.begin(), page.rows.end());
      return {};
    });
    if (!read) return read.error();
    EXPECT_EQ(rows, (std::vector<Row>{{"1", "a"}}));
    return {};
  });
}

}  // namespace
}  // namespace weir
