#include "mock_server/form_entries.h"

#include <gtest/gtest.h>

#include "mock_server/form_connector.h"
#include "mock_server/form_wire.h"

namespace weir::mock {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::seconds{1'707'120'000}};

class FormEntriesTest : public ::testing::Test {
 protected:
  void add(const std::string& id, std::chrono::milliseconds received,
           std::chrono::seconds visible_after = 0s) {
    entries_.add({.id = id,
                  .form = "F",
                  .received = kNow + received,
                  .completed = kNow,
                  .visible_from = kNow + visible_after});
  }

  std::vector<std::string> ids(FormQuery query = {}, Instant now = kNow) {
    query.form = "F";
    std::vector<std::string> ids;
    for (const FormEntry& entry : entries_.search(query, now).entries) ids.push_back(entry.id);
    return ids;
  }

  using Ids = std::vector<std::string>;
  FormEntries entries_;
};

TEST_F(FormEntriesTest, FindsInTheOrderOfReceiptAndThenOfComing) {
  add("later", 2ms);
  add("first of two", 1ms);
  add("second of two", 1ms);
  EXPECT_EQ(ids(), (Ids{"first of two", "second of two", "later"}));
  EXPECT_EQ(ids({.descending = true}), (Ids{"later", "second of two", "first of two"}));
}

TEST_F(FormEntriesTest, TakesBothEndsOfTheDates) {
  for (int i = 0; i < 4; ++i) add(std::to_string(i), std::chrono::milliseconds{i});
  EXPECT_EQ(ids({.from = kNow + 1ms, .to = kNow + 2ms}), (Ids{"1", "2"}));
}

TEST_F(FormEntriesTest, CutsPagesAndCountsAll) {
  for (int i = 0; i < 5; ++i) add(std::to_string(i), std::chrono::milliseconds{i});
  EXPECT_EQ(ids({.page_size = 2, .page_number = 2}), (Ids{"4"}));
  EXPECT_EQ(ids({.page_size = 2, .page_number = 3}), (Ids{}));
  EXPECT_EQ(entries_.search({.form = "F", .page_size = 2}, kNow).total, 5);
}

TEST_F(FormEntriesTest, ShowsAnEntryOnlyFromItsTimeOn) {
  add("late", 1ms, 30s);
  add("prompt", 2ms);
  EXPECT_EQ(ids(), (Ids{"prompt"}));
  EXPECT_EQ(ids({}, kNow + 30s), (Ids{"late", "prompt"}));
}

TEST_F(FormEntriesTest, KeepsFormsApartAndGivesIds) {
  const FormEntry kept = entries_.add({.form = "G"});
  EXPECT_EQ(kept.id.size(), 32U);
  EXPECT_EQ(ids(), (Ids{}));
}

TEST(FormWire, RefusesAQueryThatNamesNoFormOrNoDate) {
  const auto read = [](const std::map<std::string, std::string>& given) {
    return read_form_query([&](const std::string& name) {
      const auto found = given.find(name);
      return found == given.end() ? "" : found->second;
    });
  };
  EXPECT_TRUE(std::holds_alternative<ApiError>(read({})));
  EXPECT_TRUE(std::holds_alternative<ApiError>(read({{"FormId", "F"}, {"FromDate", "x"}})));
  EXPECT_TRUE(std::holds_alternative<ApiError>(read({{"FormId", "F"}, {"AnswerFormat", "x"}})));
  const FormQuery query = std::get<FormQuery>(
      read({{"FormExternalId", "F"}, {"PageSize", "900"}, {"DateOrder", "Descending"}}));
  EXPECT_EQ(query.page_size, 250);
  EXPECT_TRUE(query.descending);
}

TEST(FormWire, ReadsOneEntryOrMany) {
  const auto entries = read_form_entries(
      R"({"entries":[{"form":"F","id":"a","received":"2024-02-05T08:00:00.001Z"},
                     {"form":"F","visible_after_seconds":2.5,"answers":{"page":{"x":"1"}}}]})",
      kNow);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].received, kNow + 1ms);
  EXPECT_EQ(entries[1].visible_from, kNow + 2500ms);
  EXPECT_EQ(entries[1].answers, R"({"page":{"x":"1"}})");
  EXPECT_EQ(read_form_entries(R"({"form":"F"})", kNow).at(0).received, kNow);
  for (const std::string bad : {"[]", "{}", R"({"entries":1})", R"({"form":"F","received":"x"})",
                                R"({"form":"F","visible_after_seconds":-1})", R"({"form":1})"})
    EXPECT_THROW(read_form_entries(bad, kNow), BadFormEntry) << bad;
}

TEST(FormConnector, SendsToLoopbackOnly) {
  EXPECT_EQ(parse_connector_url("http://127.0.0.1:81/a/b")->port, 81);
  EXPECT_EQ(parse_connector_url("http://localhost:81/a/b")->path, "/a/b");
  for (const std::string bad : {"http://example.com/", "https://127.0.0.1/", "http://127.0.0.1:x/",
                                "http://127.0.0.1:99999/", "127.0.0.1"})
    EXPECT_FALSE(parse_connector_url(bad)) << bad;
}

}  // namespace
}  // namespace weir::mock
