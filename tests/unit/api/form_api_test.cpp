#include "api/form_api.h"

#include <gtest/gtest.h>

#include <set>

namespace weir::api {
namespace {

Result<FormPage> page_of(const std::string& body) {
  return parse_form_page({.status = 200, .headers = {}, .body = body});
}

TEST(FormApi, AsksForEntriesInTheOrderOfReceiptFromASecondOn) {
  const HttpRequest request = form_search_request(
      {.company_id = 7, .integration_key = Secret::from_string("k", "the test")},
      {.form = "F", .from = TimePoint{Milliseconds{1707120000999}}, .page = 2});
  EXPECT_EQ(request.path, "/api/v2/formentry/search");
  const std::map<std::string, std::string> query(request.query.begin(), request.query.end());
  EXPECT_EQ(query.at("FromDate"), "2024-02-05T08:00:00Z");
  EXPECT_EQ(query.at("DateOrder"), "Ascending");
  EXPECT_EQ(query.at("PageNo"), "2");
  EXPECT_EQ(query.at("PageSize"), "250");
  EXPECT_EQ(request.target, "F");
}

TEST(FormApi, ReadsAnswersInEveryFormat) {
  for (const std::string answers : {R"("AnswersJson":{"x":"1"})", R"("Answers":{"x":"1"})",
                                    R"("AnswersRawJson":"{\"x\":\"1\"}")"}) {
    const auto page =
        page_of(R"({"Entries":[{"Id":"e","ReceivedTime":"2024-02-05T08:00:00.0010000Z",)" +
                answers + R"(}],"TotalRows":1})");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->entries.at(0).answers, R"({"x":"1"})");
    EXPECT_EQ(page->entries.at(0).received, TimePoint{Milliseconds{1707120000001}});
  }
}

TEST(FormApi, RefusesAnAnswerThatIsNotAsDocumented) {
  for (const std::string bad :
       {"", "[]", "{}", R"({"Entries":[],"TotalRows":-1})", R"({"Entries":{},"TotalRows":0})",
        R"({"Entries":[],"TotalRows":1e400})", R"({"Entries":[)",
        R"({"Entries":[{"Id":"e"}],"TotalRows":1)", R"({"Entries":[{"Id":"e"],"TotalRows":1})",
        R"({"Entries":[{"Id":"e],"TotalRows":1})", R"({"Entries":[],"TotalRows":1}})",
        R"({"Entries":[],"TotalRows":1}[])", R"({"Entries":[],TotalRows:1})"})
    EXPECT_EQ(page_of(bad).error().code, ErrorCode::kBadResponse) << bad;
}

// What it may be: no Id, no time, no object, and text that is JSON by its grammar but cannot be
// read, or none.
TEST(FormApi, AnEntryThatCannotBeReadHoldsUpNoOther) {
  std::set<std::string> ids;
  for (const std::string odd :
       {R"({})", R"({"Id":null})", R"({"Id":""})", R"({"Id":"n\u0000x"})", R"({"Id":"\ud800"})",
        R"(null)", R"("text")", R"([1,2])", R"({"Id":{"a":1}})", "{\"Id\":\"\xff\"}", R"({"Id":x})",
        R"({"Id"})"}) {
    const auto page =
        page_of(R"({"Entries":[{"Id":"a"},)" + odd + R"(,{"Id":"b"}],"TotalRows":3})");
    ASSERT_TRUE(page) << odd << page.error().message;
    ASSERT_EQ(page->entries.size(), 3U);
    EXPECT_EQ(page->entries[0].id + page->entries[2].id, "ab");
    const FormEntry& entry = page->entries[1];
    EXPECT_FALSE(entry.id.empty());
    EXPECT_EQ(entry.received, TimePoint{});
    EXPECT_TRUE(ids.insert(entry.id).second) << "told apart: " << odd;
    EXPECT_EQ(entry.id, parse_form_entry(odd).id) << "the same each time";
    if (odd.find('\xff') == std::string::npos) EXPECT_EQ(entry.json, odd);
  }
}

TEST(FormApi, TellsWhatCanBeReadOfAnEntry) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  for (const std::string odd : {std::string("1e400"), std::string(R"("\ud800")"), deep}) {
    const std::string written =
        R"({"Id":"e","ReceivedTime":"2024-02-05T08:00:00Z","AnswersJson":)" + odd +
        R"(,"UserFirstName":"Ann"})";
    const auto page = page_of(R"({"Entries":[)" + written + R"(],"TotalRows":1})");
    ASSERT_TRUE(page) << page.error().message;
    const FormEntry& entry = page->entries.at(0);
    EXPECT_EQ(entry.id, "e");
    EXPECT_EQ(entry.received, TimePoint{Milliseconds{1707120000000}});
    EXPECT_EQ(entry.user_first_name, "Ann");
    EXPECT_EQ(entry.json, written);
  }
}

TEST(FormApi, GivesAnswersAsTheyAreWrittenOnOneLine) {
  const std::string answers = R"({"z":123456789012345678901234567890,"b":1.10,"c":1E2,)"
                              R"("a":"x  \" y\\","l":[-0.0,"ü"]})";
  const std::string payload =
      "{ \"IntegrationKey\" : \"k\",\r\n \"Entry\" : {\t\"Id\" : \"e\" ,\n" +
      (R"("AnswersJson": )" + answers) + " } }\n";
  const auto delivery = parse_connector_payload(payload);
  ASSERT_TRUE(delivery) << delivery.error().message;
  EXPECT_EQ(delivery->entry.answers, answers);
  EXPECT_EQ(delivery->entry.json, R"({"Id":"e","AnswersJson":)" + answers + "}");
  EXPECT_EQ(parse_form_entry(delivery->entry.json).answers, answers);
}

// The parser would pass over what is behind it.
TEST(FormApi, RefusesWhatHasANulByte) {
  const std::string page = R"({"Entries":[],"TotalRows":0})";
  EXPECT_TRUE(page_of(page));
  const std::string payload = R"({"ProviderId":7,"IntegrationKey":"k","Entry":{"Id":"e"}})";
  EXPECT_TRUE(parse_connector_payload(payload));
  for (const std::string rest : {"", " ", "more"}) {
    EXPECT_FALSE(page_of(page + '\0' + rest));
    EXPECT_FALSE(parse_connector_payload(payload + '\0' + rest));
  }
}

TEST(FormApi, ReadsADeliveryAndKeepsAllOfItsEntry) {
  const auto payload = parse_connector_payload(
      R"({"ProviderId":7,"IntegrationKey":"k","Entry":{"Id":"e","UserFirstName":"Ann","New":1}})");
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->integration_key.reveal(), "k");
  EXPECT_EQ(parse_form_entry(payload->entry.json).user_first_name, "Ann");
  EXPECT_NE(payload->entry.json.find(R"("New":1)"), std::string::npos);
  for (const std::string bad : {"", "{}", R"({"Entry":{}})", R"({"Entry":[]})"})
    EXPECT_FALSE(parse_connector_payload(bad)) << bad;
}

}  // namespace
}  // namespace weir::api
