// What the real weir command says when the platform refuses: what was sent, what waits, and what to
// do next. And names that nothing is known under.
#include "cli_played_fixture.h"

namespace weir {
namespace {

using testing::Finished;
using testing::has;

const std::string kThreeRows = "id,city,status\n1,Dinuba,a\n2,Visalia,b\n3,Orosi,c\n";

class CliRefusalsTest : public testing::PlayedCliTest {
 protected:
  void refuse_every_row() {
    answer(400,
           R"({"ResponseStatus":{"ErrorCode":"SomeError","Message":"Something is not right"}})");
  }
  void refuse_the_data_source() {
    answer(400, R"({"ResponseStatus":{"ErrorCode":"E","Message":"'NOPE' was not found"}})");
  }
};

TEST_F(CliRefusalsTest, ReportNoRowOfADataSourceThatThereIsNotAsSent) {
  refuse_the_data_source();
  const std::string rows = folder_.write("rows.csv", kThreeRows);
  const Finished text = weir({"push", "--source", "NOPE", "--csv", rows});
  EXPECT_EQ(text.exit_code, 6);
  EXPECT_TRUE(has(text.out, "NOPE: none of 3 rows sent")) << text.out;
  EXPECT_FALSE(has(text.out, "replaced")) << text.out;
  EXPECT_TRUE(has(text.err, "Nothing was kept.")) << text.err;
  const Finished json = weir({"push", "--source", "NOPE", "--csv", rows, "--json"});
  EXPECT_TRUE(has(json.out, "\"upserted\":0,\"deleted\":0")) << json.out;
  EXPECT_TRUE(has(json.out, "\"sent\":0,\"waiting\":0")) << json.out;
  EXPECT_FALSE(has(json.out, "replaces_all_rows")) << json.out;
  const Finished single =
      weir({"apply", "--source", "NOPE", "--changes",
            folder_.write("changes.csv", "op,id,city,status\nupsert,1,a,b\ndelete,2,,\n")});
  EXPECT_TRUE(has(single.out, "none of 1 row sent, none of 1 deleted")) << single.out;
}

// A cache that knows no pages, or a platform that means to take the day.
TEST_F(CliRefusalsTest, EndAtAPageOfRowsThatComesAgain) {
  std::string rows;
  for (int i = 0; i < 50; ++i) rows += (i == 0 ? "[\"" : ",[\"") + std::to_string(i) + "\",\"a\"]";
  answer(200, R"({"DataSource":{"Headers":[{"Name":"id"},{"Name":"city"}],"Rows":[)" + rows +
                  R"(],"TotalRows":1000000000,"LastUpdated":"2026-11-01T08:00:00.0000000Z"}})");
  const std::string csv = folder_.write("rows.csv", "id,city\n1,a\n");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"diff", "--source", "OUTAGES", "--csv", csv},
           {"push", "--source", "OUTAGES", "--csv", csv, "--first", "adopt"},
           {"poll", "--source", "OUTAGES", "--once"}}) {
    const int before = platform_.requests();
    const Finished ended = weir(words);
    EXPECT_EQ(ended.exit_code, 6) << words.front();
    EXPECT_TRUE(has(ended.err, "answers page 2 with the rows of the page before")) << ended.err;
    EXPECT_EQ(platform_.requests() - before, 2) << words.front();
  }
}

TEST_F(CliRefusalsTest, SendRowsAgainAsTheMessageOfARequestAtFaultSays) {
  refuse_every_row();
  const std::string rows = folder_.write("rows.csv", kThreeRows);
  const Finished refused = weir({"push", "--source", "OUTAGES", "--csv", rows, "--json"});
  EXPECT_EQ(refused.exit_code, 6) << refused.err;
  EXPECT_TRUE(has(refused.out, "\"waiting\":3")) << refused.out;
  EXPECT_FALSE(has(refused.out, "dead_letters")) << "they went back: " << refused.out;
  EXPECT_TRUE(has(refused.err, "or with weir outbox retry --source OUTAGES")) << refused.err;
  EXPECT_FALSE(has(refused.err, "Client::")) << refused.err;
  const std::size_t at = refused.err.find(", at 20");
  ASSERT_NE(at, std::string::npos) << refused.err;
  const std::string moment = refused.err.substr(at + 5, 20);

  const Finished list = weir({"outbox", "list", "--json"});
  EXPECT_TRUE(has(list.out, "\"dead_letters\":[]")) << list.out;
  EXPECT_TRUE(has(list.out, "\"halted_until\":\"" + moment + "\"")) << moment << list.out;
  EXPECT_FALSE(has(list.out, "Client::")) << list.out;
  const Finished why = weir({"why", "OUTAGES", "--json"});
  EXPECT_TRUE(has(why.out, "\"sent_by\":\"" + moment + "\"")) << moment << why.out;
  EXPECT_FALSE(has(why.out, "Client::")) << why.out;
  EXPECT_FALSE(has(why.out, "..")) << why.out;

  answer(200, "{}");
  EXPECT_EQ(weir({"outbox", "send"}).exit_code, 6) << "nothing has changed that it knows of";
  const Finished retried = weir({"outbox", "retry", "--source", "OUTAGES", "--json"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_TRUE(has(retried.out, "\"sent\":3")) << retried.out;
  EXPECT_TRUE(has(weir({"outbox", "list", "--json"}).out, "\"pending\":[]"));
}

TEST_F(CliRefusalsTest, SendAllRowsThatAreLeftAloneAgainWhenAllAreMeant) {
  refuse_every_row();
  for (const char* source : {"OUTAGES", "CREWS"})
    weir({"push", "--source", source, "--csv", folder_.write("rows.csv", kThreeRows)});
  answer(200, "{}");
  const Finished retried = weir({"outbox", "retry", "--all"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_TRUE(has(retried.out, "6 waiting changes sent")) << retried.out;
  EXPECT_TRUE(has(weir({"outbox", "list"}).out, "Nothing waits"));
}

TEST_F(CliRefusalsTest, SayWhatBecomesOfTheRowsAndWhen) {
  const std::string rows = folder_.write("rows.csv", kThreeRows);
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    answer(status, "", "Retry-After: 3600\r\n");
    const Finished push = weir({"push", "--source", "S", "--csv", rows, "--wait", "0"});
    EXPECT_EQ(push.exit_code, 6) << push.err;
    EXPECT_TRUE(has(push.err, "answered " + std::to_string(status))) << push.err;
    EXPECT_TRUE(
        has(push.err, "The rows wait in the outbox; the next command sends them (not before "))
        << push.err;
    const Finished send = weir({"outbox", "send", "--wait", "0"});
    EXPECT_TRUE(
        has(send.err, "The rows wait in the outbox; the next command sends them (not before "))
        << send.err;
  }
  answer(200, "<!DOCTYPE html>Sign in");
  const Finished page = weir({"push", "--source", "S", "--csv", rows, "--wait", "0"});
  EXPECT_TRUE(has(page.err, "The rows wait in the outbox; the next command sends them."))
      << page.err;
}

TEST_F(CliRefusalsTest, KeepTheLastRefusalWhenTheTimePasses) {
  answer(413, "");
  const Finished push = weir(
      {"push", "--source", "S", "--csv", folder_.write("rows.csv", kThreeRows), "--wait", "0"});
  EXPECT_TRUE(has(push.err, "answered 413")) << push.err;
}

TEST_F(CliRefusalsTest, SayWhoRefusesARequestThatIsAtFault) {
  const std::string rows = folder_.write("rows.csv", kThreeRows);
  struct Refusal {
    int status;
    std::string body;
    std::string headers;
    std::string words;
  };
  int number = 0;
  for (const Refusal& refusal : std::vector<Refusal>{
           {301, "", "Location: https://elsewhere.example.com/api\r\n",
            "301 (to https://elsewhere.example.com/api)"},
           {308, "", "Location: /login?key=" + std::string(testing::kCanary) + "\r\n",
            "308 (to /login"},
           {402, "", "", "a payment is asked for"},
           {407, "", "", "a proxy on the way asks for a user"},
           {451, "", "", "for legal reasons"},
           {403, "<html>Request blocked</html>", "Content-Type: text/html\r\n",
            "a firewall or a proxy"},
           {404, "", "", "no such endpoint"}}) {
    answer(refusal.status, refusal.body, refusal.headers);
    const Finished push =
        weir({"push", "--source", "S" + std::to_string(++number), "--csv", rows, "--wait", "0"});
    EXPECT_EQ(push.exit_code, 6) << push.err;
    EXPECT_TRUE(has(push.err, refusal.words)) << push.err;
    EXPECT_TRUE(has(push.err, "The rows wait in the outbox")) << push.err;
  }
}

TEST_F(CliRefusalsTest, TakeASuccessThatTellsOfErrorsForNone) {
  const std::string rows = folder_.write("rows.csv", kThreeRows);
  int number = 0;
  for (const std::string body :
       {R"({"ResponseStatus":{"Message":"Row 2 refused","Errors":[{"FieldName":"x"}]}})",
        R"({"ResponseStatus":{"Errors":["row 2"]}})", R"({"Success":false,"Error":"boom"})",
        R"({"success":false})", R"({"error":"boom"})", R"({"Error":{"Code":5}})",
        R"({"Errors":[{"Message":"boom"}]})", R"({"responseStatus":{"errorCode":"E"}})"}) {
    answer(200, body);
    const Finished push = weir({"push", "--source", "S" + std::to_string(++number), "--csv", rows,
                                "--json", "--wait", "0"});
    EXPECT_NE(push.exit_code, 0) << body << push.err;
    EXPECT_TRUE(has(push.out, "\"upserted\":0")) << body << push.out;
  }
  for (const std::string body :
       {"", "{}", R"({"ResponseStatus":{}})", R"({"ResponseStatus":{"Errors":[]}})",
        R"({"ResponseStatus":{"ErrorCode":"","Message":"done","Errors":null}})",
        R"({"Success":true,"Error":null,"Errors":[]})", R"({"Rows":[{"Error":"a cell"}]})"}) {
    answer(200, body);
    EXPECT_EQ(weir({"push", "--source", "S" + std::to_string(++number), "--csv", rows}).exit_code,
              0)
        << body;
  }
}

TEST_F(CliRefusalsTest, SayThatNothingIsKnownUnderAMistypedName) {
  weir({"push", "--source", "OUTAGES", "--csv", folder_.write("rows.csv", kThreeRows)});
  weir({"push", "--source", "CREWS", "--csv", folder_.file("rows.csv"), "--json"});
  const std::vector<std::vector<std::string>> commands = {
      {"outbox", "list", "--source", "OUTAGS"},
      {"outbox", "send", "--source", "OUTAGS"},
      {"outbox", "retry", "--source", "OUTAGS"},
      {"outbox", "drop", "--source", "OUTAGS"},
      {"outbox", "drop", "--source", "OUTAGS", "--waiting"},
      {"forget", "--source", "OUTAGS", "--yes"},
      {"why", "OUTAGS"}};
  for (const std::vector<std::string>& command : commands) {
    const Finished refused = weir(command);
    EXPECT_EQ(refused.exit_code, 1) << command[0] << " " << command[1] << refused.out;
    EXPECT_TRUE(has(refused.err, "knows no data source 'OUTAGS'; there are CREWS and OUTAGES"))
        << refused.err;
    EXPECT_EQ(refused.out, "");
  }
  const std::vector<std::pair<std::vector<std::string>, std::string>> others = {
      {{"outbox", "drop", "99"}, "there is no dead letter 99"},
      {{"outbox", "retry", "99"}, "there is no dead letter 99"},
      {{"outbox", "list", "99"}, "there is no dead letter 99"},
      {{"outbox", "drop", "--key", "1"}, "there is no dead letter of key '1'"},
      {{"outbox", "retry", "--source", "OUTAGES", "--key", "1"}, "of key '1' of OUTAGES"},
      {{"entries", "drop", "77"}, "there is no entry '77'"},
      {{"entries", "retry", "77"}, "there is no entry '77'"},
      {{"entries", "list", "77"}, "there is no entry '77'"},
      {{"entries", "list", "--poll", "NOPE"}, "there is no poll 'NOPE'"},
      {{"entries", "retry", "--poll", "NOPE"}, "there is no poll 'NOPE'"},
      {{"entries", "drop", "--poll", "NOPE"}, "there is no poll 'NOPE'"}};
  for (const auto& [command, words] : others) {
    const Finished refused = weir(command);
    EXPECT_EQ(refused.exit_code, 1) << words << refused.out;
    EXPECT_TRUE(has(refused.err, words)) << refused.err;
  }
}

TEST_F(CliRefusalsTest, AreNoneWhereAllIsMeantAndNothingIsThere) {
  weir({"push", "--source", "OUTAGES", "--csv", folder_.write("rows.csv", kThreeRows)});
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"outbox", "list"},
                                             {"outbox", "send"},
                                             {"outbox", "retry", "--all"},
                                             {"outbox", "drop", "--all"},
                                             {"outbox", "list", "--source", "OUTAGES"},
                                             {"outbox", "send", "--source", "OUTAGES"},
                                             {"outbox", "retry", "--source", "OUTAGES"},
                                             {"outbox", "drop", "--source", "OUTAGES", "--waiting"},
                                             {"entries", "list"},
                                             {"entries", "retry", "--all"},
                                             {"entries", "drop", "--all"},
                                             {"forget", "--source", "OUTAGES", "--yes"}})
    EXPECT_EQ(weir(command).exit_code, 0) << command[0] << " " << command[1];
  for (const std::string more : {"7", "--key=1"})
    EXPECT_EQ(weir({"outbox", "send", more}).exit_code, 2) << "it sends what waits, no dead letter";
}

TEST_F(CliRefusalsTest, ShowMomentsInTheTimeZoneOfTheOrganization) {
  refuse_every_row();
  weir({"push", "--source", "OUTAGES", "--csv", folder_.write("rows.csv", kThreeRows)});
  const Finished list = weir({"outbox", "list"});
  EXPECT_TRUE(has(list.out, " PST") || has(list.out, " PDT")) << list.out;
  EXPECT_TRUE(has(weir({"usage"}).out, "Nothing is sent by itself to OUTAGES until "));
}

TEST_F(CliRefusalsTest, NameAHostThatCannotBeOneBeforeAnythingIsAsked) {
  const std::string rows = folder_.write("rows.csv", kThreeRows);
  for (const std::string url :
       {"https://h.invalid,", "https://h.invalid;", "https://h!", "https://[::1", "https://h{a}",
        "https://h'", "https://h.invalid,/"}) {
    environment_["WEIR_URL"] = url;
    const Finished refused = weir({"push", "--source", "S", "--csv", rows});
    EXPECT_EQ(refused.exit_code, 3) << url << refused.err;
  }
}

}  // namespace
}  // namespace weir
