// A disk of which one call after the other fails, once or from then on: the program is told by an
// error of the store, no call is sent that was not counted, what was kept is not lost, and when the
// disk works again so does the client.
#include "support/failing_disk.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <weir/client.h>

#include <functional>
#include <map>
#include <optional>

#include "mock_server/mock_server.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

// More than there are calls to fail.
constexpr int kMostTries = 1500;

using Rows = std::map<std::string, Row>;

// What an application does: it keeps something, which has then to arrive.
using Work = std::function<Result<void>(DataSource source)>;

class FailingDiskTest : public ::testing::TestWithParam<bool> {
 protected:
  static std::unique_ptr<mock::MockServer> start_server() {
    mock::Options options{.company_id = 1, .integration_key = "k", .calls_per_day = 100'000};
    for (int i = 0; i < kMostTries; ++i)
      options.data_sources.push_back({source_of(i), {"id", "text"}});
    return mock::MockServer::start(options);
  }

  static std::string source_of(int number) { return "S" + std::to_string(number); }

  Result<Client> open(const std::string& store) const {
    return Client::open({.url = server_->url(),
                         .company_id = 1,
                         .integration_key = Secret::from_string("k", "the test"),
                         .time_zone = "UTC",
                         .store = store,
                         .send_in_background = false,
                         .lease_rest = 1ms});
  }

  static void break_disk(long calls) {
    testing::disk_failures = 0;
    testing::disk_stays_broken = GetParam();
    testing::disk_calls_left = calls;
  }
  static void mend_disk() { testing::disk_calls_left = -1; }

  static Result<void> send(Client& client) {
    const Result<SendReport> sent = client.drain(0s);
    return sent ? Result<void>() : sent.error();
  }

  // One try on a store of its own. Whether a call of the disk failed.
  bool fail_at(int calls, const Rows& before, const Work& work, const Rows& wanted) {
    const testing::TemporaryFolder folder;
    const std::string store = folder.file("weir.db");
    const std::string source = source_of(calls);
    const std::int64_t calls_before = server_->usage().calls_today;
    std::optional<Client> client;
    if (!before.empty()) {
      client.emplace(open(store).value());
      for (const auto& [key, row] : before) EXPECT_TRUE(client->data_source(source).upsert(row));
      EXPECT_TRUE(send(*client));
    }
    break_disk(calls);
    if (!client) {
      if (Result<Client> opened = open(store); opened) {
        client.emplace(std::move(*opened));
      } else {
        expect_is_told(opened.error());
      }
    }
    const bool is_kept = client && expect_is_told(work(client->data_source(source)));
    const bool is_sent = is_kept && expect_is_told(send(*client));
    mend_disk();
    if (is_sent) {
      EXPECT_EQ(rows(source), wanted);
    }
    expect_heals(store, source, client, is_kept ? Work() : work);
    EXPECT_EQ(rows(source), wanted);
    EXPECT_GE(client->usage()->calls_today, server_->usage().calls_today - calls_before);
    client.reset();
    SQLite::Database database(store, SQLite::OPEN_READWRITE);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
    return testing::disk_failures > 0;
  }

  bool expect_is_told(const Result<void>& done) {
    if (done) return true;
    expect_is_told(done.error());
    return false;
  }

  // That it is the store.
  void expect_is_told(const Error& error) {
    ++told_;
    EXPECT_GT(testing::disk_failures, 0) << error.message;
    EXPECT_TRUE(error.code == ErrorCode::kStoreIo || error.code == ErrorCode::kStoreUnusable)
        << error.message;
  }

  // On every other try with the same client, else with one of a program that starts again.
  void expect_heals(const std::string& store, const std::string& source,
                    std::optional<Client>& client, const Work& work) {
    if (!client || told_ % 2 == 0) {
      client.reset();
      Result<Client> opened = open(store);
      ASSERT_TRUE(opened) << opened.error().message;
      client.emplace(std::move(*opened));
    }
    if (work) {
      const Result<void> done = work(client->data_source(source));
      ASSERT_TRUE(done) << done.error().message;
    }
    const Result<SendReport> sent = client->drain(30s);
    ASSERT_TRUE(sent) << sent.error().message;
  }

  void fail_at_each(const Rows& before, const Work& work, const Rows& wanted) {
    int tries = 0;
    while (tries < kMostTries && !HasFatalFailure()) {
      SCOPED_TRACE(tries);
      if (!fail_at(tries, before, work, wanted)) break;
      ++tries;
    }
    std::printf("The disk failed at each of %d calls; %d times the caller was told\n", tries,
                told_);
    EXPECT_LT(tries, kMostTries);
    EXPECT_GT(told_, 20);
  }

  Rows rows(const std::string& source) const {
    Rows rows;
    const auto found = server_->rows(source).value();
    for (const Row& row : found) rows[row.front()] = row;
    return rows;
  }

  const std::unique_ptr<mock::MockServer> server_ = start_server();
  int told_ = 0;
};

const Rows kBefore = {{"1", {"1", "old"}}, {"2", {"2", "old"}}};

TEST_P(FailingDiskTest, OpensANewStoreAndSendsAChange) {
  fail_at_each({},
               [](DataSource source) {
                 return source.upsert({"1", "a"});
               },
               {{"1", {"1", "a"}}});
}

TEST_P(FailingDiskTest, SendsChangesThatAreHandedOver) {
  fail_at_each(
      kBefore,
      [](DataSource source) -> Result<void> {
        const auto kept = source.apply({Upsert{{"1", "a"}}, Upsert{{"3", "c"}}, Erase{"2"}});
        return kept ? Result<void>() : kept.error();
      },
      {{"1", {"1", "a"}}, {"3", {"3", "c"}}});
}

TEST_P(FailingDiskTest, SendsASnapshot) {
  fail_at_each(kBefore,
               [](DataSource source) -> Result<void> {
                 const auto published =
                     source.publish({{"1", "a"}, {"3", "c"}}, {.columns = {"id", "text"}});
                 return published ? Result<void>() : published.error();
               },
               {{"1", {"1", "a"}}, {"3", {"3", "c"}}});
}

INSTANTIATE_TEST_SUITE_P(Disks, FailingDiskTest, ::testing::Bool(), [](const auto& of) {
  return std::string(of.param ? "FailsFromThenOn" : "FailsOnce");
});

}  // namespace
}  // namespace weir
