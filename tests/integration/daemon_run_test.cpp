// `weir run` as it is deployed: what it prints, what it sends, how it is told of other settings,
// and how it ends.
#include <httplib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon_run_fixture.h"

namespace weir {
namespace {

using testing::DaemonRunTest;
using testing::Finished;

TEST_F(DaemonRunTest, KeepsADataSourceAsItsFileIs) {
  put("outages.csv", testing::rows_up_to(3));
  settings(outages());
  run_daemon();
  EXPECT_EQ(content("out"), "ready\n") << "nothing else is written there";
  wait_for_rows(3);
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_FALSE(testing::has(content("err"), testing::kCanary));
}

TEST_F(DaemonRunTest, SendsWhatOthersKeepAndSaysWhenNobodyWill) {
  settings("[source.OUTAGES]\ndeadline = '1s'\n");
  folder_.write("rows.csv", testing::rows_up_to(2));
  const std::vector<std::string> push = {
      "push",    "--source", "OUTAGES", "--csv", folder_.file("rows.csv"),
      "--first", "replace",  "--keep",  "--json"};
  const Finished alone = told(push);
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_TRUE(testing::has(alone.out, "\"calls\":0")) << alone.out;
  EXPECT_TRUE(testing::has(alone.out, "\"kept\":2")) << alone.out;
  EXPECT_TRUE(testing::has(alone.err, "no weir run uses")) << alone.err;
  run_daemon();
  wait_for_rows(2);
  folder_.write("rows.csv", testing::rows_up_to(4));
  const Finished with_daemon = told(push);
  EXPECT_FALSE(testing::has(with_daemon.err, "no weir run")) << with_daemon.err;
  wait_for_rows(4);
}

TEST_F(DaemonRunTest, IsOneForAStateDirectory) {
  settings("");
  run_daemon();
  const Finished second = told({"run"});
  EXPECT_EQ(second.exit_code, 8);
  EXPECT_TRUE(testing::has(second.err, "process " + std::to_string(daemon_))) << second.err;
}

TEST_F(DaemonRunTest, DoesNotStartWithWhatCheckRefuses) {
  settings("[source.A]\ncvs = 'a.csv'\n");
  const Finished check = told({"check"});
  EXPECT_EQ(check.exit_code, 3);
  EXPECT_TRUE(testing::has(check.out,
                           "weir.toml:9:1: cvs in [source.A] is not a setting; did you "
                           "mean csv?"))
      << check.out;
  const Finished run = told({"run"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_TRUE(testing::has(run.err, "weir.toml:9:1:")) << run.err;
  EXPECT_EQ(run.out, "");
}

TEST_F(DaemonRunTest, TakesOtherSettingsWhollyOrNotAtAll) {
  settings("");
  run_daemon();
  put("outages.csv", testing::rows_up_to(3));
  settings(outages() + "settel = '1s'\n");
  const Finished refused = told({"reload"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_TRUE(testing::has(refused.out, "settel in [source.OUTAGES] is not a setting"))
      << refused.out;
  EXPECT_TRUE(server_->rows("OUTAGES").value().empty());
  settings(outages());
  const Finished applied = told({"reload"});
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  wait_for_rows(3);
  settings(outages() + "\n[daemon2]\n");
  ::kill(daemon_, SIGHUP);
  while (!testing::has(content("err"), "daemon2 is not a setting")) ::sched_yield();
  put("outages.csv", testing::rows_up_to(4));
  wait_for_rows(4);
  folder_.write("weir.toml", organization() + "receive = '127.0.0.1:0'\n");
  EXPECT_TRUE(testing::has(told({"reload"}).out, "needs a restart"));
  EXPECT_EQ(end_daemon(SIGINT), 0);
}

TEST_F(DaemonRunTest, HoldsWhatDeletesTooMuchUntilAPersonReleasesIt) {
  put("outages.csv", testing::rows_up_to(30));
  settings(outages());
  run_daemon();
  wait_for_rows(30);
  // Until the platform has answered, the next table takes the place of this one.
  while (!testing::has(told({"status"}).out, "fresh")) ::sched_yield();
  put("outages.csv", testing::rows_up_to(2));
  Finished released;
  do {
    released = told({"release", "OUTAGES"});
  } while (released.exit_code != 0);
  EXPECT_EQ(released.out, "OUTAGES: released; 28 rows are deleted\n");
  wait_for_rows(2);
}

bool is_gone(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  // One that nobody has reaped yet runs no more.
  return !std::getline(file, line) || testing::has(line, ") Z ");
}

// Of a handler that is deaf to SIGTERM, at the end of stop_within and at a second signal.
TEST_F(DaemonRunTest, NoProgramOutlivesIt) {
  put("deaf.sh",
      "trap '' TERM\necho $$ > pid.part\nmv pid.part pid\nwhile :; do sleep 100; done\n");
  for (const std::string stop_within : {"1s", "60s"}) {
    SCOPED_TRACE(stop_within);
    std::filesystem::remove(folder_.file("pid"));
    settings("stop_within = '" + stop_within + "'\n[poll.F]\nform = 'F" + stop_within +
             "'\ncommand = ['/bin/sh', '-c', 'cd " + folder_.path().string() +
             " && . ./deaf.sh']\n");
    server_->receive(
        {{.id = "e" + stop_within, .form = "F" + stop_within, .received = server_->clock().now()}});
    run_daemon();
    while (!testing::has(content("pid"), "\n")) ::sched_yield();
    const pid_t handler = std::stoi(content("pid"));
    ::kill(daemon_, SIGTERM);
    if (stop_within == "60s") {
      while (!testing::has(told({"status"}).err, "no weir run answers")) ::sched_yield();
      ::kill(daemon_, SIGTERM);
    }
    ::waitpid(std::exchange(daemon_, 0), nullptr, 0);
    while (!is_gone(handler)) ::sched_yield();
  }
}

TEST_F(DaemonRunTest, TellsThatNoDaemonAnswers) {
  settings("");
  const Finished reload = told({"reload"});
  EXPECT_EQ(reload.exit_code, 6);
  EXPECT_TRUE(testing::has(reload.err, "no weir run answers")) << reload.err;
}

// What systemd hears of the service.
// Of two daemons with one store, one works and the other waits to; on that one all is well.
TEST_F(DaemonRunTest, WhoStandsByIsWellAndSaysThatAnotherDaemonIsAtWork) {
  put("outages.csv", testing::rows_up_to(3));
  const std::string parts = outages() + "[poll.ENTRIES]\nform = 'F'\nappend = 'entries.ndjson'\n";
  settings(parts);
  run_daemon();
  wait_for_rows(3);
  const pid_t first = std::exchange(daemon_, 0);
  std::filesystem::create_directory(folder_.file("other"));
  std::string text = organization();
  text.replace(text.find("'weir.db'"), 9, "'" + folder_.file("weir.db") + "'");
  text.replace(text.find("listen = ''"), 11,
               "listen = '127.0.0.1:0'\nstate_directory = '" + folder_.file("other") + "'");
  folder_.write("weir.toml", text + parts);
  run_daemon();
  const std::string started = content("out");
  const std::string url = started.substr(7, started.find('\n') - 7);
  httplib::Client page(url);
  nlohmann::json org;
  do {
    org = nlohmann::json::parse(page.Get("/api/v1/status")->body)["orgs"][0];
  } while (!org["polls"][0]["elsewhere"].get<bool>() ||
           !org["sources"][0]["elsewhere"].get<bool>());
  const std::string status = page.Get("/api/v1/status")->body;
  EXPECT_TRUE(nlohmann::json::parse(status)["verdict"].empty()) << status;
  EXPECT_EQ(org["polls"][0]["handler"], "another daemon polls");
  EXPECT_TRUE(testing::has(page.Get("/")->body, "another daemon polls"));
  const std::string metrics = page.Get("/metrics")->body;
  EXPECT_TRUE(testing::has(metrics, "weir_stands_by{org=\"\",poll=\"ENTRIES\"} 1")) << metrics;
  EXPECT_TRUE(testing::has(metrics, "weir_source_up{org=\"\",source=\"OUTAGES\"} 1")) << metrics;
  EXPECT_EQ(page.Get("/healthz")->status, 200);
  EXPECT_EQ(page.Get("/readyz")->status, 200);
  EXPECT_EQ(told({"status", "--exit-code"}).exit_code, 0);
  const Finished release = told({"release", "OUTAGES"});
  EXPECT_NE(release.exit_code, 0);
  EXPECT_TRUE(testing::has(release.err, "another process reads OUTAGES")) << release.err;
  ASSERT_EQ(told({"doctor", "--bundle", folder_.file("doctor.txt")}).exit_code, 0);
  EXPECT_TRUE(testing::has(content("doctor.txt"), "another daemon polls"));
  ::kill(first, SIGTERM);
  ::waitpid(first, nullptr, 0);
  do {
    org = nlohmann::json::parse(page.Get("/api/v1/status")->body)["orgs"][0];
  } while (org["polls"][0]["elsewhere"].get<bool>() || org["sources"][0]["elsewhere"].get<bool>());
}

TEST_F(DaemonRunTest, TellsSystemdWhatItDoes) {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, folder_.file("notify").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const auto wait_for = [&](const std::string& wanted) {
    char text[512];
    std::string got;
    do {
      const ssize_t size = ::recv(socket, text, sizeof text, 0);
      got.assign(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    } while (!testing::has(got, wanted));
    return got;
  };
  environment_["NOTIFY_SOCKET"] = folder_.file("notify");
  environment_["WATCHDOG_USEC"] = "400000";
  settings("");
  run_daemon();
  EXPECT_TRUE(testing::has(wait_for("READY=1"), "STATUS=1 org, 0 of 2,500 calls, "));
  wait_for("WATCHDOG=1");
  ::kill(daemon_, SIGHUP);
  EXPECT_TRUE(testing::has(wait_for("RELOADING=1"), "MONOTONIC_USEC="));
  wait_for("READY=1");
  ::kill(daemon_, SIGTERM);
  EXPECT_TRUE(testing::has(wait_for("STOPPING=1"), "EXTEND_TIMEOUT_USEC=60000000"));
  EXPECT_EQ(end_daemon(0), 0);
  ::close(socket);
}

class TwoSourcesRunTest : public DaemonRunTest {
 protected:
  std::vector<mock::DataSourceOptions> data_sources() const override {
    return {{"OUTAGES", {"id", "city", "status"}}, {"CREWS", {"id", "label"}}};
  }
};

TEST_F(TwoSourcesRunTest, TheRowsOfATableThatHasGoneWaitOnAndAreSeen) {
  const std::string crews = "[source.CREWS]\ncsv = 'crews.csv'\nfirst = 'replace'\n";
  settings(outages() + crews + "shortest = '1h'\n");
  put("crews.csv", "id,label\n1,a\n");
  run_daemon();
  while (server_->rows("CREWS").value().size() != 1) ::sched_yield();
  put("crews.csv", "id,label\n1,b\n2,b\n");
  const auto crews_are = [&](const std::string& state) {
    const std::string all = told({"status", "--json"}).out;
    return testing::has(all, "\"source\":\"CREWS\",\"state\":\"" + state +
                                 "\",\"deliver\":\"push\",\"stale_rows\":2");
  };
  while (!crews_are("waiting")) ::sched_yield();
  settings(outages());
  ASSERT_EQ(told({"reload"}).exit_code, 0);
  // What is worth a call goes at once.
  put("outages.csv", testing::rows_up_to(3));
  wait_for_rows(3);
  EXPECT_TRUE(crews_are("unconfigured")) << told({"status"}).out;
  EXPECT_EQ(server_->rows("CREWS").value().size(), 1U);
}

TEST_F(DaemonRunTest, StatusIsOfTheOrganizationThatIsNamed) {
  const auto org = [&](const std::string& name, int company, const std::string& key) {
    return "[org." + name + "]\nurl = '" + server_->url() +
           "'\ncompany_id = " + std::to_string(company) +
           "\ntime_zone = 'UTC'\nintegration_key_file = '" + key + "'\nstore = '" + name +
           ".db'\n[org." + name + ".source.OUTAGES]\ncsv = '" + name + ".csv'\n";
  };
  put("blue.csv", testing::rows_up_to(3));  // and no word on the first table: it is held
  folder_.write("weir.toml",
                "[daemon]\nlisten = ''\n" + org("acme", 7, "key") + org("blue", 8, "key"));
  put("acme.csv", "id,label\n");
  run_daemon();
  while (!testing::has(told({"status"}).out, "blue, OUTAGES")) ::sched_yield();
  const Finished acme = told({"status", "--org", "acme", "--json"});
  EXPECT_TRUE(testing::has(acme.out, "\"org\":\"acme\"")) << acme.out << acme.err;
  EXPECT_FALSE(testing::has(acme.out, "blue")) << acme.out;
  EXPECT_EQ(told({"status", "--org", "blue", "--exit-code"}).exit_code, 9);
  const Finished none = told({"status", "--org", "green"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_TRUE(testing::has(none.err, "no organization green; it has: acme, blue")) << none.err;
}

TEST_F(DaemonRunTest, StatusOfAFileOfOneKnowsNoOrganization) {
  settings(outages());
  run_daemon();
  const Finished none = told({"status", "--org", "acme"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_TRUE(testing::has(none.err, "leave out --org")) << none.err;
  const Finished release = told({"release", "OUTAGE"});
  EXPECT_TRUE(testing::has(release.err, "did you mean OUTAGES? It reads OUTAGES")) << release.err;
}

TEST_F(DaemonRunTest, KeepsWhenRowsChangedForARehearsalBesideIt) {
  put("outages.csv", testing::rows_up_to(3));
  settings(outages() + "[source.CREWS]\ncsv = 'crews.csv'\nfirst = 'replace'\n");
  run_daemon();
  wait_for_rows(3);
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  const Finished rehearsal = told({"run", "--rehearse", "7d"});
  EXPECT_EQ(rehearsal.exit_code, 0) << rehearsal.err;
  EXPECT_TRUE(testing::has(rehearsal.out, "No whole day is kept yet: the history begins at 2"))
      << rehearsal.out;
  EXPECT_TRUE(testing::has(rehearsal.out, "No history of CREWS")) << rehearsal.out;
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

// The origin is not asked: what it has now may be held, or wrong.
TEST_F(DaemonRunTest, BesideItAnExplanationShowsWhatPhonesGet) {
  settings(
      "[sync]\nlisten = '127.0.0.1:0'\nprivate_token_file = 'key'\n[source.OUTAGES]\n"
      "csv = 'outages.csv'\ndeliver = 'sync'\n[source.OUTAGES.sync]\nuser_column = 'crew'\n");
  put("outages.csv", "id,crew\n1,ada@x.org\n2,bob@x.org\n");
  run_daemon();
  while (!std::filesystem::exists(folder_.file("served.OUTAGES.rows"))) ::sched_yield();
  put("outages.csv", "id,nobody\n1,\n");
  for (int i = 0; i < 2; ++i) {
    const Finished explained = told({"serve", "--explain", "ada@x.org", "OUTAGES"});
    EXPECT_EQ(explained.exit_code, 0) << explained.err;
    EXPECT_TRUE(testing::has(explained.out, "OUTAGES for ada@x.org: 1 row(s)")) << explained.out;
  }
  end_daemon(SIGTERM);
  EXPECT_NE(told({"serve", "--explain", "ada@x.org", "OUTAGES"}).exit_code, 0);
}

}  // namespace
}  // namespace weir
