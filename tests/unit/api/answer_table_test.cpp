#include "api/answer_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

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
  EXPECT_EQ(kind(302), AnswerKind::kUnexpected);
}

TEST(AnswerTable, SurvivesAnswersThatAreNotWhatThePlatformSends) {
  for (const std::string body :
       {"", "<html>", "[]", "{\"ResponseStatus\":7}", "{\"ResponseStatus\":{\"ErrorCode\":[1]}}"}) {
    EXPECT_EQ(classify({.status = 400, .headers = {}, .body = body}).kind, AnswerKind::kRefused)
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
