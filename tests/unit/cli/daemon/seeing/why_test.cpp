#include "daemon/seeing/why.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// 14:19 in Los Angeles.
const TimePoint kNow{24h * 20'000 + 21h + 19min};

SourceWhy made_why() {
  return {.about = {.name = "OUTAGES", .time_zone = "America/Los_Angeles", .now = kNow},
          .reason = {.limited_by = LimitedBy::kPrice,
                     .stale_rows = 3,
                     .since = kNow - 17min,
                     .worth = 210,
                     .needed = 310,
                     .price = 310,
                     .sent_by = kNow + 6min,
                     .deadline_instead = WaitReason::Deadline{
                         .deadline = 10min, .sent_at = kNow - 7min, .more_calls_a_day = 22.3}}};
}

std::string text_of(const SourceWhy& why) { return why_text(as_json(why)).value(); }

TEST(WhyTextTest, SaysWhyRowsWaitAndWhatADeadlineWouldHaveDone) {
  EXPECT_EQ(text_of(made_why()),
            "OUTAGES: 3 rows wait since 14:02 (17 min). Waiting is worth 210 of a price of 310 "
            "stale row-seconds; at this rate they go at 14:25. A deadline of 10 min would have "
            "sent them at 14:12 and costs 22 calls a day.");
}

TEST(WhyTextTest, SaysWhenTheyGoThoughNoMoreRowsChange) {
  SourceWhy why = made_why();
  why.reason.sent_at_latest = kNow + 21min;
  EXPECT_NE(
      text_of(why).find("at this rate they go at 14:25, and if no more rows change at 14:40."),
      std::string::npos)
      << text_of(why);
  why.reason.sent_at_latest = why.reason.sent_by;
  EXPECT_NE(text_of(why).find("at this rate they go at 14:25. "), std::string::npos);
}

TEST(WhyTextTest, HasWordsForEverythingThatLimits) {
  const std::vector<std::pair<LimitedBy, std::string>> all = {
      {LimitedBy::kDeadline, "by their deadline they go at 14:25"},
      {LimitedBy::kShortest, "so short a time ago that they go at 14:25"},
      {LimitedBy::kConnection, "as soon as a connection is free"},
      {LimitedBy::kWriter, "after the batch that is under way"},
      {LimitedBy::kDaySpent, "before midnight"},
      {LimitedBy::kRest, "The last try failed: no answer. It is tried again at 14:25."},
      {LimitedBy::kSetAside, "weir outbox list --source OUTAGES"},
      {LimitedBy::kPutBack,
       "the store was put back or copied, so the platform may have other rows"},
      {LimitedBy::kOthers, "somebody else has changed the platform's rows. weir diff --source OUT"},
      {LimitedBy::kNothingWaits, "nothing waits"},
  };
  for (const auto& [limit, words] : all) {
    SourceWhy why = made_why();
    why.reason.limited_by = limit;
    why.reason.failure = limit == LimitedBy::kRest ? "no answer" : "";
    EXPECT_NE(text_of(why).find(words), std::string::npos) << text_of(why);
    EXPECT_EQ(json::parse(as_json(why))["limited_by"], name_of(limit));
  }
}

TEST(WhyTextTest, PromisesNoSendingThatNobodyIsKnownToDo) {
  for (const LimitedBy limit : {LimitedBy::kConnection, LimitedBy::kRest}) {
    SourceWhy why = made_why();
    why.has_daemon = false;
    why.what_to_do = "weir outbox send";
    why.reason.limited_by = limit;
    why.reason.failure = limit == LimitedBy::kRest ? "no answer" : "";
    const json told = json::parse(as_json(why));
    EXPECT_EQ(told["limited_by"], "no_daemon");
    for (const char* number : {"worth_row_s", "needed_row_s", "price_row_s"})
      EXPECT_TRUE(told[number].is_null()) << number;
    // A rest after a failure holds for whoever sends.
    EXPECT_EQ(told["sent_by"].is_null(), limit != LimitedBy::kRest);
    const std::string text = text_of(why);
    EXPECT_TRUE(text.starts_with(std::string("OUTAGES: 3 rows wait since 14:02 (17 min). ") +
                                 (limit == LimitedBy::kRest
                                      ? "The last try failed: no answer. They rest until "
                                      : "They are due, ")))
        << text;
    EXPECT_TRUE(
        text.ends_with(", and nobody is known who would send them. Next: weir outbox send."))
        << text;
  }
}

TEST(WhyTextTest, SaysWhatIsHeldWhetherRowsWaitOrNot) {
  SourceWhy why = made_why();
  why.held = "it would delete 9 rows";
  why.what_to_do = "weir release OUTAGES";
  EXPECT_EQ(json::parse(as_json(why))["limited_by"], "price");
  why.reason = {};
  EXPECT_EQ(json::parse(as_json(why))["limited_by"], "held");
  EXPECT_EQ(text_of(why),
            "OUTAGES: A table is held: it would delete 9 rows. Next: weir release OUTAGES.");
}

TEST(WhyTextTest, DoesNotSayThatAllIsThereWhereTheSourceCannotBeRead) {
  SourceWhy why = made_why();
  why.reason = {};
  why.failure = "there is no such file";
  EXPECT_EQ(text_of(why),
            "OUTAGES: nothing waits of what was read before. The source cannot be read: there is "
            "no such file.");
}

TEST(WhyTextTest, NamesTheDayWhereItIsAnother) {
  SourceWhy why = made_why();
  why.reason.sent_by = kNow + 24h;
  EXPECT_NE(text_of(why).find("they go at 2024-10-05 14:19"), std::string::npos) << text_of(why);
}

TEST(WhyTextTest, TellsOfABurst) {
  SourceWhy why = made_why();
  why.reason.needed = 4000;
  EXPECT_NE(text_of(why).find("210 of the 4,000 stale row-seconds that another call of this burst"),
            std::string::npos)
      << text_of(why);
}

TEST(WhyTextTest, SaysHowOftenAPollLooks) {
  const PollWhy why{.about = made_why().about,
                    .pace = {.limited_by = LimitedBy::kPrice,
                             .next_at = kNow + 1min,
                             .interval = 14min,
                             .interval_by = LimitedBy::kPrice,
                             .rows_per_hour = 3.1,
                             .price = 310,
                             .interval_with_more_calls = 7min}};
  EXPECT_EQ(why_text(as_json(why)).value(),
            "OUTAGES: every 14 min: 3.1 rows/h at price 310; 7 min with 1,000 more calls. The next "
            "look is at 14:20.");
}

TEST(WhyTextTest, GivesEveryCallAReason) {
  CallsWhy why{.about = made_why().about};
  for (const std::string reason : {"price", "deadline", "interactive", "poll", "adopt", "diff",
                                   "read", "backfill", "download", "clock", "user sync", ""})
    why.calls.push_back({.time = kNow, .method = "GET", .target = "/x", .reason = reason});
  const json all = json::parse(as_json(why));
  for (const json& call : all["calls"]) EXPECT_FALSE(call["why"].get<std::string>().empty());
  EXPECT_EQ(all["calls"][10]["why"], "a program made it for \"user sync\"");
  const std::string text = why_text(all.dump()).value();
  EXPECT_TRUE(text.starts_with("14:19  GET /x, no rows, no answer: its rows were worth")) << text;
}

TEST(WhyTextTest, RefusesWhatIsNoReason) {
  for (const std::string text :
       {"", "[]", "{}", "{\"schema\":2}", "{\"schema\":1}", "{\"schema\":1,\"now\":5}"})
    EXPECT_FALSE(why_text(text)) << text;
}

}  // namespace
}  // namespace weir::daemon
