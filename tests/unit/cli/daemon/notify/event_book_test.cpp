#include "daemon/notify/event_book.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "../seeing/made_status.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

using Change = std::function<void(Status&)>;

struct Told {
  std::string event;
  std::string state;
  bool operator==(const Told&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Told& told) {
  return out << told.event << " " << told.state;
}

const std::vector<std::pair<std::string, Change>> kTroubles = {
    {"budget",
     [](Status& status) {
       Usage& usage = status.orgs[0].usage;
       usage.calls_today = 2100;
       usage.left = 400;
       usage.lasts_until = status.now + 1h;
     }},
    {"day_spent", [](Status& status) { status.orgs[0].usage.left = 0; }},
    {"source_failing",
     [](Status& status) {
       status.orgs[0].sources[0].state = SourceState::kFailing;
       status.orgs[0].sources[0].error = "the file cannot be read";
     }},
    {"handler_failing",
     [](Status& status) { status.orgs[0].polls[0].error = "the command ended with 1"; }},
    {"deletes_held", [](Status& status) { status.orgs[0].sources[0].state = SourceState::kHeld; }},
    {"dead_letters", [](Status& status) { status.orgs[0].polls[0].dead_letters = 2; }},
    {"unauthenticated",
     [](Status& status) {
       status.orgs[0].usage.halted = {{.source = "", .reason = "401", .until = {}}};
     }},
    {"reload_refused",
     [](Status& status) {
       status.config.refused_at = status.now;
       status.config.fault = "weir.toml:3:1: unknown key";
     }},
};

class EventBookTest : public ::testing::Test {
 protected:
  Status well() {
    Status status = made_status();
    status.now = now_;
    return status;
  }

  Status wrong(const Change& change) {
    Status status = well();
    change(status);
    return status;
  }

  void look(const Status& status) {
    book_.look_at(status, settings_);
    while (const Notification* message = book_.first()) {
      const json body = json::parse(message->body);
      told_.push_back({body.at("event"), body.at("state")});
      last_ = body;
      ids_.push_back(message->id);
      book_.arrived();
    }
  }

  // What a daemon knows of its sources and polls before they have had a turn.
  void restart() {
    const Result<EventBook> kept = EventBook::from_text(book_.text());
    ASSERT_TRUE(kept);
    book_ = *kept;
    Status unknown = well();
    for (SourceStatus& source : unknown.orgs[0].sources) source.has_worked = false;
    for (PollStatus& poll : unknown.orgs[0].polls) poll.has_worked = false;
    // These a daemon has from the store and the file.
    if (!told_.empty() && told_.back().state == "begin" && is_known_at_once(told_.back().event))
      return;
    look(unknown);
  }

  static bool is_known_at_once(const std::string& event) {
    return event == "budget" || event == "day_spent" || event == "unauthenticated" ||
           event == "reload_refused";
  }

  TimePoint now_ = made_status().now;
  NotifySettings settings_{.failing_after = 1h};
  EventBook book_;
  std::vector<Told> told_;
  std::vector<std::string> ids_;
  json last_;
};

TEST_F(EventBookTest, TellsNothingWhileAllIsWell) {
  look(well());
  EXPECT_EQ(told_, std::vector<Told>{});
}

TEST_F(EventBookTest, TellsEveryEventOnceWhenItBeginsAndOnceWhenItEnds) {
  for (const auto& [event, change] : kTroubles) {
    told_.clear();
    for (int i = 0; i < 50; ++i, now_ += 5min) look(wrong(change));
    for (int i = 0; i < 50; ++i, now_ += 5min) look(well());
    EXPECT_EQ(told_, (std::vector<Told>{{event, "begin"}, {event, "end"}}));
  }
}

TEST_F(EventBookTest, TellsEveryEventOnceOverTwentyRestarts) {
  for (const auto& [event, change] : kTroubles) {
    told_.clear();
    for (int i = 0; i < 20; ++i) {
      now_ += 10min;
      look(wrong(change));
      restart();
    }
    EXPECT_EQ(told_, (std::vector<Told>{{event, "begin"}})) << event;
    for (int i = 0; i < 20; ++i) {
      now_ += 10min;
      look(well());
      restart();
    }
    EXPECT_EQ(told_, (std::vector<Told>{{event, "begin"}, {event, "end"}})) << event;
  }
}

TEST_F(EventBookTest, SaysWhatAPersonNeeds) {
  look(wrong(kTroubles[4].second));
  EXPECT_EQ(last_.at("schema"), 1);
  EXPECT_EQ(last_.at("org"), "");
  EXPECT_EQ(last_.at("name"), "OUTAGES");
  EXPECT_EQ(last_.at("since"), "2024-10-04T13:43:00Z");
  EXPECT_EQ(last_.at("text"), "a snapshot is held");
  EXPECT_NE(last_.at("do").get<std::string>().find("weir release OUTAGES"), std::string::npos);
  EXPECT_EQ(last_.size(), 8U);
}

TEST_F(EventBookTest, TellsOfWhatFailsOnlyWhenItLasts) {
  const Change& fails = kTroubles[2].second;
  Status status = wrong(fails);
  status.orgs[0].sources[0].since = now_;
  look(status);
  now_ += 59min;
  status = wrong(fails);
  // A daemon that was started again knows no better.
  status.orgs[0].sources[0].since = now_;
  look(status);
  EXPECT_EQ(told_, std::vector<Told>{});
  now_ += 1min;
  look(wrong(fails));
  EXPECT_EQ(told_, (std::vector<Told>{{"source_failing", "begin"}}));
}

TEST_F(EventBookTest, SaysNothingOfWhatWasWellAgainInTime) {
  const Change& fails = kTroubles[2].second;
  for (int i = 0; i < 10; ++i) {
    Status status = wrong(fails);
    status.orgs[0].sources[0].since = now_;
    look(status);
    now_ += 30min;
    look(well());
    now_ += 30min;
    look(well());
  }
  EXPECT_EQ(told_, std::vector<Told>{});
}

// The rest of a refused key is over every fifteen minutes, and the next try fails too.
TEST_F(EventBookTest, TakesARestThatIsOverForNoEnd) {
  for (int i = 0; i < 10; ++i) {
    look(wrong(kTroubles[6].second));
    now_ += 15min;
    look(well());
    now_ += 10s;
  }
  EXPECT_EQ(told_, (std::vector<Told>{{"unauthenticated", "begin"}}));
}

TEST_F(EventBookTest, TellsOfTheBudgetOnceADayHoweverTheForecastTurns) {
  for (int i = 0; i < 10; ++i) {
    Status status = wrong(kTroubles[0].second);
    if (i % 2 == 1) status.orgs[0].usage.lasts_until.reset();
    look(status);
  }
  EXPECT_EQ(told_, (std::vector<Told>{{"budget", "begin"}}));
  look(well());
  EXPECT_EQ(told_.back(), (Told{"budget", "end"})) << "the next day has its calls";
}

TEST_F(EventBookTest, KeepsAnEventWhileTheStoreCannotBeRead) {
  look(wrong(kTroubles[1].second));
  Status unreadable = well();
  unreadable.orgs[0].usage = {};
  look(unreadable);
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(EventBookTest, EndsWhatHasGoneFromTheSettings) {
  look(wrong(kTroubles[4].second));
  Status status = well();
  status.orgs[0].sources.clear();
  look(status);
  EXPECT_EQ(told_.back(), (Told{"deletes_held", "end"}));
}

TEST_F(EventBookTest, KeepsWhatWasNotSentOverARestartWithItsId) {
  book_.look_at(wrong(kTroubles[1].second), settings_);
  const std::string id = book_.first()->id;
  book_ = *EventBook::from_text(book_.text());
  ASSERT_NE(book_.first(), nullptr);
  EXPECT_EQ(book_.first()->id, id);
}

TEST_F(EventBookTest, GivesEachBeginAndEndAnIdOfItsOwn) {
  for (int i = 0; i < 3; ++i) {
    look(wrong(kTroubles[5].second));
    look(well());
    now_ += 1h;
  }
  std::sort(ids_.begin(), ids_.end());
  EXPECT_EQ(std::unique(ids_.begin(), ids_.end()), ids_.end());
  EXPECT_EQ(ids_.size(), 6U);
}

TEST_F(EventBookTest, TriesAnHourAndIsOnThePageMeanwhile) {
  book_.look_at(wrong(kTroubles[1].second), settings_);
  int tries = 0;
  while (book_.first() != nullptr) {
    now_ = std::max(now_, book_.first()->due);
    book_.failed("no answer", now_);
    ++tries;
    ASSERT_TRUE(book_.trouble());
    EXPECT_TRUE(book_.trouble()->event.empty()) << "nobody is told that nobody can be told";
  }
  EXPECT_GE(now_ - made_status().now, 1h);
  EXPECT_LE(now_ - made_status().now, 1h + 5min);
  EXPECT_GE(tries, 12);
  EXPECT_NE(book_.trouble()->text.find("given up"), std::string::npos);
  book_ = *EventBook::from_text(book_.text());
  EXPECT_TRUE(book_.trouble()) << "also after a restart";
  look(well());
  EXPECT_EQ(book_.trouble(), std::nullopt) << "the end of it has arrived";
}

TEST_F(EventBookTest, RefusesATextThatIsNoneOfIts) {
  for (const std::string text :
       {"x", "{}", "[]", "{\"events\":[{}],\"messages\":[],\"lost\":null}"})
    EXPECT_FALSE(EventBook::from_text(text)) << text;
}

}  // namespace
}  // namespace weir::daemon
