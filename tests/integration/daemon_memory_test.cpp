// A million rows pass through the daemon's readers in bounded memory.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "support/postgres_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

constexpr int kRows = 1'000'000;
constexpr long kMostMegabytes = 150;

class DaemonMemoryTest : public ::testing::TestWithParam<std::string> {
 protected:
  // The largest resident set of the process, in MB.
  long memory_of(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {std::string(WEIR_BINARIES) + "/source_runner",
                                         folder_.file("weir.db"), folder_.path().string()});
    arguments.push_back(GetParam());
    const pid_t process = testing::start(arguments, {{"TMPDIR", folder_.path().string()}},
                                         folder_.file("out"), folder_.file("err"));
    int status = 0;
    rusage usage = {};
    ::wait4(process, &status, 0, &usage);
    std::string problem;
    std::getline(std::ifstream(folder_.file("err")), problem);
    EXPECT_EQ(status, 0) << problem;
    const long megabytes = usage.ru_maxrss / 1024;
    std::printf("%s %s: %ld MB\n", arguments.at(3).c_str(), GetParam().c_str(), megabytes);
    return megabytes;
  }

  testing::TemporaryFolder folder_;
};

TEST_P(DaemonMemoryTest, OfAFile) {
  {
    std::ofstream file(folder_.file("rows.csv"));
    file << "id,text\n";
    for (int i = 0; i < kRows; ++i) file << i << ",some text of row " << i << "\n";
  }
  std::filesystem::last_write_time(
      folder_.file("rows.csv"),
      std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_LT(memory_of({"csv", folder_.file("rows.csv")}), kMostMegabytes);
}

TEST_P(DaemonMemoryTest, OfAQuery) {
  testing::PostgresServer postgres;
  EXPECT_LT(memory_of({"query", postgres.url(),
                       "SELECT i AS id, 'some text of row ' || i AS text FROM generate_series(1, " +
                           std::to_string(kRows) + ") i"}),
            kMostMegabytes);
}

INSTANTIATE_TEST_SUITE_P(Delivers, DaemonMemoryTest, ::testing::Values("push", "sync"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace weir
