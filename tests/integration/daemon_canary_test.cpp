// Cells and keys of rows, and answers of entries, stay out of what is seen of a daemon, whoever
// quotes them: the platform, a handler, a program that gives rows, a file that cannot be used.
#include <gmock/gmock.h>
#include <httplib.h>
#include <sched.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemon_run_fixture.h"
#include "support/postgres_server.h"

namespace weir {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kKey = "canarykey";
constexpr const char* kCell = "canarycell";

// A platform that refuses whatever it gets, and repeats it without quotes.
class Parrot {
 public:
  explicit Parrot(std::function<std::string(const httplib::Request&)> message) {
    const auto refuse = [message = std::move(message)](const httplib::Request& request,
                                                       httplib::Response& response) {
      response.status = 400;
      const json body = {
          {"ResponseStatus", {{"ErrorCode", "ValidationError"}, {"Message", message(request)}}}};
      response.set_content(body.dump(), "application/json");
    };
    server_.Put(".*", refuse);
    server_.Post(".*", refuse);
    server_.Get(".*", refuse);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Parrot() {
    server_.stop();
    thread_.join();
  }
  Parrot(const Parrot&) = delete;
  Parrot& operator=(const Parrot&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

class CanaryTest : public testing::DaemonRunTest {
 protected:
  // With a page, and with somebody who is told of each trouble at once.
  void settings_seen(const std::string& more, const std::string& url = "") {
    std::string text = organization();
    text.replace(text.find("listen = ''"), 11, "listen = '127.0.0.1:0'");
    if (!url.empty()) text.replace(text.find(server_->url()), server_->url().size(), url);
    folder_.write("weir.toml", text +
                                   "[notify]\nfailing_after = '0s'\ncommand = ['/bin/sh', '-c', "
                                   "'cat >> " +
                                   folder_.file("events") + "']\n" + more);
  }

  std::string rows_with_canaries() const {
    return "id,city,status\n" + std::string(kKey) + "," + kCell + ",a\n";
  }

  std::string page(const std::string& target) {
    const std::string out = content("out");
    httplib::Client client(out.substr(7, out.find('\n') - 7));
    std::string text;
    client.Get(target, [&](const char* data, std::size_t size) {
      text.append(data, size);
      return target != "/api/v1/events" || text.find("\n\n") == std::string::npos;
    });
    return text;
  }

  // Until the trouble is on the page and somebody has been told of it.
  void wait_for_trouble() {
    while (json::parse(page("/api/v1/status"))["verdict"].empty()) ::sched_yield();
    while (content("events").empty()) ::sched_yield();
  }

  static void expect_in_none_of(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      for (const char* canary : {kKey, kCell}) EXPECT_FALSE(testing::has(text, canary)) << text;
    }
  }

  void expect_nothing_shows(const std::string& says) {
    ASSERT_EQ(told({"doctor", "--bundle", folder_.file("doctor.txt")}).exit_code, 0);
    const std::map<std::string, std::string> seen = {{"log", content("err")},
                                                     {"page", page("/")},
                                                     {"status", page("/api/v1/status")},
                                                     {"events", page("/api/v1/events")},
                                                     {"metrics", page("/metrics")},
                                                     {"weir status", told({"status"}).out},
                                                     {"notify", content("events")},
                                                     {"notify.json", content("notify.json")},
                                                     {"bundle", content("doctor.txt")}};
    for (const auto& [where, text] : seen) {
      EXPECT_FALSE(text.empty()) << where;
      for (const char* canary : {kKey, kCell})
        EXPECT_FALSE(testing::has(text, canary)) << where << ":\n" << text;
    }
    for (const std::string where : {"page", "status", "log"})
      EXPECT_THAT(seen.at(where), HasSubstr(says)) << where;
  }
};

TEST_F(CanaryTest, OfWordsOfThePlatformAboutARow) {
  const Parrot platform([](const httplib::Request&) {
    return "no city is " + std::string(kCell) + ", of row " + kKey;
  });
  put("outages.csv", rows_with_canaries());
  // Of one row the refusal is a dead letter, of several with the same words the request's fault.
  settings_seen(outages(), platform.url());
  run_daemon();
  wait_for_trouble();
  put("outages.csv", rows_with_canaries() + "2,b,c\n3,d,e\n4,f,g\n");
  while (!testing::has(page("/api/v1/status"), "ValidationError")) ::sched_yield();
  expect_nothing_shows("ValidationError: …");
  const json why = json::parse(told({"why", "OUTAGES", "--json"}).out);
  EXPECT_THAT(why.dump(), HasSubstr(kCell)) << "who asks for it gets it";
}

TEST_F(CanaryTest, OfWordsOfThePlatformWhileItLooksForEntries) {
  const Parrot platform([](const httplib::Request&) {
    return "the answer " + std::string(kCell) + " of entry " + kKey + " cannot be read";
  });
  settings_seen("[poll.ENTRIES]\nform = 'F'\nappend = 'entries.ndjson'\n", platform.url());
  run_daemon();
  wait_for_trouble();
  expect_nothing_shows("ValidationError: …");
}

TEST_F(CanaryTest, OfWordsOfAHandler) {
  server_->receive({{.id = "e1",
                     .form = "F",
                     .received = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1},
                     .answers = R"({"page":{"x":"canarycell"}})"}});
  settings_seen("[poll.ENTRIES]\nform = 'F'\ncommand = ['/bin/sh', '-c', 'cat >&2; exit 1']\n");
  run_daemon();
  wait_for_trouble();
  expect_nothing_shows("the command ended with exit code 1: …");
  EXPECT_THAT(told({"entries", "list"}).out, HasSubstr(kCell)) << "who asks for it gets it";
}

TEST_F(CanaryTest, OfWordsOfAWebhook) {
  server_->receive({{.id = "e1",
                     .form = "F",
                     .received = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1},
                     .answers = R"({"page":{"x":"canarycell"}})"}});
  const Parrot receiver([](const httplib::Request& request) { return request.body; });
  settings_seen("[poll.ENTRIES]\nform = 'F'\nwebhook = '" + receiver.url() + "/hook'\n");
  run_daemon();
  while (!testing::has(content("err"), "dead letter")) ::sched_yield();
  wait_for_trouble();
  ASSERT_EQ(told({"doctor", "--bundle", folder_.file("doctor.txt")}).exit_code, 0);
  for (const std::string& text : {content("err"), page("/"), page("/api/v1/status"),
                                  content("events"), content("doctor.txt")})
    EXPECT_FALSE(testing::has(text, kCell)) << text;
}

TEST_F(CanaryTest, OfWordsOfAProgramThatGivesRows) {
  settings_seen(
      "[source.OUTAGES]\ncommand = ['/bin/sh', '-c', 'echo canarykey: canarycell >&2; "
      "exit 3']\nfirst = 'replace'\n");
  run_daemon();
  wait_for_trouble();
  expect_nothing_shows("ended with exit code 3: …");
  EXPECT_THAT(told({"why", "OUTAGES"}).out, HasSubstr("canarykey: canarycell"));
}

class DatabaseCanaryTest : public CanaryTest {
 protected:
  static testing::PostgresServer& postgres() {
    static testing::PostgresServer server;
    return server;
  }
  std::string database() const { return "database = '" + postgres().url() + "'\n"; }

  void receive_an_entry(const std::string& form) {
    server_->receive({{.id = "e1",
                       .form = form,
                       .received = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1},
                       .answers = R"({"page":{"x":"canarycell"}})"}});
  }

  // Its entries go into a table of its own name.
  std::string poll_of(const std::string& form) const {
    return "[poll." + form + "]\nform = '" + form + "'\n" + database() + "insert = 'INSERT INTO " +
           form + " VALUES (:id, :answer.x) ON CONFLICT DO NOTHING'\n";
  }
};

// PostgreSQL tells of a constraint in its DETAIL, and a trigger of the customer's own anywhere.
TEST_F(DatabaseCanaryTest, OfWordsOfADatabaseAboutAnEntry) {
  postgres().sql(
      "CREATE TABLE checked (id text, x text CHECK (x <> 'canarycell')); CREATE TABLE told (id "
      "text, x text); CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE "
      "EXCEPTION 'no city is %', NEW.x USING DETAIL = 'row canarykey', ERRCODE = "
      "'check_violation'; END$$; CREATE TRIGGER refuse BEFORE INSERT ON told FOR EACH ROW EXECUTE "
      "FUNCTION refuse()");
  std::string polls;
  for (const char* form : {"checked", "told"}) {
    receive_an_entry(form);
    polls += poll_of(form);
  }
  settings_seen(polls);
  run_daemon();
  const auto dead_letters = [&] {
    return json::parse(told({"entries", "list", "--json"}).out)["dead_letters"].size();
  };
  while (dead_letters() < 2) ::sched_yield();
  wait_for_trouble();
  EXPECT_THAT(told({"entries", "list"}).out, HasSubstr("no city is canarycell"))
      << "who asks for it gets it";
  ASSERT_EQ(told({"doctor", "--bundle", folder_.file("doctor.txt")}).exit_code, 0);
  expect_in_none_of({content("err"), page("/"), page("/api/v1/status"), page("/api/v1/events"),
                     page("/metrics"), content("events"), content("notify.json"),
                     content("doctor.txt"), told({"status"}).out});
}

TEST_F(DatabaseCanaryTest, OfWordsOfADatabaseAboutTheRowsOfAQuery) {
  postgres().sql("CREATE TABLE rows (id text, city text); INSERT INTO rows VALUES ('" +
                 std::string(kKey) + "', '" + kCell + "')");
  const auto source = [&](const std::string& query) {
    return "[source.OUTAGES]\n" + database() + "query = \"" + query + "\"\nfirst = 'replace'\n";
  };
  // A value that is not of its type, and a function of the customer's own that tells a whole row.
  postgres().sql(
      "CREATE FUNCTION told(r rows) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION "
      "'no city is %', r.city USING DETAIL = 'row ' || r.id; END$$");
  for (const char* query : {"SELECT id, city::int AS city, id AS status FROM rows",
                            "SELECT id, told(rows) AS city, id AS status FROM rows"}) {
    settings_seen(source(query));
    run_daemon();
    wait_for_trouble();
    expect_nothing_shows("…");
    EXPECT_THAT(told({"why", "OUTAGES"}).out, HasSubstr(kCell)) << "who asks for it gets it";
    EXPECT_EQ(end_daemon(SIGTERM), 0);
  }
}

struct BadFile {
  std::string rows;
  std::string says;
};
TEST_F(CanaryTest, OfAFileThatCannotBeUsed) {
  const std::vector<BadFile> family = {
      {"id,city,status\ncanarykey,a,b\ncanarykey,canarycell,c\n", "has the key …, which row 1"},
      {"id,city,status\ncanarykey,canarycell\xFF,b\n", "the row with key … is not valid UTF-8"},
      {"canarykey,canarycell,b\n1,c,d\n",
       "there is no column 'id' to be the key; the columns are …"},
      {"canarykey,canarycell,canarycell\n1,c,d\n", "comes twice"},
      {"canarykey;canarycell\n1;2\n", "the first line is …"},
  };
  put("outages.csv", rows_with_canaries());
  settings_seen("[source.OUTAGES]\ncsv = 'outages.csv'\nkey = 'id'\nfirst = 'replace'\n");
  run_daemon();
  for (const BadFile& bad : family) {
    put("outages.csv", bad.rows);
    while (!testing::has(page("/api/v1/status"), bad.says)) ::sched_yield();
    wait_for_trouble();
    EXPECT_THAT(content("err"), HasSubstr(bad.says));
    ASSERT_EQ(told({"doctor", "--bundle", folder_.file("doctor.txt")}).exit_code, 0);
    expect_in_none_of({content("err"), page("/"), page("/api/v1/status"), content("events"),
                       content("doctor.txt")});
  }
}

}  // namespace
}  // namespace weir
