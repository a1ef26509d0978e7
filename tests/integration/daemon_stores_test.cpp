// A store in PostgreSQL: what weir check says of it, and what weir run does while its server hangs,
// beside another organization that is well.
#include <httplib.h>

#include <chrono>
#include <map>

#include "daemon_run_fixture.h"
#include "support/postgres_server.h"

namespace weir {
namespace {

using testing::Finished;
using testing::has;
using namespace std::chrono_literals;

// ---- What weir check says of it.

class StoreCheckTest : public testing::DaemonRunTest {
 protected:
  // What the check says of a store, which is what a start comes to.
  std::string checked(const std::string& store, int exit_code) {
    std::string text = organization();
    text.replace(text.find("weir.db"), 7, store);
    folder_.write("weir.toml", text);
    const std::string before = postgres_.dump();
    const Finished check = told({"check", "--reach"});
    EXPECT_EQ(check.exit_code, exit_code) << check.out << check.err;
    EXPECT_EQ(postgres_.dump(), before) << "it makes nothing";
    return check.out + check.err;
  }

  testing::PostgresServer postgres_;
};

TEST_F(StoreCheckTest, PassesOneThatCanBeMadeOrIsThere) {
  const std::string url = postgres_.url("made");
  checked(url, 0);
  run_daemon();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  checked(url, 0);
}

TEST_F(StoreCheckTest, FailsThoseWithWhichNothingStarts) {
  const std::string url = postgres_.url("ours");
  checked(url, 0);
  run_daemon();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  postgres_.url("empty");
  postgres_.sql("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA empty TO reader");
  const auto in = [&](const std::string& schema, const std::string& role = "weir") {
    return "postgresql://" + role + "@127.0.0.1:" + postgres_.port() +
           "/postgres?options=-csearch_path%3D" + schema;
  };
  const std::map<std::string, std::string> stores = {
      {in("nix"), "schema nix does not exist"},
      {in("empty"), "schema ours has those of this organization"},
      {in("empty", "nobody"), "role \"nobody\" does not exist"},
      {in("empty", "reader"), "role reader may make no tables in schema empty"}};
  for (const auto& [store, words] : stores) {
    EXPECT_TRUE(has(checked(store, 3), words)) << checked(store, 3);
    EXPECT_NE(told({"run"}).exit_code, 0) << store;
  }
  std::string other = content("weir.toml");
  other.replace(other.find("company_id = 7"), 14, "company_id = 8");
  other.replace(other.find("postgresql://"), other.find("'\n[daemon]") - other.find("postgresql:"),
                url);
  folder_.write("weir.toml", other);
  EXPECT_TRUE(has(told({"check", "--reach"}).out, "belongs to company 7, not to 8"));
}

TEST_F(StoreCheckTest, WarnsOfAServerThatIsAway) {
  EXPECT_TRUE(has(checked("postgresql://u:pA55word@127.0.0.1:1/x", 0),
                  "warning: weir run would not start now: "));
  EXPECT_FALSE(has(checked("postgresql://u:pA55word@127.0.0.1:1/x", 0), "pA55word"));
}

// What hangs is not waited for, and what was asked for was not told.
TEST_F(StoreCheckTest, EndsAServiceThatWaitsForIt) {
  folder_.write("crews.csv", "id,name\n1,Ann\n");
  folder_.write("sync.toml", "[service]\ncompany_id = 7\nport = 0\nstore = '" + postgres_.url() +
                                 "'\n[[source]]\nid = 'CREWS'\ncsv = 'crews.csv'\n"
                                 "user_column = 'name'\n");
  environment_ = {{"WEIR_PRIVATE_TOKEN", "token"}};
  postgres_.hang();
  const std::map<std::vector<std::string>, int> ends = {{{}, 0},
                                                        {{"--explain", "ann@x.org", "CREWS"}, 143}};
  for (const auto& [more, exit_code] : ends) {
    std::vector<std::string> words = {std::string(WEIR_BINARIES) + "/weir", "serve", "--config",
                                      folder_.file("sync.toml")};
    words.insert(words.end(), more.begin(), more.end());
    daemon_ = testing::start(words, environment_, folder_.file("out"), folder_.file("err"));
    const std::string threads = "/proc/" + std::to_string(daemon_) + "/task";
    const auto count = [&] {
      return std::distance(std::filesystem::directory_iterator(threads), {});
    };
    while (count() < 2) ::sched_yield();
    EXPECT_EQ(end_daemon(SIGTERM), exit_code) << content("err");
  }
}

// ---- A server that hangs while it runs.

class DaemonStoresTest : public testing::DaemonRunTest {
 protected:
  void SetUp() override {
    DaemonRunTest::SetUp();
    folder_.write("weir.toml", "[daemon]\nlisten = '127.0.0.1:0'\n" +
                                   org("well", 7, folder_.file("well.db")) +
                                   "[org.well.source.OUTAGES]\ncsv = 'outages.csv'\n"
                                   "first = 'replace'\ndeadline = '1s'\n" +
                                   org("hung", 8, postgres_.url()) +
                                   "[org.hung.source.CREWS]\ncsv = 'crews.csv'\n");
    put("outages.csv", testing::rows_up_to(3));
    run_daemon();
    wait_for_rows(3);
    while (!has(told({"status", "--json"}).out,
                "\"org\":\"hung\",\"numbers_at\":null,\"org_day\":\"2"))
      ::sched_yield();
    page_ = content("out");
    page_ = page_.substr(0, page_.find('\n')).substr(std::string("status ").size());
  }

  std::string org(const std::string& name, int company, const std::string& store) const {
    return "[org." + name + "]\nurl = '" + server_->url() +
           "'\ncompany_id = " + std::to_string(company) +
           "\ntime_zone = 'UTC'\nintegration_key_file = 'key'\nstore = '" + store + "'\n";
  }

  void wait_until_told() {
    while (!has(told({"status"}).out, "Error: hung, the store, since ")) ::sched_yield();
  }

  int status_of(const std::string& path) const {
    httplib::Client client(page_);
    client.set_read_timeout(10s);
    const auto answer = client.Get(path);
    return answer ? answer->status : 0;
  }

  testing::PostgresServer postgres_;
  std::string page_;
};

TEST_F(DaemonStoresTest, OneThatHangsHidesAndHoldsUpNoOther) {
  postgres_.hang();
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  wait_until_told();
  const std::string status = told({"status", "--json"}).out;
  EXPECT_TRUE(has(status, "\"org\":\"hung\",\"numbers_at\":\"2")) << status;
  EXPECT_TRUE(has(status, "does not answer")) << status;
  for (const char* path : {"/", "/?org=hung", "/api/v1/status", "/metrics", "/readyz"})
    EXPECT_EQ(status_of(path), 200) << path;
  EXPECT_EQ(told({"why", "--org", "well", "OUTAGES"}).exit_code, 0);
  const Finished unknown = told({"why", "--org", "hung", "CREWS"});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_TRUE(has(unknown.err, "does not answer")) << unknown.err;
  EXPECT_EQ(told({"reload"}).exit_code, 0);
  postgres_.go_on();
  while (has(told({"status"}).out, "the store, since ")) ::sched_yield();
}

TEST_F(DaemonStoresTest, OneThatHangsKeepsNobodyFromStopping) {
  postgres_.hang();
  wait_until_told();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s) << "of a minute";
}

// Each of them waits for its store with all that it does.
TEST_F(DaemonStoresTest, ManyThatHangHoldUpNoOther) {
  constexpr int kMany = 24;
  std::string settings = content("weir.toml");
  for (int i = 0; i < kMany; ++i) {
    const std::string name = "hung" + std::to_string(i);
    settings += org(name, 100 + i, postgres_.url(name)) + "[org." + name +
                ".source.CREWS]\ncsv = 'crews.csv'\nfirst = 'replace'\n";
  }
  folder_.write("weir.toml", settings);
  ASSERT_EQ(told({"reload"}).exit_code, 0);
  postgres_.hang();
  put("crews.csv", testing::rows_up_to(2));
  wait_until_told();
  const auto began = std::chrono::steady_clock::now();
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 15s) << "of the 35 that each of them waits";
}

// A change of settings takes it out.
TEST_F(DaemonStoresTest, OneThatHangsCanBeTakenOut) {
  postgres_.hang();
  wait_until_told();
  std::string settings = content("weir.toml");
  folder_.write("weir.toml", settings.substr(0, settings.find("[org.hung]")));
  EXPECT_EQ(told({"reload"}).exit_code, 0);
  EXPECT_FALSE(has(told({"status"}).out, "hung"));
}

}  // namespace
}  // namespace weir
