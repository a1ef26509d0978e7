// What a person sees: the portal pages as a real browser renders them.
#include <gtest/gtest.h>
#include <weir/client.h>

#include "browser/browser.h"
#include "mock_server/mock_server.h"
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
    client_ = std::make_unique<Client>(std::move(*client));
    for (const std::string city : {"Dinuba", "Orosi"}) {
      ASSERT_TRUE(client_->data_source("<b>OUTAGES</b>").upsert({"1", city}));
      ASSERT_TRUE(client_->drain(30s));
    }
  }

  // The document after the browser has made sense of it.
  std::string rendered(const std::string& path) {
    browser_.open(server_->url() + path);
    return browser_.document();
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_;
  std::unique_ptr<Client> client_;
  testing::Browser browser_;
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

TEST_F(PortalPageTest, ShowsTheRowsOfADataSource) {
  const std::string list = rendered("/data-sources");
  EXPECT_NE(list.find("<a href=\"/data-sources/%3Cb%3EOUTAGES%3C%2Fb%3E\">"), std::string::npos)
      << list;
  const std::string page = rendered("/data-sources/%3Cb%3EOUTAGES%3C%2Fb%3E");
  EXPECT_NE(page.find("<span id=\"rows\">1</span> row"), std::string::npos) << page;
  EXPECT_NE(page.find("<th>id</th><th>city</th>"), std::string::npos);
  EXPECT_NE(page.find("<td>1</td><td>Orosi</td>"), std::string::npos);
  EXPECT_NE(rendered("/data-sources/OTHER").find("There is no such data source"),
            std::string::npos);
  EXPECT_EQ(server_->usage().calls_today, 2) << "looking costs nothing";
}

TEST_F(PortalPageTest, LetsNoCellBecomeMarkup) {
  const std::string script = "<script>document.title = 'seized'</script>";
  ASSERT_TRUE(client_->data_source("<b>OUTAGES</b>").upsert({"\"2\" & more", script}));
  ASSERT_TRUE(client_->drain(30s));
  const std::string page = rendered("/data-sources/%3Cb%3EOUTAGES%3C%2Fb%3E");
  EXPECT_NE(page.find("<td>&lt;script&gt;document.title"), std::string::npos) << page;
  EXPECT_NE(page.find("\"2\" &amp; more</td>"), std::string::npos);
  EXPECT_EQ(page.find("<title>seized"), std::string::npos);
  EXPECT_NE(page.find("<h1>&lt;b&gt;OUTAGES&lt;/b&gt;</h1>"), std::string::npos);
}

TEST_F(PortalPageTest, ScrollsNothingSidewaysOnAPhone) {
  ASSERT_TRUE(client_->data_source("<b>OUTAGES</b>").upsert({"2", std::string(200, 'x')}));
  ASSERT_TRUE(client_->drain(30s));
  server_->faults().add({.kind = mock::FaultKind::kStatus, .status = 400});
  static_cast<void>(client_->data_source("UNKNOWN").describe());
  for (const std::string path : {"/", "/logs", "/data-sources"}) {
    for (const int width : {360, 500, 1280}) {
      browser_.set_width(width);
      browser_.open(server_->url() + path);
      EXPECT_EQ(browser_.overflow(), 0) << path << " at " << width;
    }
  }
}

TEST_F(PortalPageTest, ListsTheCallsAndLetsNoNameBecomeMarkup) {
  const std::string page = rendered("/logs");
  EXPECT_NE(page.find("/api/v2/datasource &lt;b&gt;OUTAGES&lt;/b&gt;"), std::string::npos) << page;
  EXPECT_NE(page.find("The last 2 calls"), std::string::npos);
}

}  // namespace
}  // namespace weir
