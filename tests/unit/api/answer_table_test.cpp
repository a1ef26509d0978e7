#include "api/answer_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "text/printable.h"

namespace weir::api {
namespace {

using pipeline::AnswerKind;

HttpResponse answer(int status, const std::string& code = "", const std::string& message = "") {
  const std::string body = R"({"ResponseStatus":{"ErrorCode":")" + code + R"(","Message":")" +
                           message + R"(","Errors":[]}})";
  return {.status = status, .headers = {}, .body = body};
}

AnswerKind kind(int status, const std::string& code = "", const std::string& message = "") {
  return classify(answer(status, code, message)).kind;
}

TEST(AnswerTable, TakesAnySuccess) {
  EXPECT_EQ(classify({.status = 200, .headers = {}, .body = ""}).kind, AnswerKind::kOk);
  EXPECT_EQ(kind(204), AnswerKind::kOk);
  EXPECT_EQ(classify({.status = 200, .headers = {}, .body = "\"\""}).kind, AnswerKind::kOk);
}

TEST(AnswerTable, TakesASuccessThatNamesAnErrorForTheFailureThatItIs) {
  EXPECT_EQ(kind(200, "Predicate", "No Rows Found"), AnswerKind::kMissingRow);
  EXPECT_EQ(kind(200, "ApiLimitExceeded"), AnswerKind::kDailyLimit);
  EXPECT_EQ(kind(200, "ArgumentException", "3 of 7 rows were not updated"), AnswerKind::kRefused);
}

TEST(AnswerTable, DoesNotTakeAWebPageForASuccess) {
  for (const std::string page :
       {"<!DOCTYPE html><title>Sign in</title>", " \r\n<HTML><body>Guest access</body></HTML>"}) {
    const auto answer = classify({.status = 200, .headers = {}, .body = page});
    EXPECT_EQ(answer.kind, AnswerKind::kUnexpected) << page;
    EXPECT_EQ(error_of(answer, 200, "the call").message,
              "the call: the platform answered 200 (a web page, not an answer of the platform)");
  }
}

TEST(AnswerTable, KnowsALockConflictInBothItsForms) {
  EXPECT_EQ(kind(500, "CacheLockException", "The lock is missing"), AnswerKind::kLocked);
  EXPECT_EQ(kind(400, "Exception", "This data source is currently being updated"),
            AnswerKind::kLocked);
  EXPECT_EQ(kind(400, "", "A data source cannot be updated in parallel"), AnswerKind::kLocked);
}

TEST(AnswerTable, KnowsLimitTextOnAnyStatus) {
  EXPECT_EQ(kind(429, "ApiLimitExceeded"), AnswerKind::kDailyLimit);
  for (const int status : {400, 500, 503}) {
    EXPECT_EQ(kind(status, "", "The daily API call limit of 2500 calls has been exceeded"),
              AnswerKind::kDailyLimit);
    EXPECT_EQ(kind(status, "QuotaExceeded"), AnswerKind::kDailyLimit);
  }
}

TEST(AnswerTable, TellsTheConnectionLimitFromTheDailyOne) {
  EXPECT_EQ(kind(429, "TooManyConnections", "Too many concurrent connections; limit reached"),
            AnswerKind::kTooManyConnections);
}

TEST(AnswerTable, ThrottlesOnABare429) {
  HttpResponse bare = answer(429);
  bare.headers = {{"retry-after", "17"}};
  EXPECT_EQ(classify(bare).kind, AnswerKind::kThrottled);
  EXPECT_EQ(classify(bare).retry_after, std::chrono::seconds{17});
  EXPECT_EQ(error_of(classify(bare), 429, "the call").message,
            "the call: the platform answered 429. It asks to wait for 17 s.");
}

TEST(AnswerTable, TreatsABareServerErrorAsAnOrdinaryFailure) {
  EXPECT_EQ(kind(500), AnswerKind::kServerFailure);
  EXPECT_EQ(kind(503), AnswerKind::kServerFailure);
}

TEST(AnswerTable, TellsTheRefusalsApart) {
  EXPECT_EQ(kind(401), AnswerKind::kUnauthenticated);
  EXPECT_EQ(kind(400, "ArgumentException", "Data source 'X' was not found"),
            AnswerKind::kUnknownDataSource);
  EXPECT_EQ(kind(400, "Predicate", "No Rows Found"), AnswerKind::kMissingRow);
  EXPECT_EQ(kind(400, "ArgumentException", "a row has 2 values"), AnswerKind::kRefused);
  EXPECT_EQ(kind(302), AnswerKind::kWrongRequest);
}

// Nothing that a row could mend: no batch is halved for it and no row becomes a dead letter.
TEST(AnswerTable, TellsTheRequestsFaultFromThatOfItsRows) {
  const HttpResponse html{.status = 0, .headers = {}, .body = "<html><h1>Not here</h1></html>"};
  const HttpResponse by_type{
      .status = 0, .headers = {{"content-type", "text/html; charset=utf-8"}}, .body = "Not here"};
  const HttpResponse empty{.status = 0, .headers = {}, .body = ""};
  const HttpResponse foreign{.status = 0, .headers = {}, .body = R"({"error":"no such route"})"};
  for (int status = 300; status < 452; ++status) {
    const bool may_be_tried_again = status == 408 || status == 425 || status == 429;
    const bool is_about_size = status == 413;
    for (HttpResponse body : {html, by_type, empty, foreign}) {
      body.status = status;
      const AnswerKind found = classify(body).kind;
      EXPECT_NE(found, AnswerKind::kRefused) << status << body.body;
      EXPECT_NE(found, AnswerKind::kMissingRow) << status << body.body;
      const bool is_key =
          (status == 401 || status == 403) && !body.body.starts_with("<") && body.headers.empty();
      EXPECT_EQ(found == AnswerKind::kWrongRequest,
                !may_be_tried_again && !is_about_size && !is_key)
          << status << body.body;
    }
  }
  for (const int status : {300, 301, 302, 304, 307, 404, 405, 410, 414, 415, 431, 451, 501, 505})
    EXPECT_EQ(kind(status, "E", "words of the platform"), AnswerKind::kWrongRequest) << status;
  for (const int status : {400, 402, 406, 409, 412, 422, 428})
    EXPECT_EQ(kind(status, "E", "words of the platform"), AnswerKind::kRefused) << status;
  EXPECT_EQ(kind(404, "E", "Data source X was not found"), AnswerKind::kUnknownDataSource);
  EXPECT_EQ(kind(413, "E", "too large"), AnswerKind::kTooLarge);
  EXPECT_EQ(kind(408), AnswerKind::kServerFailure);
}

TEST(AnswerTable, SaysWhatToDoWhenTheRequestIsAtFault) {
  const Error error = error_of(classify(answer(404)), 404, "sending to data source X");
  EXPECT_EQ(error.code, ErrorCode::kWrongRequest);
  EXPECT_NE(error.message.find("Is `url` the host alone"), std::string::npos) << error.message;
}

// Refusals of a content that has a limit, as one or the other service words them.
TEST(AnswerTable, TakesALimitOfOtherThingsForARefusal) {
  for (const std::string message :
       {"Row 1: column limit exceeded, at most 100 columns", "column limit exceeded",
        "The limit of 50000 rows per data source is reached: row limit reached",
        "Row limit exceeded: at most 1500 rows per call. The API accepts fewer rows.",
        "Request size limit exceeded", "The API request payload size limit exceeded",
        "File size limit reached (75 MB)", "Attachment quota exceeded", "Storage quota exceeded",
        "The storage usage quota of your plan is exceeded", "Disk usage limit reached",
        "Character limit exceeded in column Usage",
        "Value 'daily API call limit' exceeds the column limit",
        "Field length limit exceeded; the field is called Usage",
        "Daily upload of images: photo quota exceeded", "limit exceeded", "quota"}) {
    for (const int status : {400, 422})
      EXPECT_EQ(kind(status, "ArgumentException", message), AnswerKind::kRefused)
          << status << message;
    EXPECT_EQ(kind(413, "", message), AnswerKind::kTooLarge) << message;
  }
}

// Nor does it close the day on any other status.
TEST(AnswerTable, TakesALimitOfOtherThingsForNoEndOfTheDayWhateverTheStatus) {
  for (const std::string message :
       {"Storage quota exceeded", "Row limit exceeded", "The memory limit exceeded its quota",
        "File size limit reached (75 MB)", "Licence limit exceeded", "Disk quota exceeded"}) {
    EXPECT_EQ(kind(409, "E", message), AnswerKind::kRefused) << message;
    EXPECT_EQ(kind(429, "E", message), AnswerKind::kThrottled) << message;
    for (const int status : {500, 503, 507})
      EXPECT_EQ(kind(status, "E", message), AnswerKind::kServerFailure) << status << message;
  }
  for (const int status : {403, 409, 429, 500, 503}) {
    EXPECT_EQ(kind(status, "", "Limit exceeded"), AnswerKind::kDailyLimit) << status;
    EXPECT_EQ(kind(status, "", "API limit exceeded. Rows were not stored; row quota kept."),
              AnswerKind::kDailyLimit)
        << status;
    EXPECT_EQ(kind(status, "QuotaExceeded", ""), AnswerKind::kDailyLimit) << status;
  }
}

TEST(AnswerTable, KnowsTheLimitOfCallsOnARefusalToo) {
  for (const std::string message :
       {"The daily API call limit of 2500 calls has been exceeded", "API limit exceeded",
        "Your API usage limit is reached. Rows were not stored.", "Daily limit reached",
        "You have exceeded the limit of 2,500 calls per day",
        "Quota exceeded: 2500 API calls a day", "Usage quota exceeded"}) {
    for (const int status : {400, 413, 422})
      EXPECT_EQ(kind(status, "", message), AnswerKind::kDailyLimit) << status << message;
  }
}

// Only what cannot be meant in another way teaches what others spend.
TEST(AnswerTable, KnowsWhenALimitIsBeyondDoubt) {
  const std::string words = "The daily API call limit of 2500 calls has been exceeded";
  EXPECT_TRUE(classify(answer(429, "", words)).is_certain);
  EXPECT_TRUE(classify(answer(503, "", words)).is_certain);
  EXPECT_TRUE(classify(answer(400, "ApiLimitExceeded", "")).is_certain);
  EXPECT_FALSE(classify(answer(400, "", words)).is_certain);
  EXPECT_FALSE(classify(answer(500, "", words)).is_certain);
  EXPECT_TRUE(classify(answer(400, "E", "enough for today"), {"enough for today"}).is_certain);
}

TEST(AnswerTable, DoesNotTakeWhatIsNoJsonForASuccess) {
  for (const std::string& body :
       {std::string("[[[["), std::string("\x1f\x8b\x08rest"), std::string("{\"Rows\":"),
        std::string("OK"), std::string(500, '\xee'), std::string("{}\0", 3),
        std::string("{}\0more", 7)}) {
    EXPECT_EQ(classify({.status = 200, .headers = {}, .body = body}).kind, AnswerKind::kUnexpected);
  }
  for (const std::string body : {"", " \r\n", "{}", "[]", "\"ok\"", "null"})
    EXPECT_EQ(classify({.status = 200, .headers = {}, .body = body}).kind, AnswerKind::kOk) << body;
}

// A message is cut between two letters, wherever that is, and PostgreSQL can keep it.
TEST(AnswerTable, CutsTheWordsOfThePlatformBetweenTwoLetters) {
  for (const std::string letter : {"a", "é", "€", "𝄞"}) {
    for (std::size_t before = 290; before <= 300; ++before) {
      std::string words(before, 'a');
      for (int i = 0; i < 20; ++i) words += letter;
      const std::string kept = classify(answer(400, "", words)).message;
      const std::size_t size = kept.size() - std::string("“”").size();
      EXPECT_LE(size, 300U);
      EXPECT_GT(size, 296U);
      EXPECT_TRUE(text::is_printable(kept)) << before << letter;
    }
  }
  EXPECT_EQ(classify(answer(400, "", "a\u009b31mb")).message, "“a 31mb”");
}

TEST(AnswerTable, TakesTheKeyOutOfTheWordsOfThePlatform) {
  const std::string key = "k3y/with \"signs\" & ü";
  for (const std::string repeated :
       {R"(k3y/with \"signs\" & ü)", R"(K3Y/WITH \"SIGNS\" & ü)",
        "k3y%2Fwith%20%22signs%22%20%26%20%C3%BC", "k3y%2fwith+%22signs%22+%26+%c3%bc",
        R"(k3y\\/with \\\"signs\\\" & ü)", "k3y/with &quot;signs&quot; &amp; ü",
        "k3y&#47;with &#34;signs&#x22; &#38; ü", "k3y/with%20%22signs%22%20&%20%C3%BC",
        R"(k3y\\u002Fwith \\u0022signs\\u0022 \\u0026 ü)", "k3y%2Fwith &quot;signs%22+&amp;%20ü"}) {
    const std::string words = "The key " + repeated + " is not valid";
    const pipeline::Answer found = classify(answer(401, "E", words), {}, key);
    EXPECT_NE(found.message.find("E: “The key …"), std::string::npos) << found.message;
    EXPECT_EQ(found.message.find("signs"), std::string::npos) << found.message;
    EXPECT_EQ(found.message.find("SIGNS"), std::string::npos) << found.message;
  }
}

TEST(AnswerTable, SurvivesAnswersThatAreNotWhatThePlatformSends) {
  for (const std::string body :
       {"", "<html>", "[]", "{\"ResponseStatus\":7}", "{\"ResponseStatus\":{\"ErrorCode\":[1]}}"}) {
    EXPECT_EQ(classify({.status = 400, .headers = {}, .body = body}).kind,
              AnswerKind::kWrongRequest)
        << body;
  }
  const std::string deep = std::string(200000, '[');
  EXPECT_EQ(classify({.status = 500, .headers = {}, .body = deep}).kind,
            AnswerKind::kServerFailure);
}

TEST(AnswerTable, KeepsControlCharactersOutOfMessages) {
  const auto found = classify(answer(400, "E", "a\\u001b[31mred\\n"));
  EXPECT_EQ(found.message.find('\x1b'), std::string::npos);
  EXPECT_EQ(found.message.find('\n'), std::string::npos);
}

// The table for people must be the table of the code.
TEST(AnswerTable, StandsInTheDocumentationAsItIs) {
  std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/docs/platform-facts.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const AnswerRule& rule : answer_table()) {
    std::string words(rule.words.empty() ? "any" : rule.words);
    for (std::size_t at = 0; (at = words.find('|', at)) != std::string::npos; at += 2)
      words.replace(at, 1, ", ");
    const std::string line =
        "| " + std::string(rule.statuses) + " | " + words + " | " + std::string(rule.action) + " |";
    EXPECT_NE(text.str().find(line), std::string::npos)
        << "docs/platform-facts.md lacks the line:\n"
        << line;
  }
}

}  // namespace
}  // namespace weir::api
