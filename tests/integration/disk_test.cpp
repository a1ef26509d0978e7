// Disks that fill up and fail: what was kept is sent, what does not fit is refused, and nothing is
// lost.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>
#include <weir/client.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr const char* kStrace = "/usr/bin/strace";

// A disk of 2 MiB in memory, in place of a folder.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directory(folder_);
    if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2m") != 0)
      problem_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (problem_.empty()) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& problem() const { return problem_; }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

  // Something else takes half of it.
  void take_half() const {
    std::ofstream(file("other"), std::ios::binary) << std::string(1024 * 1024, 'x');
  }
  void give_space_back() const { std::filesystem::remove(file("other")); }

 private:
  std::string folder_;
  std::string problem_;
};

class DiskTest : public ::testing::Test {
 protected:
  // With as many rows in a call as the platform takes: settling them needs more space than the
  // ballast gives.
  Result<Client> open(const std::string& store, CallLimits limits = {}) {
    return Client::open({.url = server_->url(),
                         .company_id = 1,
                         .integration_key = Secret::from_string("k", "the test"),
                         .time_zone = "UTC",
                         .store = store,
                         .limits = limits,
                         .send_in_background = false,
                         .lease_rest = 1ms});
  }

  // As many rows as the disk takes; the error that ended it.
  Error keep_all_that_fits(DataSource source, int most = 100'000, std::size_t size = 2000) {
    for (int i = 0; i < most; ++i) {
      const std::string key = std::to_string(i);
      if (Result<void> kept = source.upsert({key, std::string(size, 'v')}); !kept)
        return kept.error();
      kept_[key] = std::string(size, 'v');
    }
    return {};
  }

  std::map<std::string, std::string> rows(const std::string& source = "S") const {
    std::map<std::string, std::string> found;
    const auto table = server_->rows(source).value();
    for (const Row& row : table) found[row[0]] = row[1];
    return found;
  }

  testing::TemporaryFolder folder_;
  static std::unique_ptr<mock::MockServer> start_server() {
    mock::Options options{.company_id = 1, .integration_key = "k"};
    options.data_sources = {{"S", {"id", "text"}}};
    for (int i = 0; i < 20; ++i)
      options.data_sources.push_back({"D" + std::to_string(i), {"id", "text"}});
    return mock::MockServer::start(options);
  }

  std::unique_ptr<mock::MockServer> server_ = start_server();
  std::map<std::string, std::string> kept_;
};

TEST_F(DiskTest, SendsWhatItHasKeptOnAFullDiskAndWorksAgainWhenThereIsSpace) {
  const SmallDisk disk(folder_.file("disk"));
  if (!disk.problem().empty()) {
    std::printf("not tried: no disk can be mounted here (%s)\n", disk.problem().c_str());
    return;
  }
  disk.take_half();
  Result<Client> client = open(disk.file("weir.db"));
  ASSERT_TRUE(client) << client.error().message;
  DataSource source = client->data_source("S");
  const Error full = keep_all_that_fits(source);
  EXPECT_EQ(full.code, ErrorCode::kStoreFull) << full.message;
  EXPECT_NE(full.message.find("full"), std::string::npos) << full.message;
  EXPECT_GT(kept_.size(), 50U);
  EXPECT_FALSE(std::filesystem::exists(disk.file("weir.db.ballast"))) << "it was given up";
  const Result<void> refused = source.upsert({"new", "x"});
  ASSERT_FALSE(refused) << "what the ballast gave is for sending";
  EXPECT_EQ(refused.error().code, ErrorCode::kStoreFull);
  const Result<SendReport> sent = client->drain(30s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(rows(), kept_);
  EXPECT_EQ(server_->usage().calls_today, 1) << "what was accepted is not sent again";
  EXPECT_GE(client->usage()->calls_today, server_->usage().calls_today);

  disk.give_space_back();
  const Result<void> again = source.upsert({"new", "x"});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::filesystem::exists(disk.file("weir.db.ballast")));
  ASSERT_TRUE(client->drain(30s));
  kept_["new"] = "x";
  EXPECT_EQ(rows(), kept_);
}

TEST_F(DiskTest, SendsRowsOfAnySizeFromAFullDiskWithItsBallastAndWithoutItOnceThereIsSpace) {
  int without = 0;
  for (int run = 0; run < 20; ++run) {
    SCOPED_TRACE(run);
    const SmallDisk disk(folder_.file("disk-" + std::to_string(run)));
    if (!disk.problem().empty()) {
      std::printf("not tried: no disk can be mounted here (%s)\n", disk.problem().c_str());
      return;
    }
    const bool has_ballast = run % 2 == 0;
    // Nothing can be put where something else is.
    if (!has_ballast) std::filesystem::create_directory(disk.file("weir.db.ballast"));
    disk.take_half();
    kept_.clear();
    const std::string id = "D" + std::to_string(run);
    Result<Client> client = open(disk.file("weir.db"));
    ASSERT_TRUE(client) << client.error().message;
    const auto size = static_cast<std::size_t>(40 << (run / 2));
    const Error full = keep_all_that_fits(client->data_source(id), 100'000, size);
    ASSERT_EQ(full.code, ErrorCode::kStoreFull) << full.message;
    const std::int64_t calls_before = server_->usage().calls_today;
    Result<SendReport> sent = client->drain(has_ballast ? 30s : 0s);
    if (!sent && !has_ballast) {
      ++without;
      disk.give_space_back();
      sent = client->drain(30s);
    }
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(rows(id), kept_);
    EXPECT_GE(client->usage()->calls_today, server_->usage().calls_today - calls_before);
  }
  std::printf("20 full disks: %d could send only when there was space again\n", without);
}

TEST_F(DiskTest, NamesADamagedStoreAndWhatToDo) {
  const std::string store = folder_.file("weir.db");
  {
    Result<Client> client = open(store);
    ASSERT_TRUE(client);
    keep_all_that_fits(client->data_source("S"), 100);
  }
  std::filesystem::resize_file(store, std::filesystem::file_size(store) / 2);
  Result<Client> client = open(store);
  const Result<SendReport> sent = client ? client->drain(1s) : Result<SendReport>(client.error());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(sent.error().message.find(store), std::string::npos);
  EXPECT_NE(sent.error().message.find("damaged"), std::string::npos) << sent.error().message;
  EXPECT_EQ(server_->usage().calls_today, 0) << "no ledger, no call";
}

// Each of these system calls fails once, the K-th of its kind, while a snapshot is published.
class FaultTest : public DiskTest, public ::testing::WithParamInterface<const char*> {
 protected:
  testing::Finished push(const std::vector<std::string>& before = {}) {
    std::vector<std::string> words = before;
    for (const std::string& word :
         {std::string(WEIR_BINARIES) + "/weir", std::string("push"), std::string("--source"),
          std::string("S"), std::string("--csv"), folder_.file("rows.csv"), std::string("--wait"),
          std::string("30")})  // well beyond the rest of a lease that could not be given back
      words.push_back(word);
    return testing::run(words, {{"WEIR_URL", server_->url()},
                                {"WEIR_COMPANY_ID", "1"},
                                {"WEIR_INTEGRATION_KEY", "k"},
                                {"WEIR_TIME_ZONE", "UTC"},
                                {"WEIR_STORE", folder_.file("weir.db")},
                                // It cannot look for leaks where strace looks on.
                                {"ASAN_OPTIONS", "detect_leaks=0"}});
  }

  std::map<std::string, std::string> write_snapshot(int number) {
    std::map<std::string, std::string> wanted;
    std::string csv = "id,text\n";
    for (int i = 0; i < 3 + number % 3; ++i) {
      const std::string key = std::to_string(i);
      wanted[key] = std::to_string(number) + "." + key;
      csv += key + "," + wanted[key] + "\n";
    }
    folder_.write("rows.csv", csv);
    return wanted;
  }
};

TEST_P(FaultTest, FailsWithTheRightExitCodeAndLosesNothing) {
  const std::string fault = GetParam();
  const std::string call = fault.substr(0, fault.find(':'));
  const std::string trace = folder_.file("trace");
  int failures = 0;
  for (int at = 1; at < 60; at += at < 8 ? 1 : 7) {
    const auto wanted = write_snapshot(at);
    const testing::Finished hurt = push({kStrace, "-f", "-qq", "-o", trace, "-e", "trace=" + call,
                                         "-e", "inject=" + fault + ":when=" + std::to_string(at)});
    const int told = call == "clone3" ? 1 : 8;
    EXPECT_TRUE(hurt.exit_code == 0 || hurt.exit_code == told) << hurt.exit_code << hurt.err;
    if (hurt.exit_code == 0) {
      EXPECT_EQ(rows(), wanted);
    }
    failures += hurt.exit_code == 0 ? 0 : 1;
    const testing::Finished healed = push();
    EXPECT_EQ(healed.exit_code, 0) << healed.err;
    ASSERT_EQ(rows(), wanted) << fault << " at " << at;
    std::ifstream traced(trace);
    const std::string text(std::istreambuf_iterator<char>(traced), {});
    if (text.find("INJECTED") == std::string::npos) break;
  }
  Result<Client> client = open(folder_.file("weir.db"));
  EXPECT_GE(client->usage()->calls_today, server_->usage().calls_today);
  std::printf("%s: %d failures told\n", fault.c_str(), failures);
  EXPECT_GT(failures, 0);
}

INSTANTIATE_TEST_SUITE_P(Calls, FaultTest,
                         ::testing::Values("pwrite64:error=ENOSPC", "pwrite64:error=EIO",
                                           "fdatasync:error=EIO", "ftruncate:error=EIO",
                                           "fcntl:error=ENOLCK", "lseek:error=EIO",
                                           "clone3:error=EAGAIN"),
                         [](const auto& of) {
                           std::string name = of.param;
                           std::replace(name.begin(), name.end(), ':', '_');
                           std::replace(name.begin(), name.end(), '=', '_');
                           return name;
                         });

}  // namespace
}  // namespace weir
