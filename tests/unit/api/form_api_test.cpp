#include "api/form_api.h"

#include <gtest/gtest.h>

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
        R"({"Entries":[{}],"TotalRows":1})", R"({"Entries":[{"Id":"e"}],"TotalRows":1})"})
    EXPECT_EQ(page_of(bad).error().code, ErrorCode::kBadResponse) << bad;
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
  EXPECT_EQ(parse_form_entry(payload->entry.json)->user_first_name, "Ann");
  EXPECT_NE(payload->entry.json.find(R"("New":1)"), std::string::npos);
  for (const std::string bad : {"", "{}", R"({"Entry":{}})", R"({"Entry":[]})"})
    EXPECT_FALSE(parse_connector_payload(bad)) << bad;
}

}  // namespace
}  // namespace weir::api
