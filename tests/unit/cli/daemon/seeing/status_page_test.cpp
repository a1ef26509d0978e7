#include "daemon/seeing/status_page.h"

#include <gtest/gtest.h>

#include "made_status.h"

namespace weir::daemon {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

bool has(const std::string& page, const std::string& part) {
  return page.find(part) != std::string::npos;
}

TEST(StatusPageTest, SaysThatAllIsWellAndWhatThereIs) {
  const std::string page = status_page(made_status(), {});
  EXPECT_TRUE(has(page, "✔ All is well"));
  EXPECT_TRUE(has(page, "<strong>1,296 of 2,500 calls left</strong>"));
  EXPECT_TRUE(has(page, "1,204 spent, 0 by others, 0 kept back, 1,296 left"));
  EXPECT_TRUE(has(page, "OUTAGES</th>"));
  EXPECT_TRUE(has(page, "every 14 min: 3.1 rows/h at price 310"));
  EXPECT_TRUE(has(page, "PUT /api/v2/datasource OUTAGES"));
  EXPECT_TRUE(has(page, "/etc/weir/weir.toml, loaded"));
  EXPECT_TRUE(has(page, ">17 min ago</time>"));
  EXPECT_EQ(count(page, "<h1>"), 1U);
}

TEST(StatusPageTest, IsNeverGreenBesideAnError) {
  Status status = made_status();
  status.orgs[0].sources[0].error = "the file cannot be read";
  const std::string page = status_page(status, {});
  EXPECT_FALSE(has(page, "All is well"));
  EXPECT_TRUE(has(page, "✖ 1 error"));
  EXPECT_TRUE(has(page, "Next: see the log of weir run"));
  EXPECT_LT(page.find("the file cannot be read"), page.find("<h2 id=\"today\">"));
}

TEST(StatusPageTest, ShowsThreeVerdictsAndCountsTheOthers) {
  Status status = made_status();
  for (int i = 0; i < 5; ++i) status.more.push_back({.name = "N", .text = "t"});
  const std::string page = status_page(status, {});
  EXPECT_EQ(count(page, "<li class=\"error\">"), 3U);
  EXPECT_TRUE(has(page, "And 2 more"));
}

TEST(StatusPageTest, LetsNoTextBecomeMarkup) {
  const std::string evil = "<img src=x onerror=alert(1)>\"'&";
  Status status = made_status();
  OrgStatus& org = status.orgs[0];
  org.org = org.usage.time_zone = evil;
  org.sources[0].source = org.sources[0].error = org.sources[0].deliver = evil;
  org.sources[0].what_to_do = evil;
  org.polls[0].poll = org.polls[0].why = org.polls[0].error = evil;
  org.usage.log[0].target = org.usage.log[0].reason = evil;
  org.usage.halted = {{.source = evil, .reason = evil, .until = {}}};
  status.config.file = status.config.fault = evil;
  status.config.refused_at = status.now;
  EXPECT_FALSE(has(status_page(status, {}), "<img"));
  status.orgs.push_back(org);
  EXPECT_FALSE(has(status_page(status, {}), "<img"));
}

TEST(StatusPageTest, ShowsOnlyTroubleWhereThereAreManySources) {
  Status status = made_status();
  status.orgs[0].sources.clear();
  for (int i = 0; i < 312; ++i)
    status.orgs[0].sources.push_back({.source = "S" + std::to_string(i)});
  status.orgs[0].sources[7].error = "it is gone";
  const std::string page = status_page(status, {});
  EXPECT_TRUE(has(page, "<a href=\"?all=1\">Show all 312</a>"));
  EXPECT_TRUE(has(page, "S7</th>"));
  EXPECT_FALSE(has(page, "S8</th>"));
  const std::string all = status_page(status, {.all_sources = true});
  EXPECT_TRUE(has(all, "S8</th>"));
  EXPECT_LT(all.find("S7</th>"), all.find("S0</th>")) << "trouble first";
}

TEST(StatusPageTest, HasAPageOfOrganizationsAndOneOfEach) {
  Status status = made_status();
  status.orgs[0].org = "acme & co";
  status.orgs.push_back(made_status().orgs[0]);
  status.orgs[1].org = "other";
  const std::string all = status_page(status, {});
  EXPECT_TRUE(has(all, "<a href=\"?org=acme%20%26%20co\">acme &amp; co</a>"));
  EXPECT_FALSE(has(all, "OUTAGES"));
  const std::string one = status_page(status, {.org = "acme%20%26%20co"});
  EXPECT_TRUE(has(one, "OUTAGES"));
  EXPECT_TRUE(has(one, "<h1>acme &amp; co – Weir</h1>"));
  EXPECT_TRUE(has(one, "weir outbox list --org &#39;acme &amp; co&#39;"));
}

TEST(StatusPageTest, StaysSmall) {
  EXPECT_LT(status_page({}, {}).size() + kStatusCss.size() + kStatusJs.size(), 30'000U);
  Status status = made_status();
  for (int i = 0; i < 500; ++i)
    status.orgs[0].sources.push_back({.source = "SOURCE_" + std::to_string(i)});
  EXPECT_LT(status_page(status, {.all_sources = true}).size(), 200'000U);
}

TEST(StatusPageTest, BearsADayOfAnyNumbers) {
  Status status = made_status();
  Usage& usage = status.orgs[0].usage;
  for (const std::int64_t limit : {0L, 1L, 2500L}) {
    usage.limit = limit;
    usage.left = -5;
    usage.calls_today = 3000;
    usage.outside = 9999;
    usage.reserve = 10'000;
    usage.lasts_until = status.now;
    const std::string page = status_page(status, {});
    EXPECT_FALSE(has(page, "width=\"-"));
    EXPECT_TRUE(has(page, "</html>"));
  }
}

}  // namespace
}  // namespace weir::daemon
