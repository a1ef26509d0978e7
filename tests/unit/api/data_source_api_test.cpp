#include "api/data_source_api.h"

#include <gtest/gtest.h>

#include "rows/row_check.h"
#include "support/put_content.h"
#include "text/json_string.h"

namespace weir::api {
namespace {

const Credentials kCredentials{.company_id = 12345,
                               .integration_key = Secret::from_string("the-key", "a test")};

using testing::PutContent;

std::string body_of(const PutContent& content) {
  return put_request(kCredentials, content.view())->body;
}

Result<HttpRequest> request_of(const PutContent& content) {
  return put_request(kCredentials, content.view());
}

Result<Page> page(const std::string& body) {
  return parse_page({.status = 200, .headers = {}, .body = body});
}

TEST(PutRequest, SendsEveryListInItsDocumentedForm) {
  EXPECT_EQ(
      body_of({.external_id = "PRODUCTS",
               .new_rows = {{"P1", "Bolt"}, {"P2", ""}},
               .deleted_keys = {"P8", "P9"},
               .cell_updates = {{"P3", {"Label", "Washer"}}}}),
      R"({"CompanyId":12345,"IntegrationKey":"the-key","ExternalId":"PRODUCTS",)"
      R"("NewRows":[["P1","Bolt"],["P2",""]],"DeletedRows":[["P8"],["P9"]],)"
      R"("RowColumnUpdates":[{"RowId":"P3","ColumnUpdates":[{"Column":"Label","Value":"Washer"}]}]})");
}

TEST(PutRequest, SendsAReplaceAsRowsEvenWhenItIsEmpty) {
  EXPECT_EQ(
      body_of({.external_id = "A", .rows = std::vector<Row>{{"1", "x"}}}),
      R"({"CompanyId":12345,"IntegrationKey":"the-key","ExternalId":"A","Rows":[["1","x"]]})");
  EXPECT_EQ(body_of({.external_id = "A", .rows = std::vector<Row>{}}),
            R"({"CompanyId":12345,"IntegrationKey":"the-key","ExternalId":"A","Rows":[]})");
}

TEST(PutRequest, EscapesWhatJsonCannotHold) {
  const std::string body = body_of(
      {.external_id = "A",
       .new_rows = {{"1", "plain text \"\\\n\t\x01 \x1F\x7F after, Grüße \xF0\x9F\x9A\x92"}}});
  EXPECT_NE(body.find(R"("plain text \"\\\n\t\u0001 \u001f)"
                      "\x7F after, Grüße \xF0\x9F\x9A\x92\"]]"),
            std::string::npos)
      << body;
}

TEST(PutRequest, TakesTheSameTextForUtf8AsTheOutboxDoes) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      for (const std::string tail : {"", "\x80", "\x80\x80", "a", "\xBF\xBF"}) {
        std::string text = "padding to eight and more ";
        text += static_cast<char>(first);
        text += static_cast<char>(second);
        text += tail;
        if (text.find('\0') != std::string::npos) continue;
        const bool is_sent =
            request_of({.external_id = "A", .new_rows = {{"1", text}}}).has_value();
        ASSERT_EQ(is_sent, !outbox::first_invalid_byte(text)) << first << ' ' << second;
      }
    }
  }
}

TEST(PutRequest, WritesWholeRowsAsUpdatesOfAllTheirCellsButTheKey) {
  const std::vector<std::string> columns = {"id", "city", "status"};
  const Row row = {"P3", "Dinuba", "on"};
  const Row key_alone = {"P4"};
  PutDataSource content{.external_id = "A"};
  content.cell_updates.push_back({.key = &row[0], .cells = &row, .columns = &columns});
  content.cell_updates.push_back({.key = &key_alone[0], .cells = &key_alone, .columns = &columns});
  EXPECT_NE(
      put_request(kCredentials, content)
          ->body.find(R"("RowColumnUpdates":[{"RowId":"P3","ColumnUpdates":[)"
                      R"({"Column":"city","Value":"Dinuba"},{"Column":"status","Value":"on"}]},)"
                      R"({"RowId":"P4","ColumnUpdates":[]}]})"),
      std::string::npos);
}

TEST(PutRequest, TakesNoMoreMemoryThanItsBodyHas) {
  std::string escaped;
  for (char c = 1; c < 0x7F; ++c) escaped += c;
  for (const std::string& text : {std::string(100'000, 'x'), std::string(100'000, '\x01'),
                                  std::string(100'000, '"'), escaped + "Grüße"}) {
    const PutContent content{.external_id = "A",
                             .new_rows = {{"1", text, text}},
                             .deleted_keys = {text},
                             .cell_updates = {{"2", {"city", text}}}};
    const std::string body = body_of(content);
    EXPECT_LE(body.capacity(), body.size() + 2'000);
  }
}

TEST(JsonString, IsAsLongAsItIsSaidToBe) {
  for (unsigned c = 1; c < 0x80; ++c) {
    for (const std::string& text : {std::string(1, static_cast<char>(c)),
                                    "before " + std::string(3, static_cast<char>(c)) + " Grüße",
                                    std::string(17, static_cast<char>(c)), std::string()}) {
      std::string json;
      ASSERT_TRUE(text::append_json_string(json, text));
      EXPECT_EQ(text::json_string_bytes(text), json.size()) << c;
    }
  }
}

TEST(PutRequest, NeverSendsHeadersOrTheId) {
  const std::string body = body_of({.external_id = "A", .new_rows = {{"1", "x"}}});
  EXPECT_EQ(body.find("Headers"), std::string::npos);
  EXPECT_EQ(body.find("\"Id\""), std::string::npos);
}

TEST(PutRequest, SaysForTheLogWhatItIsAndNothingSecret) {
  const HttpRequest request =
      *request_of({.external_id = "A", .new_rows = {{"1", "x"}}, .deleted_keys = {"2"}});
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/api/v2/datasource");
  EXPECT_EQ(request.target, "A");
  EXPECT_EQ(request.rows, 2);
}

TEST(PutRequest, RefusesTextThatIsNotUtf8WithoutQuotingIt) {
  const Result<HttpRequest> request = request_of({.external_id = "A", .new_rows = {{"1", "\xFF"}}});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(request.error().message.find("the-key"), std::string::npos);
}

TEST(PageRequest, AsksForOnePageCountedFromZero) {
  const HttpRequest request =
      page_request(kCredentials, {.external_id = "A", .page = 2, .page_rows = 100});
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(request.query, (std::vector<Pair>{{"CompanyId", "12345"},
                                              {"IntegrationKey", "the-key"},
                                              {"ExternalId", "A"},
                                              {"ReturnRows", "true"},
                                              {"PageSize", "100"},
                                              {"PageNo", "2"},
                                              {"format", "json"}}));
}

TEST(ParsePage, ReadsAPageWithNullCellsAsEmpty) {
  const Result<Page> read = page(
      R"({"DataSource":{"Headers":[{"Name":"id","DisplayAt":"None"},{"Name":"city"}],"Rows":[["1",null],["2","x"]],)"
      R"("TotalRows":7,"LastUpdated":"2026-11-24T08:00:00.0000000Z"},"ResponseStatus":null})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->columns, (std::vector<std::string>{"id", "city"}));
  EXPECT_EQ(read->rows, (std::vector<Row>{{"1", ""}, {"2", "x"}}));
  EXPECT_EQ(read->total_rows, 7);
}

TEST(ParsePage, ReadsMembersInAnyOrderAndPassesOverOthers) {
  const Result<Page> read =
      page(R"({"ResponseStatus":{"Errors":[{"Rows":[["x"]]}]},"DataSource":{"TotalRows":1,)"
           R"("Rows":[["1","Rows"]],"Extra":[[{"Name":"no"}],7,true,null],"Name":"Headers",)"
           R"("Headers":[{"DisplayAt":{"Name":"no"},"Name":"id"},{"Name":"city","Rows":[]}]}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->columns, (std::vector<std::string>{"id", "city"}));
  EXPECT_EQ(read->rows, (std::vector<Row>{{"1", "Rows"}}));
}

TEST(ParsePage, TreatsTheAnswerAsHostile) {
  for (const std::string& body :
       {std::string(""),
        std::string("{"),
        std::string("[]"),
        std::string("{}"),
        std::string(R"({"DataSource":[]})"),
        std::string(R"({"DataSource":{"TotalRows":"many"}})"),
        std::string(R"({"DataSource":{"TotalRows":-1}})"),
        std::string(
            R"({"DataSource":{"Headers":[{"Name":"a"}],"Rows":[["1","2"]],"TotalRows":1}})"),
        std::string(R"({"DataSource":{"Headers":[{"Name":7}],"TotalRows":1}})"),
        std::string(R"({"DataSource":{"Headers":[],"Rows":[[]],"TotalRows":1}})"),
        std::string(R"({"DataSource":{"Headers":[{"Name":"a"}],"Rows":[[{}]],"TotalRows":1}})"),
        std::string(R"({"DataSource":{"Headers":[{"Name":"a"}],"Rows":["1"],"TotalRows":1}})"),
        std::string(R"({"DataSource":{"Headers":["a"],"TotalRows":1}})"),
        std::string(R"({"DataSource":{"Rows":[],"Rows":[],"TotalRows":0}})"),
        std::string(R"({"DataSource":{"TotalRows":0},"DataSource":{"TotalRows":0}})"),
        std::string(R"({"DataSource":{"Rows":{},"TotalRows":0}})"),
        std::string(R"({"DataSource":{"TotalRows":18446744073709551615}})"),
        std::string(R"({"DataSource":{"TotalRows":0}} more)"),
        std::string(1'000'000, '['),
        std::string(R"({"DataSource":{"TotalRows":0}})") + '\0',
        std::string(R"({"DataSource":{"TotalRows":0}})") + '\0' + "more",
        std::string("{\"DataSource\":{\"TotalRows\":1e999}}")}) {
    const Result<Page> read = page(body);
    ASSERT_FALSE(read) << body.substr(0, 60);
    EXPECT_EQ(read.error().code, ErrorCode::kBadResponse);
  }
}

}  // namespace
}  // namespace weir::api
