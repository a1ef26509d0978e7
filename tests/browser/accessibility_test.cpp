// What axe, the accessibility checker, finds on the status page: nothing.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "browser/browser.h"
#include "browser/many_sources.h"
#include "daemon/seeing/status_server.h"

namespace weir::daemon {
namespace {

using testing::Browser;

std::string axe() {
  std::ifstream file(WEIR_AXE, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(text.empty()) << WEIR_AXE << " is not there; ./dev check browser fetches it";
  return text;
}

// The violations on the page that is open, as lines.
std::string violations(Browser& browser) {
  static const std::string checker = axe();
  browser.value(checker + "; 0");
  return browser.value(
      "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations.map((one) "
      "=> one.id + ': ' + one.help + ': ' + one.nodes[0].html).join('\\n'))");
}

struct Look {
  int width;
  bool is_dark;
};

class AccessibilityTest : public ::testing::Test {
 protected:
  void expect_none(const Status& status, const std::string& target) {
    const StatusServer server = StatusServer::start("127.0.0.1", 0,
                                                    {.status = [&] { return status; },
                                                     .is_alive = [] { return true; },
                                                     .is_ready = [] { return true; }})
                                    .value();
    for (const Look look : {Look{1280, false}, Look{1280, true}, Look{360, false}}) {
      browser_.set_width(look.width);
      browser_.set_dark(look.is_dark);
      browser_.open(server.url() + target);
      EXPECT_EQ(browser_.value("matchMedia('(prefers-color-scheme: dark)').matches"), look.is_dark);
      EXPECT_EQ(violations(browser_), "") << target << " at " << look.width << look.is_dark;
    }
  }

  Browser browser_;
};

TEST_F(AccessibilityTest, HasNothingToFindWithOneSource) {
  expect_none(status_of_many(1), "/");
  expect_none(made_status(), "/");
}

TEST_F(AccessibilityTest, HasNothingToFindWithSixtySources) {
  expect_none(status_of_many(60), "/");
  expect_none(status_of_many(60), "/?all=1");
}

TEST_F(AccessibilityTest, HasNothingToFindWithFiveHundredSources) {
  expect_none(status_of_many(500), "/");
  expect_none(status_of_many(500), "/?all=1");
}

TEST_F(AccessibilityTest, HasNothingToFindWithSeveralOrganizations) {
  expect_none(status_of_several(), "/");
  expect_none(status_of_several(), "/?org=second");
}

TEST_F(AccessibilityTest, FindsWhatIsWrong) {
  browser_.open("data:text/html,<title>a</title><p style='color:%23bbb'>pale</p>");
  EXPECT_NE(violations(browser_).find("color-contrast"), std::string::npos);
}

}  // namespace
}  // namespace weir::daemon
