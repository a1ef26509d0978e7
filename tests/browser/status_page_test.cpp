// What an operator sees and does: the daemon's status page in a real browser.
#include "daemon/seeing/status_page.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>

#include "browser/browser.h"
#include "browser/many_sources.h"
#include "daemon/seeing/status_events.h"
#include "daemon/seeing/status_server.h"
#include "support/raw_client.h"

namespace weir::daemon {
namespace {

using testing::Browser;

class StatusPageInBrowserTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }

  void start() {
    server_.emplace(StatusServer::start("127.0.0.1", 0,
                                        {.status =
                                             [this] {
                                               const std::lock_guard lock(mutex_);
                                               return status_;
                                             },
                                         .is_alive = [] { return true; },
                                         .is_ready = [] { return true; }})
                        .value());
  }

  void set(const Status& status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }

  void open(const std::string& target = "/") { browser_.open(server_->url() + target); }
  // Whether the page shows this text.
  bool shows(const std::string& text) { return browser_.value(has(text)); }
  static std::string has(const std::string& text) {
    return "document.body.textContent.includes(" + nlohmann::json(text).dump() + ")";
  }

  std::mutex mutex_;
  Status status_ = made_status();
  std::optional<StatusServer> server_;
  Browser browser_;
};

TEST_F(StatusPageInBrowserTest, HasWithJavaScriptAFilterMoreThanWithout) {
  for (const bool has_scripts : {true, false}) {
    browser_.set_scripts(has_scripts);
    open();
    for (const std::string part :
         {"✔ All is well", "1,296 of 2,500 calls left", "every 14 min: 3.1 rows/h at price 310"})
      EXPECT_TRUE(shows(part)) << part << has_scripts;
    EXPECT_EQ(browser_.value("document.getElementById('filter') !== null"), has_scripts);
  }
}

TEST_F(StatusPageInBrowserTest, LeadsEverywhereWithoutJavaScript) {
  set(status_of_many(500));
  browser_.set_scripts(false);
  open();
  browser_.value("document.querySelector('a[href=\"?all=1\"]').focus()");
  browser_.follow_focused_link();
  EXPECT_EQ(browser_.value("document.querySelectorAll('tbody th').length >= 500"), true);
  set(status_of_several());
  open();
  browser_.value("document.querySelector('a[href=\"?org=second\"]').focus()");
  browser_.follow_focused_link();
  EXPECT_TRUE(shows("Data sources"));
}

TEST_F(StatusPageInBrowserTest, LetsNoNameBecomeMarkup) {
  Status status = made_status();
  status.orgs[0].sources[0].source = "<img src=x onerror=\"document.title='HACKED'\">";
  status.orgs[0].sources[0].error = status.orgs[0].sources[0].source;
  set(status);
  open();
  EXPECT_EQ(browser_.value("document.title"), "Weir");
  EXPECT_EQ(browser_.value("document.images.length"), 0);
  EXPECT_TRUE(shows(status.orgs[0].sources[0].source));
}

TEST_F(StatusPageInBrowserTest, AsksNobodyElse) {
  set(status_of_many(60));
  open();
  for (const std::string& request : browser_.requests())
    EXPECT_TRUE(request.starts_with(server_->url())) << request;
  EXPECT_GE(browser_.requests().size(), 3U) << "the page, its style and its script";
}

TEST_F(StatusPageInBrowserTest, PutsNewerPartsInPlaceOfOlderOnes) {
  open();
  Status newer = made_status();
  newer.orgs[0].usage.left = 1295;
  set(newer);
  browser_.wait_until(has("1,295 of 2,500 calls left"));
  EXPECT_EQ(browser_.value("document.getElementById('contact').textContent"), "");
  EXPECT_EQ(browser_.value("document.querySelectorAll('#filter').length"), 1);
}

TEST_F(StatusPageInBrowserTest, AsksAgainEveryFewSecondsWhereItGetsNoStream) {
  const int port = std::stoi(server_->url().substr(server_->url().rfind(':') + 1));
  std::vector<testing::RawClient> others;
  for (int i = 0; i < StatusEvents::kMostStreams; ++i) {
    others.emplace_back(port);
    others.back().send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(others.back().receive().starts_with("HTTP/1.1 200 "));
  }
  open();
  Status newer = made_status();
  newer.orgs[0].usage.left = 1295;
  set(newer);
  browser_.wait_until(has("1,295 of 2,500 calls left"));
  EXPECT_EQ(browser_.value("document.getElementById('contact').textContent"), "");
}

TEST_F(StatusPageInBrowserTest, LeavesItsReaderWhereHeIs) {
  set(status_of_many(60));
  open("/?all=1");
  browser_.value("document.querySelector('details').open = true");
  browser_.value(
      "(() => { const filter = document.getElementById('filter'); filter.focus(); filter.value = "
      "'_17'; filter.dispatchEvent(new Event('input')); filter.setSelectionRange(1, 1); })()");
  Status newer = status_of_many(60);
  newer.orgs[0].usage.left = 1295;
  newer.orgs[0].sources[17].stale_rows = 4711;
  set(newer);
  browser_.wait_until(has("4,711"));
  EXPECT_EQ(browser_.value("document.activeElement.id"), "filter");
  EXPECT_EQ(browser_.value("document.activeElement.selectionStart"), 1);
  EXPECT_EQ(browser_.value("document.querySelectorAll('section[aria-labelledby=sources] tbody "
                           "tr:not([hidden])').length"),
            1);
  EXPECT_EQ(browser_.value("document.querySelector('details').open"), true);
}

TEST_F(StatusPageInBrowserTest, GrowsNewPartsWhenThereAreSome) {
  Status status = made_status();
  status.orgs[0].polls.clear();
  set(status);
  open();
  EXPECT_FALSE(shows("Polls"));
  set(made_status());
  browser_.wait_until(has("Polls and their handlers"));
  EXPECT_EQ(browser_.value("document.querySelectorAll('#filter').length"), 1);
}

// Without an assertion on the time, which is the machine's: it is told.
TEST_F(StatusPageInBrowserTest, IsSmallWithFiveHundredSources) {
  set(status_of_many(500));
  const auto begun = std::chrono::steady_clock::now();
  open("/?all=1");
  const auto took = std::chrono::steady_clock::now() - begun;
  std::cout << "500 sources: loaded in "
            << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms, "
            << browser_.value(
                   "performance.getEntriesByType('navigation')[0].decodedBodySize / 1000")
            << " KB\n";
  EXPECT_LT(browser_.value("performance.getEntriesByType('navigation')[0].decodedBodySize"),
            200'000);
  EXPECT_LT(kStatusCss.size() + kStatusJs.size() + status_page(made_status(), {}).size(), 30'000U);
}

TEST_F(StatusPageInBrowserTest, SaysThatTheDaemonIsGoneAndKeepsWhatItKnew) {
  open();
  server_.reset();
  browser_.wait_until(
      "document.getElementById('contact').textContent.startsWith('No contact since ')");
  EXPECT_TRUE(shows("1,296 of 2,500 calls left"));
}

// Everything that a click reaches is reached by Tab, in the order of the page, and shows it.
TEST_F(StatusPageInBrowserTest, IsReachedByKeyboardWhole) {
  set(status_of_many(60));
  open();
  const int count = browser_.value(
      "[...document.querySelectorAll('a[href], summary, input, [tabindex]')].map((one, i) => { "
      "one.dataset.place = i; }).length");
  EXPECT_GE(count, 4);
  for (int i = 0; i < count; ++i) {
    browser_.press_tab();
    EXPECT_EQ(browser_.value("document.activeElement.dataset.place"), std::to_string(i));
    EXPECT_EQ(browser_.value("getComputedStyle(document.activeElement).outlineStyle"), "solid");
  }
  browser_.value("document.querySelector('a[href=\"?all=1\"]').focus()");
  browser_.follow_focused_link();
  EXPECT_EQ(browser_.value("location.search"), "?all=1");
}

TEST_F(StatusPageInBrowserTest, ScrollsSidewaysAtNoWidth) {
  for (const Status& status : {made_status(), status_of_many(60), status_of_several()}) {
    set(status);
    for (const int width : {320, 360, 1280}) {
      browser_.set_width(width);
      open("/?all=1");
      EXPECT_EQ(browser_.overflow(), 0) << width;
    }
  }
}

}  // namespace
}  // namespace weir::daemon
