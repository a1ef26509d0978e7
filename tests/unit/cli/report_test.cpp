#include "output/report.h"

#include <gtest/gtest.h>

#include "output/diff_report.h"
#include "output/flag_words.h"
#include "output/outbox_report.h"
#include "output/printable.h"
#include "output/progress.h"

namespace weir::cli {
namespace {

using namespace std::chrono_literals;

TEST(Report, IsTheDocumentedObject) {
  EXPECT_EQ(
      as_json(SendSummary{.source = "A",
                          .rows = 4,
                          .to_upsert = 2,
                          .to_delete = 1,
                          .unchanged = 1,
                          .sent = 3,
                          .waiting = 0,
                          .calls = 1,
                          .calls_left = 99}),
      R"({"source":"A","rows":4,"upserted":2,"deleted":1,"unchanged":1,"calls":1,"calls_left":99,)"
      R"("to_upsert":2,"to_delete":1,"sent":3,"waiting":0})");
}

TEST(Progress, TellsWhichCallOfHowManyIsUnderWay) {
  EXPECT_EQ(progress_line("BIG", 3, 16, 4s), "BIG: call 3 of 16, 4 s");
  EXPECT_EQ(progress_line("BIG", 17, 16, 90s), "BIG: call 17, 90 s") << "more than was expected";
  EXPECT_EQ(progress_line("", 1, 0, 0s), "call 1, 0 s");
  EXPECT_EQ(progress_line("A\x1b[31m", 1, 1, 0s), "A [31m: call 1 of 1, 0 s");
}

TEST(ForeignText, SteersNoTerminalInWhateverLetters) {
  EXPECT_EQ(printable("a\x1b[31m\nb\x7f"), "a [31m b ");
  EXPECT_EQ(printable("a\u009b31m\u0080b\u009f"), "a 31m b ");
  for (const char* letter : {"é", "€", "\u00a0", "𝄞", "Â"}) EXPECT_EQ(printable(letter), letter);
  EXPECT_EQ(printable("a\xc2"), "a?") << "half a letter";
}

struct ShownSummary {
  SendSummary summary;
  const char* text;
  const char* json;  // a part of it
};

TEST(Report, SaysWhatWasPlannedAndWhatHasHappened) {
  const ShownSummary cases[] = {
      {{.rows = 3, .to_upsert = 3, .sent = 3, .waiting = 0, .calls = 1, .calls_left = 2499},
       "A: 3 rows sent, none deleted, none unchanged; 1 call, 2,499 left today",
       R"("upserted":3,"deleted":0)"},
      {{.rows = 1200,
        .to_upsert = 1,
        .to_delete = 1100,
        .unchanged = 1199,
        .sent = 1101,
        .waiting = 0,
        .calls = 3,
        .calls_left = 0},
       "A: 1 row sent, 1,100 deleted, 1,199 unchanged; 3 calls, 0 left today",
       R"("upserted":1,"deleted":1100)"},
      {{.rows = 2, .unchanged = 2, .waiting = 0, .calls_left = 7},
       "A: no rows sent, none deleted, 2 unchanged; no calls, 7 left today",
       R"("upserted":0,"deleted":0)"},
      {{.rows = 2, .to_upsert = 2, .waiting = 2, .calls_left = 7},
       "A: none of 2 rows sent, none deleted, none unchanged, 2 waiting; no calls, 7 left today",
       R"("upserted":0,"deleted":0)"},
      {{.rows = 5,
        .to_upsert = 5,
        .to_delete = 2,
        .sent = 4,
        .waiting = 3,
        .waiting_deletes = 1,
        .calls = 2,
        .calls_left = 7},
       "A: 3 of 5 rows sent, 1 of 2 deleted, none unchanged, 3 waiting; 2 calls, 7 left today",
       R"("upserted":3,"deleted":1)"},
      {{.rows = 3,
        .to_upsert = 3,
        .sent = 2,
        .waiting = 0,
        .calls = 4,
        .calls_left = 7,
        .dead_letters = 1},
       "A: 2 of 3 rows sent, none deleted, none unchanged; 4 calls, 7 left today; 1 refused for "
       "good, kept as dead letters",
       R"("upserted":2,"deleted":0)"},
      {{.rows = 3, .to_upsert = 3, .sent = 3, .calls = 1},
       "A: 3 rows sent, none deleted, none unchanged, waiting: not known (the store is busy); 1 "
       "call, left: not known (the store is busy)",
       R"("calls_left":null,"to_upsert":3,"to_delete":0,"sent":3,"waiting":null)"},
      {{.rows = 3,
        .to_upsert = 3,
        .sent = 3,
        .waiting = 0,
        .calls = 1,
        .calls_left = 7,
        .is_first = true,
        .replaces_all_rows = true},
       "A: new to this store: all rows on the platform were replaced by these 3; 1 call, 7 left "
       "today",
       R"("replaces_all_rows":true)"},
      {{.rows = 1,
        .to_upsert = 1,
        .sent = 1,
        .waiting = 0,
        .calls = 1,
        .calls_left = 7,
        .replaces_all_rows = true},
       "A: all rows on the platform were replaced by this one; 1 call, 7 left today",
       R"("replaces_all_rows":true)"},
      {{.waiting = 0, .calls = 1, .calls_left = 7, .replaces_all_rows = true},
       "A: all rows on the platform were deleted, for the table is empty; 1 call, 7 left today",
       R"("replaces_all_rows":true)"},
      {{.rows = 3,
        .to_upsert = 3,
        .sent = 3,
        .waiting = 0,
        .calls = 1,
        .calls_left = 7,
        .replaces_all_rows = true},
       "A: all rows on the platform were replaced by these 3; 1 call, 7 left today",
       R"("replaces_all_rows":true)"},
      // A refusal after which nothing is kept, and a table without rows that could not be sent.
      {{.rows = 3,
        .to_upsert = 3,
        .waiting = 0,
        .calls = 1,
        .calls_left = 7,
        .is_first = true,
        .replaces_all_rows = true,
        .has_failed = true,
        .was_given_up = true},
       "A: none of 3 rows sent, none deleted, none unchanged, nothing kept; 1 call, 7 left today",
       R"("upserted":0,"deleted":0)"},
      {{.waiting = 0, .calls = 1, .calls_left = 7, .replaces_all_rows = true, .has_failed = true},
       "A: no rows sent, none deleted, none unchanged, an empty table waits to replace all rows on "
       "the platform; 1 call, 7 left today",
       R"("upserted":0,"deleted":0)"},
      {{.rows = 2,
        .to_delete = 1,
        .unchanged = 2,
        .waiting = 0,
        .calls = 1,
        .calls_left = 7,
        .dead_letters = 1},
       "A: no rows sent, none of 1 deleted, 2 unchanged; 1 call, 7 left today; 1 refused for good, "
       "kept as dead letters",
       R"("upserted":0,"deleted":0)"},
      {{.rows = 3,
        .to_upsert = 3,
        .waiting = 3,
        .calls_left = 0,
        .is_first = true,
        .replaces_all_rows = true},
       "A: none of 3 rows sent, none deleted, none unchanged, 3 waiting to replace all rows on the "
       "platform; no calls, 0 left today",
       R"("upserted":0)"},
      {{.rows = 3, .to_upsert = 3, .calls = 1, .calls_left = 7, .is_first = true, .dry_run = true},
       "A: new to this store: the platform's rows would be read first, a call a page; at most 3 "
       "rows to insert or change, and only then it is known how many to delete; 1 call or more "
       "would be spent, 7 left today",
       R"("upserted":null,"deleted":null,"unchanged":null,"calls":null,"calls_left":7,)"
       R"("to_upsert":null,"to_delete":null,"reads_rows_first":true,"dry_run":true)"},
      {{.sent = 1, .waiting = 0, .calls = 1, .calls_left = 7, .is_of_kept = true},
       "A: 1 kept change sent; 1 call, 7 left today",
       R"("sent":1)"},
      {{.sent = 1, .waiting = 2, .calls = 1, .calls_left = 7, .is_of_kept = true},
       "A: 1 of 3 kept changes sent; 1 call, 7 left today",
       R"("waiting":2)"},
      {{.waiting = 0, .calls_left = 7, .is_of_kept = true},
       "A: no rows sent, none deleted, none unchanged; no calls, 7 left today",
       R"("sent":0)"},
      {{.rows = 3,
        .to_upsert = 2,
        .to_delete = 1,
        .unchanged = 1,
        .calls = 1,
        .calls_left = 7,
        .dry_run = true},
       "A: 3 rows, 2 to insert or change, 1 to delete, 1 unchanged; 1 call would be spent, 7 left "
       "today",
       R"("upserted":2,"deleted":1,"unchanged":1,"calls":1,"calls_left":7,"to_upsert":2,"to_delete":1,"dry_run":true})"},
      {{.rows = 3,
        .to_upsert = 3,
        .calls = 1,
        .calls_left = 7,
        .is_first = true,
        .replaces_all_rows = true,
        .dry_run = true},
       "A: new to this store: all rows on the platform would be replaced by these 3; 1 call would "
       "be spent, 7 left today",
       R"("replaces_all_rows":true,"dry_run":true)"},
  };
  for (ShownSummary shown : cases) {
    shown.summary.source = "A";
    EXPECT_EQ(as_text(shown.summary), shown.text);
    EXPECT_NE(as_json(shown.summary).find(shown.json), std::string::npos)
        << as_json(shown.summary) << "\nlacks " << shown.json;
  }
}

TEST(Report, ShowsNumbersThatAreNotKnownAsNull) {
  EXPECT_NE(as_json(SentSummary{}).find(R"("calls_left":null)"), std::string::npos);
  EXPECT_NE(as_json(RetrySummary{}).find(R"("calls_left":null)"), std::string::npos);
  EXPECT_NE(as_json(DiffSummary{}).find(R"("calls_left":null)"), std::string::npos);
  for (const std::string& text :
       {as_text(SentSummary{}), as_text(RetrySummary{}), as_text(DiffSummary{})})
    EXPECT_NE(text.find("left: not known (the store is busy)"), std::string::npos) << text;
}

TEST(Report, SaysOfEachDifferenceWhatAPushWouldDo) {
  DiffSummary summary{.source = "A", .report = {}, .calls_left = 5};
  summary.report = {.rows = 3, .rows_on_platform = 2, .missing = 1, .extra = 1, .different = 1};
  summary.report.calls = 1;
  summary.report.columns = {"id", "name"};
  summary.report.differences = {
      {.kind = RowDifference::Kind::kMissing, .key = "7", .wanted = {"7", "x"}},
      {.kind = RowDifference::Kind::kExtra, .key = "2", .on_platform = {"2", "y"}},
      {.kind = RowDifference::Kind::kDifferent,
       .key = "1",
       .wanted = {"1", "Neu"},
       .on_platform = {"1", "Müller\x1b[31m AG"}}};
  EXPECT_EQ(as_text(summary),
            "A: 3 rows, the platform has 2; 1 to insert, 1 to delete, 1 to change; 1 call, 5 left "
            "today\n"
            "  + 7  will be inserted\n"
            "  - 2  will be deleted\n"
            "  ~ 1  name: 'Müller [31m AG' → 'Neu'");
}

TEST(Report, NamesFlagsWhereTheSdkNamesOptions) {
  EXPECT_EQ(with_flags("set PublishOptions::allow_empty if so"), "give --allow-empty if so");
  EXPECT_EQ(with_flags("PublishOptions::max_deletes_percent and PublishOptions::max_deletes to 5"),
            "--max-deletes and --max-deletes 5");
  EXPECT_EQ(with_flags("nothing to replace"), "nothing to replace");
}

TEST(Report, ShowsTheUsageAsDocumented) {
  Usage usage;
  usage.org_day = "2024-02-05";
  usage.calls_today = 1;
  usage.limit = 2500;
  usage.left = 2499;
  usage.resets_at = TimePoint{Milliseconds{1707206400000}};
  EXPECT_EQ(
      as_json(usage),
      R"({"org_day":"2024-02-05","calls_today":1,"limit":2500,"left":2499,"resets_at":"2024-02-06T08:00:00Z",)"
      R"("last_call_at":null,"open_connections":0,"price_row_s":0.0,"log":[],"outside":0,"reserve":0,)"
      R"("closed":false,"lasts_until":null,"connections_allowed":0,"clock_is_observed":false,"totals":[],"halted":[]})");
  usage.log = {{.time = TimePoint{Milliseconds{1707206400000}},
                .method = "PUT",
                .target = "/x A",
                .rows = 3,
                .status = 200,
                .reason = "price"}};
  EXPECT_NE(
      as_json(usage).find(
          R"("log":[{"time":"2024-02-06T08:00:00Z","method":"PUT","target":"/x A","rows":3,"status":200,"reason":"price","charged":true,)"),
      std::string::npos);
}

TEST(Report, WritesTimesOfAllYears) {
  EXPECT_EQ(iso_time(TimePoint{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(TimePoint{-1ms}), "1969-12-31T23:59:59Z");
}

TEST(Report, ShowsABarForTheDay) {
  Usage usage;
  usage.calls_today = 1250;
  usage.limit = 2500;
  const auto shows = [&](const std::string& text) {
    return as_text(usage, {}).find(text) != std::string::npos;
  };
  EXPECT_TRUE(shows("[####################....................]"));
  usage.outside = 625;
  EXPECT_TRUE(shows("[####################oooooooooo..........]"));
  usage.outside = 0;
  usage.calls_today = 1;
  EXPECT_TRUE(shows("[#.......................................]"));
  usage.closed = true;
  EXPECT_TRUE(shows("[#ooooooooooooooooooooooooooooooooooooooo]"));
}

TEST(Report, SaysWhereTheStoreIs) {
  EXPECT_TRUE(as_text(Usage{}, {.location = "/w/weir.db"}).ends_with("\nStore: /w/weir.db"));
  const StoreState north{.location = "postgresql://ada@db/w", .schema = "north"};
  EXPECT_TRUE(as_text(Usage{}, north).ends_with("\nStore: postgresql://ada@db/w, schema north"));
  const std::string place = R"("store":"postgresql://ada@db/w","schema":"north"})";
  EXPECT_TRUE(as_json(Usage{}, north).ends_with(place));
  EXPECT_TRUE(as_json(Usage{}, {.location = "w.db"}).ends_with(R"("store":"w.db","schema":null})"));
}

TEST(Report, SaysHowLongItIsToTheReset) {
  Usage usage;
  usage.resets_at = TimePoint{2h + 59min + 1s};
  EXPECT_NE(as_text(usage, {}).find("in 3 h 0 min"), std::string::npos);
  usage.now = TimePoint{2h + 30min};
  EXPECT_NE(as_text(usage, {}).find(", in 30 min"), std::string::npos);
}

TEST(Report, ForetellsNothingOfADayThatIsSpent) {
  Usage usage;
  usage.lasts_until = TimePoint{1h};
  EXPECT_EQ(as_text(usage, {}).find("the last hour"), std::string::npos);
  usage.left = 1;
  EXPECT_NE(as_text(usage, {}).find("the last hour"), std::string::npos);
}

TEST(Report, NamesTheErrorForScripts) {
  EXPECT_EQ(as_json(Error{.code = ErrorCode::kBudgetExhausted, .message = "spent"}),
            R"({"error":{"code":"budget_exhausted","message":"spent"}})");
}

}  // namespace
}  // namespace weir::cli
