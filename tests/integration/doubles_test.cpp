// The doubles that users get for tests of their own: the platform in memory, and a mock server that
// lives as long as the program.
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/fake_platform.h>
#include <weir/testing/manual_clock.h>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>

#include "mock_server/mock_server.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

class FakePlatformTest : public ::testing::Test {
 protected:
  Client open() {
    Result<Client> client = Client::open(platform_->client_options(folder_.file("weir.db")));
    if (!client) throw std::runtime_error(client.error().message);
    return std::move(*client);
  }

  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{std::chrono::hours{12}});
  std::shared_ptr<testing::FakePlatform> platform_ =
      std::make_shared<testing::FakePlatform>(testing::FakePlatformOptions{}, clock_);
};

// Word for word but for the results, which a test looks at.
TEST_F(FakePlatformTest, DoesWhatTheExampleOfItsHeaderSays) {
  const std::string store_file = folder_.file("example.db");
  auto clock = std::make_shared<weir::testing::ManualClock>(weir::TimePoint{});
  auto platform = std::make_shared<weir::testing::FakePlatform>(
      weir::testing::FakePlatformOptions{.data_sources = {{"OUTAGES", {"id", "city"}}}}, clock);
  auto client = weir::Client::open(platform->client_options(store_file));
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_TRUE(client->data_source("OUTAGES").upsert({"1", "Dinuba"}));
  const auto sent = client->drain(std::chrono::seconds{1});
  EXPECT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(platform->rows("OUTAGES"), (std::vector<weir::Row>{{"1", "Dinuba"}}));
}

TEST_F(FakePlatformTest, SpendsTheDayHoweverManyCallsOthersMake) {
  platform_->spend(7);
  EXPECT_EQ(platform_->calls(), 7);
  platform_->spend(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(platform_->calls(), 2500);
  platform_->spend(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(platform_->calls(), 2500);
  clock_->advance(std::chrono::hours{24});
  EXPECT_EQ(platform_->calls(), 0);
}

TEST_F(FakePlatformTest, SaysWhatATestHasGivenWrong) {
  EXPECT_THROW(testing::FakePlatform({}, nullptr), std::invalid_argument);
  EXPECT_THROW(testing::FakePlatform({.time_zone = "Nowhere"}, clock_), std::invalid_argument);
  EXPECT_THROW(platform_->add_entry("FORM", {.answers = {{"city", "\xff"}}}),
               std::invalid_argument);
}

TEST_F(FakePlatformTest, HasNothingOnPagesBehindTheLast) {
  platform_->add_entry("FORM", {});
  Client client = open();
  for (const std::int64_t page :
       {std::int64_t{1}, std::int64_t{10'000'000'000}, std::numeric_limits<std::int64_t>::max()}) {
    const Result<FormEntriesPage> read = client.form_entries("FORM").read({.page = page});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->entries.empty()) << page;
    EXPECT_EQ(read->total, 1);
  }
}

// As a fixture of a test program has it: destroyed after all that main() has made.
std::unique_ptr<mock::MockServer> of_the_program;

TEST(MockServerOfAProgram, EndsWithItWhateverIsGoneBefore) {
  for (const char* zone : {"UTC", "America/New_York"}) {
    EXPECT_EXIT(
        {
          of_the_program =
              mock::MockServer::start({.company_id = 1, .integration_key = "k", .time_zone = zone});
          std::exit(of_the_program ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
  }
}

}  // namespace
}  // namespace weir
