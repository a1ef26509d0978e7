#include "daemon/seeing/bundle.h"

#include <gtest/gtest.h>

#include "settings_shown.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

Bundle made_bundle() {
  BundleOrg org;
  org.store.location = "/var/lib/weir/weir.db";
  org.usage.limit = 2500;
  org.usage.totals = {
      {.target = "/api/v2/datasource OUTAGES", .reason = "price", .calls = 40, .rows = 99}};
  org.usage.log = {{.time = TimePoint{std::chrono::hours{1000}},
                    .method = "PUT",
                    .target = "/api/v2/datasource OUTAGES",
                    .rows = 2,
                    .reason = "deadline"}};
  org.days = {{.org_day = "2026-11-28", .target = "/api/v2/datasource OUTAGES", .calls = 30},
              {.org_day = "2026-11-29", .target = "/api/v2/datasource OUTAGES", .calls = 10}};
  org.outbox.dead_letters = {{.id = 5,
                              .source = "OUTAGES",
                              .key = "CANARY-1",
                              .reason = "row CANARY-1 is refused: 'CANARY cell'"}};
  return {.orgs = {org}, .salt = "salt"};
}

TEST(BundleTest, TellsCallsByTargetAndDayAndTheReasonOfEach) {
  const std::string text = bundle_text(made_bundle());
  EXPECT_NE(text.find("40"), std::string::npos);
  EXPECT_NE(text.find("a row had waited for as long as its deadline allows"), std::string::npos);
  EXPECT_NE(text.find("most on one of the 2 days: 30"), std::string::npos) << text;
}

TEST(BundleTest, HashesKeysAndLeavesCellsOut) {
  Bundle bundle = made_bundle();
  bundle.status = "OUTAGES, error: \"CANARY cell\" in key CANARY-1\n";
  bundle.log = {"the platform refuses id CANARY-1, 'CANARY"};
  bundle.check = {"weir.toml:3:1: the file of CANARY-1"};
  const std::string text = bundle_text(bundle);
  EXPECT_EQ(text.find("CANARY"), std::string::npos) << text;
  EXPECT_NE(text.find("key #"), std::string::npos) << text;
  bundle.salt = "another";
  EXPECT_NE(bundle_text(bundle), text) << "nobody can guess a key from its hash";
}

TEST(BundleTest, LeavesASecretOutWhereverItCameFrom) {
  Bundle bundle = made_bundle();
  bundle.secrets = {"S3CR3T-key"};
  bundle.log = {"a proxy says: bad header S3CR3T-key"};
  EXPECT_EQ(bundle_text(bundle).find("S3CR3T"), std::string::npos);
}

TEST(BundleTest, NamesTheStoreThatCannotBeOpened) {
  Bundle bundle;
  bundle.orgs = {{.name = "acme", .problem = "there is no store x.db"}};
  EXPECT_NE(bundle_text(bundle).find("== Store of acme\nthere is no store x.db\n"),
            std::string::npos);
}

TEST(WithoutQuotesTest, LeavesOutWhatIsQuotedOrNamedAndNothingElse) {
  EXPECT_EQ(without_quotes("today's calls are spent"), "today's calls are spent");
  EXPECT_EQ(without_quotes("a row waits"), "a row waits");
  EXPECT_EQ(without_quotes("row 'x y' and \"z\" fail"), "row '…' and \"…\" fail");
  EXPECT_EQ(without_quotes("row 4711 is bad"), "row … is bad");
  EXPECT_EQ(without_quotes("cut 'off\nnext line"), "cut '…\nnext line");
  EXPECT_EQ(without_quotes("'"), "'…");
  EXPECT_EQ(without_quotes("400 (E: “no 'canary'”)"), "400 (E: …)");
}

TEST(ShownSettingsTest, ShowWhatIsSetWithoutWhatMayBeSecret) {
  testing::TemporaryFolder folder;
  const cli::SettingsTree tree = cli::read_settings_tree(folder.write(
      "weir.toml",
      "url = 'https://user:CANARY@secure.example.com/x'\n"
      "company_id = 7\n"
      "integration_key_file = 'CANARY-file'\n"
      "strange = 'CANARY'\n"
      "store = 'postgresql://weir:CANARY@db/weir'\n"
      "[notify]\nwebhook = 'https://hooks.example.com/CANARY'\n"
      "[source.A]\ncommand = ['/bin/export', '--password=CANARY']\nevery = '10m'\n"
      "[source.B]\ndatabase = 'postgresql://reader:CANARY@db/crm'\nquery = 'SELECT CANARY'\n"
      "at = ['06:00', '12:00']\n[source.B.sync]\nuser_column = 'crew'\n"));
  const std::string text = cli::shown_settings(tree);
  EXPECT_EQ(text.find("CANARY"), std::string::npos) << text;
  for (const std::string line :
       {"company_id = 7\n", "integration_key_file = set\n", "strange is not a setting\n",
        "notify.webhook = \"https://hooks.example.com/…\"\n",
        "source.A.command = \"/bin/export\" and 1 argument\n", "source.A.every = '10m'\n",
        "source.B.query = set\n", "source.B.sync.user_column = \"crew\"\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(ShownSettingsTest, ShowNothingOfAnAddressThatIsNotUnderstood) {
  testing::TemporaryFolder folder;
  const auto shown = [&](const std::string& line) {
    return cli::shown_settings(cli::read_settings_tree(folder.write("weir.toml", line)));
  };
  for (const char* database :
       {"host=127.0.0.1 port=1 password=CANARY dbname=x", "password='CANARY x' host=h",
        "host = h password = CANARY", "postgresql://reader:CANARY@db/crm",
        "POSTGRESQL://reader:CANARY@db/crm", "reader:CANARY@db/crm", "odbc://DSN=x;PWD=CANARY",
        "odbc://DSN=x;AccessToken=CANARY", "mysql://reader:CANARY@db/crm", "CANARY"}) {
    const std::string line = std::string("database = \"") + database + "\"\n";
    for (const std::string& text :
         {shown("[source.A]\n" + line), shown("[poll.P]\n" + line),
          shown("[source.A]\ndatabase = [\"" + std::string(database) + "\"]\n")}) {
      EXPECT_EQ(text.find("CANARY"), std::string::npos) << text;
      EXPECT_NE(text.find("database = "), std::string::npos) << text;
    }
    if (std::string(database) == "CANARY") continue;
    const std::string store = shown(std::string("store = \"") + database + "\"\n");
    if (std::string(database).find_first_of("=/") < std::string(database).find('@'))
      EXPECT_EQ(store.find("CANARY"), std::string::npos) << store;
  }
  for (const char* address :
       {"https://h/CANARY", "HTTPS://h/CANARY", "h.example/CANARY", "https:/h/CANARY",
        "https://h?CANARY", "https://h#CANARY", "https://u:CANARY@h/x", "ftp://h/CANARY"}) {
    const std::string value = std::string("\"") + address + "\"";
    for (const std::string& text :
         {shown("url = " + value), shown("[notify]\nwebhook = " + value),
          shown("[notify]\nwebhook = [" + value + "]"), shown("[source.A]\nhttp = " + value),
          shown("[poll.P]\nwebhook = " + value)})
      EXPECT_EQ(text.find("CANARY"), std::string::npos) << text;
  }
  EXPECT_EQ(shown("store = 'acme.db'"), "store = \"acme.db\"\n");
  EXPECT_EQ(shown("[source.A]\ndatabase = 'host=h password=CANARY dbname=x'"),
            "source.A.database = \"postgresql://h/x\"\n");
}

}  // namespace
}  // namespace weir::daemon
