// What a person sees: the portal pages as a real browser renders them.
#include <gtest/gtest.h>
#include <weir/client.h>

#include <cstdlib>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

class PortalPageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    mock::Options options{
        .company_id = 12345, .integration_key = "CANARY-key", .time_zone = "America/Los_Angeles"};
    options.data_sources = {{"<b>OUTAGES</b>", {"id", "city"}}};
    server_ = mock::MockServer::start(options);
    ASSERT_TRUE(server_);
    Result<Client> client =
        Client::open({.url = server_->url(),
                      .company_id = 12345,
                      .integration_key = Secret::from_string("CANARY-key", "the test"),
                      .time_zone = "America/Los_Angeles",
                      .store = folder_.file("weir.db"),
                      .send_in_background = false});
    ASSERT_TRUE(client);
    for (const std::string city : {"Dinuba", "Orosi"}) {
      ASSERT_TRUE(client->data_source("<b>OUTAGES</b>").upsert({"1", city}));
      ASSERT_TRUE(client->drain(30s));
    }
  }

  // The document after the browser has made sense of it.
  std::string rendered(const std::string& path) {
    const testing::Finished browser = testing::run(
        {"/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + folder_.file("profile"),
         "--dump-dom", server_->url() + path},
        {{"HOME", folder_.path().string()}, {"PATH", "/usr/bin:/bin"}});
    EXPECT_EQ(browser.exit_code, 0) << "is the package chromium installed?\n" << browser.err;
    return browser.out;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_;
};

TEST_F(PortalPageTest, ShowsTheUsageThatTheServerCounts) {
  const std::string page = rendered("/");
  EXPECT_NE(page.find("API Calls Today"), std::string::npos);
  EXPECT_NE(page.find("<span id=\"calls-today\">2</span>"), std::string::npos) << page;
  EXPECT_NE(page.find("Last API Call"), std::string::npos);
  EXPECT_NE(page.find("<span id=\"peak\">1</span>"), std::string::npos);
  EXPECT_EQ(page.find("CANARY"), std::string::npos);
  EXPECT_EQ(server_->usage().calls_today, 2) << "the page itself is not metered";
}

TEST_F(PortalPageTest, ListsTheCallsAndLetsNoNameBecomeMarkup) {
  const std::string page = rendered("/logs");
  EXPECT_NE(page.find("/api/v2/datasource &lt;b&gt;OUTAGES&lt;/b&gt;"), std::string::npos) << page;
  EXPECT_NE(page.find("The last 2 calls"), std::string::npos);
}

}  // namespace
}  // namespace weir
