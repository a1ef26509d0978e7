// A store in PostgreSQL: what weir check says of it.
#include <map>

#include "daemon_run_fixture.h"
#include "support/postgres_server.h"

namespace weir {
namespace {

using testing::Finished;
using testing::has;

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

}  // namespace
}  // namespace weir
