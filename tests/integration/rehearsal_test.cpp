// What other settings would have made of the last days, on days that a real client has lived in
// virtual time.
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/rehearsal.h>
#include <weir/testing/manual_clock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "support/made_up_days.h"
#include "support/played_platform.h"
#include "support/process.h"
#include "support/temporary_folder.h"
#include "text/iso_time.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::Changes;

// Days in Los Angeles, from the noon before the first one on.
class RehearsalTest : public ::testing::Test {
 protected:
  static constexpr int kDays = 9;
  static constexpr TimePoint kFirstMidnight = testing::kOrdinaryMidnight;

  ClientOptions settings() {
    return {.url = "https://platform.example",
            .company_id = 7,
            .integration_key = Secret::from_string("key", "the test"),
            .time_zone = testing::kLosAngeles,
            .store = folder_.file("weir.db"),
            .calls_per_day = calls_per_day_,
            .sources = {{"lone-0", {.weight = 3}}, {"lone-1", {.deadline = 2h}}},
            .price_row_seconds = price_,
            .send_in_background = false,
            .history = 24h * 30,
            .clock = clock_,
            .transport = std::make_shared<testing::PlayedPlatform>(
                [this](const HttpRequest& request) { return answer(request); })};
  }

  // Entries are there when they have come.
  Result<HttpResponse> answer(const HttpRequest& request) const {
    if (request.path != "/api/v2/formentry/search") return testing::accepted(request);
    TimePoint from = {};
    for (const auto& [name, value] : request.query)
      if (name == "FromDate") from = text::parse_time(value).value();
    std::string found;
    int count = 0;
    for (const TimePoint came : entries_) {
      if (came < from || came > clock_->now()) continue;
      found += std::string(count++ == 0 ? "" : ",") + R"({"Id":")" +
               std::to_string(came.time_since_epoch().count()) + R"(","ReceivedTime":")" +
               text::format_time(came) + R"("})";
    }
    return testing::answer(
        200, R"({"Entries":[)" + found + R"(],"TotalRows":)" + std::to_string(count) + "}");
  }

  void open() { client_.emplace(Client::open(settings()).value()); }

  void poll() {
    poll_.emplace(
        client_->form_entries("F").poll([](const FormEntry&) { return Result<void>(); }).value());
  }

  // Sends and looks for what is due, and says when something is next.
  std::optional<TimePoint> do_what_is_due() {
    const auto push = client_->send_due();
    EXPECT_TRUE(push) << push.error().message;
    std::optional<TimePoint> due = push ? *push : std::nullopt;
    if (!poll_) return due;
    const auto look = client_->poll_due();
    EXPECT_TRUE(look) << look.error().message;
    if (look && *look && (!due || **look < *due)) due = **look;
    return due;
  }

  // What is due until then, each time when it is.
  void live_until(TimePoint end) {
    while (true) {
      const std::optional<TimePoint> due = do_what_is_due();
      if (!due || *due >= end) break;
      clock_->advance(std::max<Milliseconds>(*due - clock_->now(), 1s));
    }
    if (end > clock_->now()) clock_->advance(end - clock_->now());
  }

  void live(const Changes& changes, TimePoint end) {
    for (const RecordedChange& change : changes) {
      ASSERT_NO_FATAL_FAILURE(live_until(change.time));
      std::vector<std::string> row = {change.key};
      row.insert(row.end(), change.values->begin(), change.values->end());
      ASSERT_TRUE(client_->data_source(change.source).upsert(row));
    }
    ASSERT_NO_FATAL_FAILURE(live_until(end));
  }

  static TimePoint midnight_after(int days) { return kFirstMidnight + 24h * days; }

  // Ordinary days, on one of which rows are imported within an hour.
  void live_the_days(int changes_a_day, int imported = 0) {
    open();
    const Changes import =
        testing::rows_of({.begin = midnight_after(5) + 10h, .within = 1h, .rows = imported});
    const Changes changes = testing::merged(
        testing::lone_changes(kFirstMidnight - 12h, kDays + 1, changes_a_day), import);
    Changes lived;
    for (const RecordedChange& change : changes)
      if (change.time < midnight_after(kDays)) lived.push_back(change);
    live(lived, midnight_after(kDays) + 1min);
  }

  // The same, and beside it entries that come in office hours, every twenty minutes or so.
  void live_the_days_with_a_poll(int changes_a_day) {
    for (int day = 0; day < kDays; ++day) {
      for (int entry = 0; entry < 30; ++entry)
        entries_.push_back(midnight_after(day) + 8h + 20min * entry + 1s * (entry * 7919 % 600));
    }
    open();
    poll();
    Changes lived;
    for (const RecordedChange& change :
         testing::lone_changes(kFirstMidnight - 12h, kDays + 1, changes_a_day))
      if (change.time < midnight_after(kDays)) lived.push_back(change);
    live(lived, midnight_after(kDays) + 1min);
  }

  static RehearsalOptions with_polls(std::vector<RehearsedPoll> polls) {
    return {.polls = std::move(polls)};
  }

  // That calls and staleness are about as they were, with the settings as they were.
  void expect_the_same(const Rehearsal& rehearsal) {
    ASSERT_EQ(rehearsal.days.size(), 7U);
    for (const RehearsedDay& day : rehearsal.days) {
      const auto was = static_cast<double>(day.was.calls + day.was.looks + day.other_calls);
      const auto would = static_cast<double>(day.would.calls + day.would.looks + day.other_calls);
      std::cout << day.org_day << ": calls " << was << " > " << would << ", stale row-hours "
                << std::lround(day.was.stale_row_seconds / 3600) << " > "
                << std::lround(day.would.stale_row_seconds / 3600) << '\n';
      EXPECT_GT(was, 20) << day.org_day;
      EXPECT_LE(std::abs(would - was), was / 10) << day.org_day;
      EXPECT_NEAR(day.would.stale_row_seconds, day.was.stale_row_seconds,
                  day.was.stale_row_seconds / 4 + 3600)
          << day.org_day;
    }
  }

  std::string bytes_of_store() {
    std::ifstream file(folder_.file("weir.db"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Rehearsal rehearsed(const ClientOptions& settings, const RehearsalOptions& options = {}) {
    Result<Rehearsal> rehearsal = rehearse(settings, options);
    if (!rehearsal) ADD_FAILURE() << rehearsal.error().message;
    return rehearsal ? *rehearsal : Rehearsal{};
  }

  static std::int64_t calls(const Rehearsal& rehearsal) {
    std::int64_t sum = 0;
    for (const RehearsedDay& day : rehearsal.days) sum += day.would.calls;
    return sum;
  }

  static double staleness(const Rehearsal& rehearsal) {
    double sum = 0;
    for (const RehearsedDay& day : rehearsal.days) sum += day.would.stale_row_seconds;
    return sum;
  }

  std::int64_t calls_per_day_ = 60;
  std::optional<double> price_ = {};
  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(kFirstMidnight - 12h);
  std::vector<TimePoint> entries_;
  std::optional<Client> client_;
  std::optional<Poll> poll_;
};

TEST_F(RehearsalTest, UnchangedSettingsGiveTheCallsThatWereWithinATenthEachDay) {
  ASSERT_NO_FATAL_FAILURE(live_the_days(200, 1000));
  const Rehearsal rehearsal = rehearsed(settings());
  expect_the_same(rehearsal);
  const RehearsedSource& source = rehearsal.sources.at("lone-1");
  ASSERT_TRUE(source.was.deadlines_kept && source.would.deadlines_kept);
  EXPECT_NEAR(*source.was.deadlines_kept, *source.would.deadlines_kept, 0.05);
  EXPECT_TRUE(source.was.staleness_95 && source.would.staleness_95);
}

TEST_F(RehearsalTest, SoTheyDoWhereTheDayHasMoreCallsThanItNeeds) {
  calls_per_day_ = 400;
  ASSERT_NO_FATAL_FAILURE(live_the_days(100, 500));
  expect_the_same(rehearsed(settings()));
}

TEST_F(RehearsalTest, SoTheyDoAtAPriceThatIsSet) {
  price_ = 7200;
  ASSERT_NO_FATAL_FAILURE(live_the_days(100, 500));
  expect_the_same(rehearsed(settings()));
}

TEST_F(RehearsalTest, OtherSettingsGiveOtherDays) {
  ASSERT_NO_FATAL_FAILURE(live_the_days(100));
  const Rehearsal same = rehearsed(settings());
  ClientOptions more = settings();
  more.calls_per_day = 120;
  EXPECT_LT(staleness(rehearsed(more)), staleness(same) * 0.75);
  ClientOptions none = settings();
  none.price_row_seconds = 1e12;
  none.sources.clear();
  EXPECT_EQ(calls(rehearsed(none)), 0);
  const Rehearsal fewer = rehearsed(settings(), {.days = 3, .not_sent = {"lone-0"}});
  EXPECT_EQ(fewer.days.size(), 3U);
  EXPECT_FALSE(fewer.sources.contains("lone-0"));
  EXPECT_EQ(fewer.days.front().org_day, same.days[4].org_day);
}

TEST_F(RehearsalTest, TakesCallsForOtherThingsAsTheyWere) {
  open();
  live_until(kFirstMidnight + 1h);
  ASSERT_TRUE(client_->data_source("A").upsert({"1", "a"}));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client_->data_source("A").describe());
  ASSERT_NO_FATAL_FAILURE(live_until(kFirstMidnight + 25h));
  ASSERT_TRUE(client_->data_source("A").upsert({"1", "b"}));
  ASSERT_NO_FATAL_FAILURE(live_until(kFirstMidnight + 49h));
  const Rehearsal rehearsal = rehearsed(settings(), {.days = 1});
  ASSERT_EQ(rehearsal.days.size(), 1U);
  EXPECT_EQ(rehearsal.days[0].other_calls, 0);
  EXPECT_EQ(rehearsal.days[0].was.calls, 1);
}

TEST_F(RehearsalTest, UnchangedPollsTakeTheCallsThatTheyTook) {
  ASSERT_NO_FATAL_FAILURE(live_the_days_with_a_poll(100));
  const Rehearsal rehearsal = rehearsed(settings(), with_polls({{.form = "F"}}));
  expect_the_same(rehearsal);
  for (const RehearsedDay& day : rehearsal.days) {
    std::cout << day.org_day << ": looks " << day.was.looks << " > " << day.would.looks << '\n';
    // A call within seconds of midnight is charged to both of its days.
    EXPECT_LE(day.other_calls, 1) << day.org_day;
    EXPECT_NEAR(static_cast<double>(day.would.looks), static_cast<double>(day.was.looks),
                static_cast<double>(day.was.looks) / 4 + 2)
        << day.org_day;
  }
  const RehearsedSource& poll = rehearsal.polls.at("form F");
  ASSERT_TRUE(poll.was.staleness_95 && poll.would.staleness_95);
  EXPECT_NEAR(poll.would.stale_row_seconds, poll.was.stale_row_seconds,
              poll.was.stale_row_seconds / 4);
  // For who says nothing of polls, looks are other calls.
  const Rehearsal silent = rehearsed(settings());
  EXPECT_EQ(silent.days.at(3).other_calls, rehearsal.days[3].was.looks);
  EXPECT_EQ(silent.days.at(3).was.looks, 0);
  EXPECT_TRUE(silent.polls.empty());
}

TEST_F(RehearsalTest, OtherPollsTakeOtherCalls) {
  ASSERT_NO_FATAL_FAILURE(live_the_days_with_a_poll(100));
  const auto looks = [](const Rehearsal& rehearsal) {
    return rehearsal.polls.at("form F").would.calls;
  };
  const auto waits = [](const Rehearsal& rehearsal) {
    return rehearsal.polls.at("form F").would.stale_row_seconds;
  };
  const Rehearsal same = rehearsed(settings(), with_polls({{.form = "F"}}));
  const Rehearsal heavier =
      rehearsed(settings(), with_polls({{.form = "F", .pace = {.weight = 5}}}));
  EXPECT_GT(looks(heavier), looks(same));
  EXPECT_LT(waits(heavier), waits(same));
  EXPECT_GT(staleness(heavier), staleness(same)) << "rows live on the same calls";
  const Rehearsal rare =
      rehearsed(settings(), with_polls({{.form = "F", .pace = {.shortest = 6h}}}));
  EXPECT_LE(looks(rare), 7 * 4);
  EXPECT_GT(waits(rare), 2 * waits(same));
  const Rehearsal none = rehearsed(settings(), with_polls({}));
  EXPECT_EQ(none.polls.at("form F").would.calls, 0);
  EXPECT_GT(none.polls.at("form F").was.calls, 0);
  EXPECT_LT(staleness(none), staleness(same));
}

TEST_F(RehearsalTest, ComparesEachSideWithTheDeadlinesOfItsSettings) {
  ASSERT_NO_FATAL_FAILURE(live_the_days(200));
  ClientOptions shorter = settings();
  shorter.calls_per_day = 2500;
  shorter.sources["lone-1"].deadline = 1min;
  const Rehearsal rehearsal = rehearsed(shorter);
  const RehearsedSource& source = rehearsal.sources.at("lone-1");
  EXPECT_GT(source.was.deadlines_kept.value(), 0.9) << "of two hours";
  EXPECT_LT(source.was_within_new_deadline.value(), 0.5) << "of a minute";
  EXPECT_GT(source.would.deadlines_kept.value(), 0.9);
  const RehearsedSource& other = rehearsal.sources.at("lone-2");
  EXPECT_FALSE(other.was.deadlines_kept || other.would.deadlines_kept ||
               other.was_within_new_deadline);
  ClientOptions swapped = settings();
  swapped.sources = {{"lone-2", {.deadline = 2h}}};
  const Rehearsal without = rehearsed(swapped);
  EXPECT_TRUE(without.sources.at("lone-1").was.deadlines_kept);
  EXPECT_FALSE(without.sources.at("lone-1").would.deadlines_kept);
  EXPECT_FALSE(without.sources.at("lone-2").was.deadlines_kept);
  EXPECT_TRUE(without.sources.at("lone-2").was_within_new_deadline);
}

TEST_F(RehearsalTest, NamesWhatHasNoHistory) {
  open();
  EXPECT_FALSE(rehearsed(settings()).history_begins);
  ASSERT_TRUE(client_->data_source("A").upsert({"1", "a"}));
  const Rehearsal rehearsal = rehearsed(settings(), {.sources = {"A", "B", "C"}});
  EXPECT_EQ(rehearsal.without_history, (std::vector<std::string>{"B", "C"}));
  EXPECT_EQ(rehearsed(settings(), with_polls({{.form = "F"}, {.source = "S"}})).without_history,
            (std::vector<std::string>{"form F", "data source S"}));
  EXPECT_TRUE(rehearsal.days.empty()) << "no whole day has passed";
  EXPECT_EQ(rehearsal.history_begins, clock_->now());
}

TEST_F(RehearsalTest, LeavesTheStoreAsItIsAndItsWriterAlone) {
  ASSERT_NO_FATAL_FAILURE(live_the_days(20));
  const std::string before = bytes_of_store();
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(file.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  };
  const std::vector<std::string> there = files();
  EXPECT_FALSE(rehearsed(settings()).days.empty());
  EXPECT_EQ(bytes_of_store(), before);
  EXPECT_EQ(files(), there);
  ASSERT_TRUE(client_->data_source("A").upsert({"1", "b"})) << "the writer goes on";
}

TEST_F(RehearsalTest, MakesNoStoreWhereThereIsNone) {
  const Result<Rehearsal> rehearsal = rehearse(settings(), {});
  ASSERT_FALSE(rehearsal);
  EXPECT_EQ(rehearsal.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(rehearsal.error().message.find("there is no such file"), std::string::npos)
      << rehearsal.error().message;
  EXPECT_FALSE(std::filesystem::exists(folder_.file("weir.db")));
}

TEST_F(RehearsalTest, OfDaysIsPrintedByTheCommand) {
  ASSERT_NO_FATAL_FAILURE(live_the_days(20));
  client_.reset();
  folder_.write("key", "key\n");
  std::filesystem::permissions(folder_.file("key"), std::filesystem::perms::owner_read);
  folder_.write("rows.csv", "id,city\n");
  const std::string file =
      folder_.write("new.toml",
                    "url = \"https://platform.example\"\ncompany_id = 7\nstore = \"weir.db\"\n"
                    "integration_key_file = \"key\"\ntime_zone = \"America/Los_Angeles\"\n"
                    "calls_per_day = 60\n[source.lone-0]\ncsv = \"rows.csv\"\n"
                    "[source.lone-1]\ncsv = \"rows.csv\"\ndeadline = \"1h\"\n"
                    "[source.NEW]\ncsv = \"rows.csv\"\n");
  const std::string before = bytes_of_store();
  const auto weir = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {std::string(WEIR_BINARIES) + "/weir", "run", "--config", file});
    return testing::run(more, {{"PATH", "/usr/bin"}});
  };
  const testing::Finished text = weir({"--rehearse", "7d"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  for (const std::string part : {"2024-02-07", "2024-02-13", "total", "DEADLINES KEPT", "lone-1",
                                 "No history of NEW", "95 OF 100 ROWS WITHIN"})
    EXPECT_NE(text.out.find(part), std::string::npos) << part << text.out;
  const testing::Finished json = weir({"--rehearse", "2d", "--json"});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_TRUE(json.out.starts_with(R"({"orgs":[{"org":"","history_begins":"2024-02-04T)"));
  EXPECT_NE(json.out.find(R"("without_history":["NEW"])"), std::string::npos) << json.out;
  EXPECT_EQ(weir({"--rehearse", "36h"}).exit_code, 2);
  EXPECT_EQ(weir({"--rehearse", "soon"}).exit_code, 2);
  EXPECT_EQ(bytes_of_store(), before);
}

}  // namespace
}  // namespace weir
