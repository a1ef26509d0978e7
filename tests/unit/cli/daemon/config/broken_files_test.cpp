// Files that people write by mistake: each fault is told, in its place.
#include "config_fixture.h"
#include "support/broken_settings.h"

namespace weir::daemon {
namespace {

class BrokenFilesTest : public ConfigTest,
                        public ::testing::WithParamInterface<testing::BrokenSettings> {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    folder_.write("a.csv", "id,name\n1,a\n");
    folder_.write("d", "");
  }
};

TEST_P(BrokenFilesTest, AreRefusedWithEachFaultInItsPlace) {
  const ReadConfig read = read_more(GetParam().text);
  EXPECT_TRUE(has_fault(read.findings));
  const std::string told = findings_of(read);
  for (const char* fault : GetParam().told)
    EXPECT_NE(told.find(fault), std::string::npos) << fault << "\nis not in\n" << told;
  EXPECT_EQ(read.findings.size(), GetParam().told.size()) << told;
  EXPECT_EQ(told.find("k3y"), std::string::npos) << "the key is told";
}

INSTANTIATE_TEST_SUITE_P(Names, BrokenFilesTest, ::testing::ValuesIn(testing::kBrokenNames));
INSTANTIATE_TEST_SUITE_P(Values, BrokenFilesTest, ::testing::ValuesIn(testing::kBrokenValues));
INSTANTIATE_TEST_SUITE_P(Sources, BrokenFilesTest, ::testing::ValuesIn(testing::kBrokenSources));
INSTANTIATE_TEST_SUITE_P(PollsAndTheRest, BrokenFilesTest,
                         ::testing::ValuesIn(testing::kBrokenPolls));

TEST_F(ConfigTest, TellsAFileThatIsNoTomlInItsPlace) {
  const std::string told = findings_of(read("url = https://h\n"));
  EXPECT_NE(told.find("weir.toml:1:"), std::string::npos) << told;
  EXPECT_NE(told.find("not valid TOML"), std::string::npos) << told;
  EXPECT_NE(findings_of(read_daemon_config(folder_.file("none.toml"))).find("does not exist"),
            std::string::npos);
}

TEST_F(ConfigTest, NamesAllKeysOfAnOrganizationThatAreMissing) {
  const std::string told = findings_of(read("store = 'weir.db'\n"));
  EXPECT_NE(told.find("no url, no company id, no time zone and no integration key"),
            std::string::npos)
      << told;
}

TEST_F(ConfigTest, RefusesAKeyThatOthersMayRead) {
  secret("integration-key", "k3y", 0644);
  const std::string told = findings_of(read_more(""));
  EXPECT_NE(told.find("chmod 600"), std::string::npos) << told;
  EXPECT_EQ(told.find("k3y"), std::string::npos) << told;
}

}  // namespace
}  // namespace weir::daemon
