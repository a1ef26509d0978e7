// Downloads of form entries' files: the real client and the real command against the real mock
// server.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "download_fixture.h"
#include "http/curl_transport.h"
#include "support/process.h"
#include "support/raw_server.h"

namespace weir {
namespace {

TEST_F(DownloadTest, FetchesAFileWithoutSpendingACall) {
  server_->add_file("e1", "photo.jpg", {.content = "a photo"});
  Client client = open(options());
  const Result<DownloadReport> report = client.download(photo());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->bytes, 7);
  EXPECT_EQ(content_of(photo().to), "a photo");
  EXPECT_TRUE(nothing_is_left());
  EXPECT_EQ(client.usage()->calls_today, 0);
  ASSERT_EQ(client.usage()->log.size(), 1U);
  EXPECT_FALSE(client.usage()->log[0].charged);
  EXPECT_EQ(client.usage()->log[0].target, "/api/v2/formentry/file e1/photo.jpg");
  EXPECT_EQ(server_->usage().calls_today, 0);
  ASSERT_EQ(server_->usage().log.size(), 1U);
  EXPECT_FALSE(server_->usage().log[0].charged);
}

TEST_F(DownloadTest, FetchesOnADayWhoseCallsAreSpent) {
  ClientOptions spent = options();
  spent.calls_per_day = 1;
  Client client = open(spent);
  ASSERT_TRUE(client.calibrate(1));
  EXPECT_TRUE(client.download(photo()));
}

TEST_F(DownloadTest, FetchesAnEmptyFile) {
  server_->add_file("e1", "photo.jpg", {});
  EXPECT_EQ(open(options()).download(photo())->bytes, 0);
  EXPECT_EQ(content_of(photo().to), "");
}

TEST_F(DownloadTest, GoesOnWhereAnAnswerWasCutShort) {
  server_->add_file("e1", "photo.jpg", large());
  server_->faults().add({.kind = FaultKind::kTruncate, .count = 2});
  const Result<DownloadReport> report = open(options()).download(photo());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->requests, 3);
  EXPECT_EQ(last_status(), 206);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
}

TEST_F(DownloadTest, GoesOnWithWhatAnEarlierTryHasLeft) {
  server_->add_file("e1", "photo.jpg", large());
  fetch_half();
  const Result<DownloadReport> report = open(options()).download(photo());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->resumed_from, kMegabyte / 2);
  EXPECT_EQ(report->requests, 1);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
}

TEST_F(DownloadTest, FetchesTheWholeFileAgainWhereThePlatformGivesNoParts) {
  EntryFile whole_only = large();
  whole_only.ranges = false;
  server_->add_file("e1", "photo.jpg", whole_only);
  fetch_half();
  ASSERT_TRUE(open(options()).download(photo()));
  EXPECT_EQ(last_status(), 200);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
}

TEST_F(DownloadTest, FetchesTheWholeFileAgainWhenNothingTellsItsVersion) {
  EntryFile nameless = large();
  nameless.validators = false;
  server_->add_file("e1", "photo.jpg", nameless);
  fetch_half();
  ASSERT_TRUE(open(options()).download(photo()));
  EXPECT_EQ(last_status(), 200);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
}

// A cache on the way that keeps the cut answer, and so knows of no more bytes.
TEST_F(DownloadTest, TakesNoCutFileForWholeWhateverItsSizeIsSaidToBe) {
  const std::string whole(1000, 'x');
  const std::string about = "ETag: \"v1\"\r\nConnection: close\r\n";
  std::atomic<int> from_the_first_byte = 0;
  testing::RawServer cache = testing::RawServer::answering([&](const std::string& request) {
    const bool goes_on = request.find("\r\nRange:") != std::string::npos;
    if (goes_on)
      return testing::RawAnswer{"HTTP/1.1 416 No\r\nContent-Range: bytes */400\r\n" + about +
                                "Content-Length: 0\r\n\r\n"};
    const bool is_cut = ++from_the_first_byte == 1;
    return testing::RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n" + about + "\r\n" +
                              whole.substr(0, is_cut ? 400 : 1000)};
  });
  ClientOptions behind_it = options();
  behind_it.url = cache.url();
  ASSERT_TRUE(open(behind_it).download(photo()));
  EXPECT_EQ(content_of(photo().to), whole);

  from_the_first_byte = 0;
  behind_it.wait = 0ms;
  ASSERT_FALSE(open(behind_it).download(photo()));
  from_the_first_byte = 0;
  behind_it.wait = 30s;
  ASSERT_TRUE(open(behind_it).download(photo())) << "by another process too";
  EXPECT_EQ(content_of(photo().to), whole);
}

TEST_F(DownloadTest, EndsAtACacheThatCutsEachAnswer) {
  testing::RawServer cache = testing::RawServer::answering([&](const std::string& request) {
    const bool goes_on = request.find("\r\nRange:") != std::string::npos;
    return testing::RawAnswer{(goes_on ? "HTTP/1.1 416 No\r\nContent-Range: bytes */4\r\n"
                                       : "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n") +
                              std::string("ETag: \"v1\"\r\nConnection: close\r\n") +
                              (goes_on ? "Content-Length: 0\r\n\r\n" : "\r\nhalf")};
  });
  ClientOptions behind_it = options();
  behind_it.url = cache.url();
  EXPECT_EQ(open(behind_it).download(photo()).error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(photo().to));
}

TEST_F(DownloadTest, NeverMixesTheBytesOfTwoVersions) {
  server_->add_file("e1", "photo.jpg", large(1));
  fetch_half();
  server_->add_file("e1", "photo.jpg", large(2));
  ASSERT_TRUE(open(options()).download(photo()));
  EXPECT_EQ(content_of(photo().to), large(2).bytes(0, kMegabyte));
}

TEST_F(DownloadTest, NeverGoesOnWithTheBytesOfAnotherFile) {
  server_->add_file("e1", "photo.jpg", large(1));
  server_->add_file("e2", "photo.jpg", large(2));
  fetch_half();
  FileDownload other = photo();
  other.entry_id = "e2";
  ASSERT_TRUE(open(options()).download(other));
  EXPECT_EQ(last_status(), 200);
  EXPECT_EQ(content_of(other.to), large(2).bytes(0, kMegabyte));
}

TEST_F(DownloadTest, RefusesAFileOverTheLimitAndLeavesNothing) {
  server_->add_file("e1", "photo.jpg", large());
  FileDownload small = photo();
  small.max_bytes = kMegabyte - 1;
  const Result<DownloadReport> report = open(options()).download(small);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(report.error().message.find("999999 bytes"), std::string::npos);
  EXPECT_TRUE(nothing_is_left());
  EXPECT_FALSE(std::filesystem::exists(small.to));
  small.max_bytes = kMegabyte;
  EXPECT_TRUE(open(options()).download(small));
}

TEST_F(DownloadTest, KeepsWhatFitsOnAFullDiskAndGoesOnFromThere) {
  server_->add_file("e1", "photo.jpg", large());
  Client client = open(options());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full = {.rlim_cur = 600'000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const Result<DownloadReport> refused = client.download(photo());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kStoreFull) << refused.error().message;
  EXPECT_EQ(client.download(photo())->resumed_from, 600'000);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
}

TEST_F(DownloadTest, LetsOneAtATimeWriteAFile) {
  server_->add_file("e1", "photo.jpg", large());
  Client first = open(options());
  Client second = open(options());
  std::optional<ErrorCode> refusal;
  FileDownload watched = photo();
  watched.on_progress = [&](const DownloadProgress&) {
    if (!refusal) refusal = second.download(photo()).error().code;
    return true;
  };
  EXPECT_TRUE(first.download(watched));
  EXPECT_EQ(refusal, ErrorCode::kBusy);
  EXPECT_EQ(content_of(photo().to), large().bytes(0, kMegabyte));
  EXPECT_TRUE(second.download(photo())) << "it is free again";
}

TEST_F(DownloadTest, TellsAWrongKeyAndAMissingFileApart) {
  server_->add_file("e1", "other.jpg", {});
  const Result<DownloadReport> missing = open(options()).download(photo());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound) << missing.error().message;
  ClientOptions wrong = options();
  wrong.integration_key = Secret::from_string("wrong", "the test");
  EXPECT_EQ(open(wrong).download(photo()).error().code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(DownloadTest, TakesNamesWithOddCharacters) {
  const std::string name = "../ph oto+ü&a=b?#%2F.jpg";
  server_->add_file("e/1 &", name, {.content = "odd"});
  ASSERT_TRUE(open(options()).download({.entry_id = "e/1 &", .file_name = name, .to = photo().to}));
  EXPECT_EQ(content_of(photo().to), "odd");
  FileDownload escape = photo();
  escape.file_name = "a\x1b[2Jb";
  EXPECT_EQ(open(options()).download(escape).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(DownloadTest, SaysWhenTheFolderIsMissingOrTheTargetIsOne) {
  FileDownload bad = photo();
  bad.to = folder_.file("no/such/folder");
  EXPECT_EQ(open(options()).download(bad).error().code, ErrorCode::kInvalidArgument);
  bad.to = folder_.path().string();
  EXPECT_EQ(open(options()).download(bad).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(server_->usage().log.empty()) << "nothing was asked for";
}

TEST_F(DownloadTest, TakesAConnectionLeaseUnlessToldOtherwise) {
  server_->add_file("e1", "photo.jpg", large());
  for (const bool takes : {true, false}) {
    ClientOptions chosen = options();
    chosen.exempt_requests_take_connection = takes;
    Client client = open(chosen);
    int held = -1;
    FileDownload watched = photo();
    watched.on_progress = [&](const DownloadProgress&) {
      held = static_cast<int>(client.usage()->open_connections);
      return true;
    };
    ASSERT_TRUE(client.download(watched));
    EXPECT_EQ(held, takes ? 1 : 0);
  }
}

TEST_F(DownloadTest, StopsWhenAskedThoughNothingArrives) {
  server_->add_file("e1", "photo.jpg", large());
  server_->faults().add({.kind = FaultKind::kDelay, .seconds = 60});
  Client client = open(options());
  std::thread stopper([&] {
    while (server_->faults().delayed() == 0) ::sched_yield();
    client.request_stop();
  });
  EXPECT_EQ(client.download(photo()).error().code, ErrorCode::kCancelled);
  stopper.join();
}

TEST_F(DownloadTest, ServesRangesAsHttpSays) {
  server_->add_file("e1", "photo.jpg", {.content = "0123456789"});
  const auto wire = http::curl_transport({.base_url = server_->url()}).value();
  const auto ask = [&](const std::string& range, const std::string& condition = "") {
    HttpRequest request{.method = "GET",
                        .path = "/api/v2/formentry/file",
                        .query = {{"EntryId", "e1"},
                                  {"Filename", "photo.jpg"},
                                  {"CompanyId", "1"},
                                  {"IntegrationKey", "k"}},
                        .headers = {{"Range", range}}};
    if (!condition.empty()) request.headers.emplace_back("If-Range", condition);
    return wire->send(request).value();
  };
  EXPECT_EQ(ask("bytes=2-4").body, "234");
  EXPECT_EQ(ask("bytes=2-4").header("content-range"), "bytes 2-4/10");
  EXPECT_EQ(ask("bytes=8-").body, "89");
  EXPECT_EQ(ask("bytes=-3").body, "789");
  EXPECT_EQ(ask("bytes=8-100").body, "89");
  EXPECT_EQ(ask("bytes=10-").status, 416);
  EXPECT_EQ(ask("bytes=10-").header("content-range"), "bytes */10");
  EXPECT_EQ(ask("bytes=8-", "\"another\"").body, "0123456789");
  EXPECT_EQ(server_->usage().calls_today, 0);
}

class DownloadCommandTest : public DownloadTest {
 protected:
  std::vector<std::string> command(std::vector<std::string> more) const {
    std::vector<std::string> words = {std::string(WEIR_BINARIES) + "/weir", "download", "--entry",
                                      "e1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  testing::Environment environment() const {
    return {{"WEIR_URL", server_->url()},
            {"WEIR_COMPANY_ID", "1"},
            {"WEIR_INTEGRATION_KEY", key_},
            {"WEIR_TIME_ZONE", "UTC"},
            {"WEIR_STORE", folder_.file("weir.db")}};
  }
  testing::Finished weir(const std::vector<std::string>& more) const {
    return testing::run(command(more), environment());
  }

  // Ends the command by a signal while the file is under way; its status.
  int end_under_way(int signal) {
    const pid_t child = testing::start(command({"--file", "photo.jpg", "--to", photo().to}),
                                       environment(), folder_.file("out"), folder_.file("err"));
    std::error_code none_yet;
    int status = 0;
    while (std::filesystem::file_size(photo().to + ".part", none_yet) == 0 || none_yet) {
      if (::waitpid(child, &status, WNOHANG) == child) return status;  // faster than the signal
      ::sched_yield();
    }
    ::kill(child, signal);
    ::waitpid(child, &status, 0);
    return status;
  }

  void expect_resumed() {
    const testing::Finished resumed = weir({"--file", "photo.jpg", "--to", photo().to, "--json"});
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(resumed.out.find("\"resumed_from\":0"), std::string::npos) << resumed.out;
    EXPECT_NE(resumed.out.find("\"requests\":1"), std::string::npos) << resumed.out;
    EXPECT_EQ(content_of(photo().to), huge_.bytes(0, huge_.size()));
    EXPECT_TRUE(nothing_is_left());
  }

  const EntryFile huge_ = {.generated_size = 100 * kMegabyte, .seed = 3};
  std::string key_ = "k";
};

TEST_F(DownloadCommandTest, GoesOnAfterAKill) {
  server_->add_file("e1", "photo.jpg", huge_);
  ASSERT_TRUE(WIFSIGNALED(end_under_way(SIGKILL))) << "it was faster than the kill";
  expect_resumed();
}

TEST_F(DownloadCommandTest, GoesOnAfterAnInterrupt) {
  server_->add_file("e1", "photo.jpg", huge_);
  const int status = end_under_way(SIGINT);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  expect_resumed();
}

TEST_F(DownloadCommandTest, ReportsWhatItDid) {
  server_->add_file("e1", "photo.jpg", {.content = "a photo"});
  EXPECT_EQ(weir({"--file", "photo.jpg", "--to", photo().to, "--json"}).out,
            R"({"entry":"e1","file":"photo.jpg","to":")" + photo().to +
                R"(","bytes":7,"resumed_from":0,"requests":1})"
                "\n");
  EXPECT_EQ(weir({"--file", "photo.jpg", "--to", photo().to}).out,
            "photo.jpg of entry e1: 7 bytes in " + photo().to + "\n");
}

TEST_F(DownloadCommandTest, ExitsWithTheCodeOfWhatWentWrong) {
  server_->add_file("e1", "photo.jpg", {.content = "a photo"});
  EXPECT_EQ(weir({"--file", "missing.jpg", "--to", photo().to}).exit_code, 6);
  EXPECT_EQ(weir({"--file", "photo.jpg", "--to", photo().to, "--max-bytes", "6"}).exit_code, 1);
  for (const char* name : {"../photo.jpg", "/etc/passwd", "..", ".bashrc", ""})
    EXPECT_EQ(weir({"--file", name}).exit_code, 2) << name;
  key_ = "wrong";
  EXPECT_EQ(weir({"--file", "photo.jpg", "--to", photo().to}).exit_code, 4);
}

}  // namespace
}  // namespace weir
