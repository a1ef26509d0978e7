#include "mock_server/device_state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace weir::mock {
namespace {

class DeviceStateTest : public ::testing::Test {
 protected:
  std::string problem(std::int64_t company_id = 7, const std::string& email = "ada@example.com") {
    const auto loaded = load_state(path_, company_id, email);
    const auto* problem = std::get_if<std::string>(&loaded);
    return problem == nullptr ? "" : *problem;
  }

  const DeviceState state_ = {
      .company_id = 7,
      .email = "ada@example.com",
      .last_updated = "2026-11-24T08:00:01",
      .sources = {{"A", {.last_updated = "2026-11-24T08:00:01", .rows = {{"1", "\"ä\"\n"}}}},
                  {"B", {.last_updated = "not a date", .rows = {}}}}};
  testing::TemporaryFolder folder_;
  std::string path_ = folder_.file("state.json");
};

TEST_F(DeviceStateTest, ComesBackAsItWasSaved) {
  EXPECT_EQ(save_state(path_, state_), "");
  EXPECT_EQ(std::get<DeviceState>(load_state(path_, 7, "ada@example.com")), state_);
}

TEST_F(DeviceStateTest, BeginsAfreshWithoutAFile) {
  const auto loaded = load_state(path_, 7, "ada@example.com");
  EXPECT_EQ(std::get<DeviceState>(loaded),
            (DeviceState{.company_id = 7, .email = "ada@example.com"}));
}

TEST_F(DeviceStateTest, RefusesTheStateOfSomebodyElse) {
  save_state(path_, state_);
  EXPECT_NE(problem(8).find("another company"), std::string::npos);
  EXPECT_NE(problem(7, "bob@example.com").find("another company"), std::string::npos);
}

TEST_F(DeviceStateTest, RefusesAFileThatIsNotOne) {
  for (const std::string content :
       {"", "{}", "[]", "{\"company_id\":7", "{\"company_id\":\"x\"}"}) {
    folder_.write("state.json", content);
    EXPECT_NE(problem().find("move it away"), std::string::npos) << content;
  }
}

TEST_F(DeviceStateTest, KeepsTheOldFileWhenTheNewOneCannotBeWritten) {
  save_state(path_, state_);
  std::filesystem::create_directory(path_ + ".new");
  EXPECT_NE(save_state(path_, DeviceState{}).find("cannot be written"), std::string::npos);
  EXPECT_EQ(std::get<DeviceState>(load_state(path_, 7, "ada@example.com")), state_);
}

TEST_F(DeviceStateTest, IsForItsOwnerOnly) {
  save_state(path_, state_);
  struct stat found = {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(DeviceStateTest, PrintsTheDataSourcesThatWereAskedFor) {
  EXPECT_EQ(print_state(state_, {"A", "C"}),
            R"({"last_updated":"2026-11-24T08:00:01","rows":{"A":[["1","\"ä\"\n"]],"C":[]}})");
  EXPECT_EQ(print_state({}, {"A"}), R"({"last_updated":null,"rows":{"A":[]}})");
}

}  // namespace
}  // namespace weir::mock
