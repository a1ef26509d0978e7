// Who gets which entry when, and what becomes of those that fail.
#include "daemon/entries/handover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <functional>
#include <map>

#include "support/temporary_store.h"

namespace weir::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
using Ids = std::vector<std::string>;
using Progress = Handover::Progress;

const TimePoint kStart{std::chrono::hours{24 * 20'000}};

// Fails on the entries that it is told, and notes what it was given.
class ScriptedRecipient final : public Recipient {
 public:
  struct Script {
    std::size_t batch = 1;
    std::map<std::string, Handed> fails_on = {};
    std::vector<Ids> given = {};
    std::function<void()> when_given = {};
    int rests = 0;
  };
  explicit ScriptedRecipient(Script& script) : script_(script) {}

  std::size_t batch() const override { return script_.batch; }
  Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token /*stop*/) override {
    Ids ids;
    for (const QueuedEntry& entry : entries) ids.push_back(entry.id);
    script_.given.push_back(ids);
    if (script_.when_given) script_.when_given();
    for (const std::string& id : ids) {
      if (script_.fails_on.contains(id)) return script_.fails_on.at(id);
    }
    return {};
  }
  void rest() override { ++script_.rests; }

 private:
  Script& script_;
};

class HandoverTest : public ::testing::Test {
 protected:
  Client open() const {
    Result<Client> client = Client::open({.time_zone = "UTC",
                                          .store = store_.path(),
                                          .makes_calls = false,
                                          .send_in_background = false,
                                          .clock = clock_});
    if (!client) throw std::runtime_error(client.error().message);
    return std::move(*client);
  }

  void keep(const Ids& ids) {
    std::vector<EntryToKeep> entries;
    for (const std::string& id : ids) entries.push_back({.id = id, .body = "{}"});
    ASSERT_TRUE(client_.entry_queue("P").keep(entries));
  }

  Handover make(HandoverOptions options = {}) {
    options.poll = "P";
    return Handover(options,
                    {.queue = client_.entry_queue("P"),
                     .recipient = std::make_unique<ScriptedRecipient>(script_),
                     .clock = clock_,
                     .log = [this](LogLevel, std::string_view line) { log_.emplace_back(line); }});
  }

  Handover::Step step(Handover& handover) {
    const Result<Handover::Step> step = handover.step({});
    if (!step) throw std::runtime_error(step.error().message);
    return *step;
  }

  // Until nothing is due now.
  Handover::Step work(Handover& handover) {
    Handover::Step last = step(handover);
    while (last.progress == Progress::kWorked) last = step(handover);
    return last;
  }

  // In virtual time, until nothing waits or a person is needed.
  Milliseconds work_to_the_end(Handover& handover) {
    const TimePoint begin = clock_->now();
    while (true) {
      const Handover::Step last = work(handover);
      if (last.progress != Progress::kWaits) return clock_->now() - begin;
      clock_->advance(*last.next - clock_->now());
    }
  }

  Ids given() const {
    Ids ids;
    for (const Ids& batch : script_.given) ids.insert(ids.end(), batch.begin(), batch.end());
    return ids;
  }

  std::map<std::string, std::string> dead() {
    std::map<std::string, std::string> letters;
    const std::vector<QueuedEntry> all = *client_.queued_entries({});
    for (const QueuedEntry& entry : all) {
      if (entry.is_dead_letter) letters[entry.id] = entry.reason;
    }
    return letters;
  }

  testing::TemporaryStore store_;
  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(kStart);
  Client client_ = open();
  ScriptedRecipient::Script script_;
  std::vector<std::string> log_;
};

const Handed kAgain = {.verdict = HandlerAnswer::kAgain, .reason = "not now"};
const Handed kNever = {.verdict = HandlerAnswer::kNever, .reason = "not ever"};

TEST_F(HandoverTest, GivesEachEntryOnceInOrder) {
  keep({"b", "a", "c"});
  Handover handover = make();
  EXPECT_EQ(work(handover).progress, Progress::kIdle);
  EXPECT_EQ(given(), (Ids{"b", "a", "c"}));
  EXPECT_EQ(handover.done(), 3);
  EXPECT_EQ(work(handover).progress, Progress::kIdle);
  EXPECT_EQ(given().size(), 3U);
}

TEST_F(HandoverTest, GivesBatchesAsLargeAsTheRecipientTakes) {
  keep({"1", "2", "3", "4", "5"});
  script_.batch = 2;
  Handover handover = make();
  work(handover);
  EXPECT_THAT(script_.given, ElementsAre(Ids{"1", "2"}, Ids{"3", "4"}, Ids{"5"}));
}

TEST_F(HandoverTest, GivesNoMoreThanItIsAskedFor) {
  keep({"1", "2", "3"});
  script_.batch = 10;
  Handover handover = make();
  ASSERT_TRUE(handover.step({}, 2));
  EXPECT_EQ(given(), (Ids{"1", "2"}));
}

TEST(Rest, DoublesFromOneSecondToTenMinutes) {
  std::vector<std::int64_t> seconds;
  for (const std::int64_t attempts : {1, 2, 3, 4, 9, 10, 11, 12, 1000})
    seconds.push_back(rest_after(attempts).count() / 1000);
  EXPECT_THAT(seconds, ElementsAre(1, 2, 4, 8, 256, 512, 600, 600, 600));
}

TEST_F(HandoverTest, TriesAnEntryAgainBeforeAnyOther) {
  keep({"1", "2"});
  script_.fails_on = {{"1", kAgain}};
  Handover handover = make();
  Handover::Step last = work(handover);
  EXPECT_EQ(last.progress, Progress::kWaits);
  EXPECT_EQ(*last.next, kStart + 1s);
  EXPECT_EQ(handover.problem(), "not now");
  clock_->advance(999ms);
  EXPECT_EQ(work(handover).progress, Progress::kWaits);
  EXPECT_EQ(given(), (Ids{"1"}));
  clock_->advance(1ms);
  EXPECT_EQ(*work(handover).next, kStart + 3s);
  clock_->advance(2s);
  script_.fails_on.clear();
  EXPECT_EQ(work(handover).progress, Progress::kIdle);
  EXPECT_EQ(given(), (Ids{"1", "1", "1", "2"}));
  EXPECT_EQ(handover.problem(), "");
}

TEST_F(HandoverTest, WaitsAsLongAsTheRecipientAsks) {
  keep({"1"});
  script_.fails_on = {{"1", {.verdict = HandlerAnswer::kAgain, .reason = "x", .rest = 120s}}};
  Handover handover = make();
  EXPECT_EQ(*work(handover).next, kStart + 120s);
}

TEST_F(HandoverTest, DoesNotWaitForAClockThatWasSetBack) {
  keep({"1"});
  script_.fails_on = {{"1", kAgain}};
  Handover handover = make();
  work(handover);
  clock_->set_wall_time(kStart - std::chrono::hours{24 * 400});
  script_.fails_on.clear();
  EXPECT_EQ(work(handover).progress, Progress::kIdle);
}

TEST_F(HandoverTest, MakesADeadLetterOfWhatIsRefusedForGood) {
  keep({"1", "2"});
  script_.fails_on = {{"1", kNever}};
  Handover handover = make();
  EXPECT_EQ(work(handover).progress, Progress::kIdle);
  EXPECT_EQ(given(), (Ids{"1", "2"}));
  EXPECT_EQ(dead(), (std::map<std::string, std::string>{{"1", "not ever"}}));
  EXPECT_EQ(handover.buried(), 1);
}

TEST_F(HandoverTest, MakesADeadLetterOfWhatFailsTwentyTimesAndGoesOn) {
  keep({"1", "2"});
  script_.fails_on = {{"1", kAgain}};
  Handover handover = make();
  const Milliseconds took = work_to_the_end(handover);
  EXPECT_EQ(given().size(), 21U);
  EXPECT_EQ(given().back(), "2");
  EXPECT_EQ(dead(), (std::map<std::string, std::string>{{"1", "not now"}}));
  EXPECT_EQ(took, 1023s + 9 * 600s);
}

TEST_F(HandoverTest, CountsAttemptsOverARestart) {
  keep({"1"});
  script_.fails_on = {{"1", kAgain}};
  for (int i = 0; i < 3; ++i) {
    Handover handover = make({.attempts = 3});
    work(handover);
    clock_->advance(10min);
  }
  EXPECT_EQ(given().size(), 3U);
  EXPECT_EQ(dead().size(), 1U);
}

TEST_F(HandoverTest, InStrictOrderStopsUntilAPersonDecides) {
  keep({"1", "2"});
  script_.fails_on = {{"1", kNever}};
  Handover handover = make({.is_strict = true});
  EXPECT_EQ(work(handover).progress, Progress::kNeedsPerson);
  clock_->advance(std::chrono::hours{24 * 365});
  EXPECT_EQ(work(handover).progress, Progress::kNeedsPerson);
  EXPECT_EQ(given(), (Ids{"1"}));
  EXPECT_THAT(dead(), IsEmpty());
  script_.fails_on.clear();
  EXPECT_EQ(*client_.retry_entries({.queue = "P"}), 1);
  EXPECT_EQ(work(handover).progress, Progress::kIdle);
  EXPECT_EQ(given(), (Ids{"1", "1", "2"}));
}

TEST_F(HandoverTest, InStrictOrderTriesAgainForEver) {
  keep({"1", "2"});
  script_.fails_on = {{"1", kAgain}};
  Handover handover = make({.attempts = 2, .is_strict = true});
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(work(handover).progress, Progress::kWaits);
    clock_->advance(10min);
  }
  EXPECT_EQ(given(), Ids(50, "1"));
}

TEST_F(HandoverTest, AStopIsNoAttempt) {
  keep({"1"});
  script_.fails_on = {{"1", {.verdict = HandlerAnswer::kStopped, .reason = "x"}}};
  Handover handover = make({.attempts = 1});
  EXPECT_EQ(step(handover).progress, Progress::kStopped);
  EXPECT_EQ(client_.entry_queue("P").first(1)->front().attempts, 0);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(handover.step(stop.get_token())->progress, Progress::kStopped);
  EXPECT_EQ(given().size(), 1U);
}

// Each place of a bad entry in a batch, refused for good or failing.
class PoisonedBatch : public HandoverTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(EachPlace, PoisonedBatch, ::testing::Range(0, 12));
TEST_P(PoisonedBatch, IsHalvedUntilTheBadEntryStandsAlone) {
  Ids ids;
  for (int i = 0; i < 12; ++i) ids.push_back("e" + std::to_string(i));
  const std::string bad = ids.at(static_cast<std::size_t>(GetParam()));
  for (const Handed& failure : {kNever, kAgain}) {
    keep(ids);
    script_ = {.batch = 8, .fails_on = {{bad, failure}}};
    Ids done;
    Handover handover = make({.attempts = 5});
    work_to_the_end(handover);
    for (const Ids& batch : script_.given) {
      if (std::find(batch.begin(), batch.end(), bad) == batch.end())
        done.insert(done.end(), batch.begin(), batch.end());
    }
    Ids good = ids;
    std::erase(good, bad);
    EXPECT_EQ(done, good);
    EXPECT_EQ(dead(), (std::map<std::string, std::string>{{bad, failure.reason}}));
    EXPECT_EQ(script_.given.back().size() == 1 && script_.given.back().front() == bad,
              GetParam() == 11);
    ASSERT_TRUE(client_.drop_entries({}));
  }
}

TEST_F(HandoverTest, ARetriedDeadLetterGoesFirstThoughAnotherRests) {
  keep({"1", "2"});
  script_ = {.batch = 8, .fails_on = {{"1", kNever}, {"2", kAgain}}};
  Handover handover = make();
  work_to_the_end(handover);
  EXPECT_EQ(dead().size(), 2U);
  keep({"3"});
  script_.fails_on = {{"3", kAgain}};
  work(handover);
  script_.given.clear();
  EXPECT_EQ(*client_.retry_entries({.ids = {"1", "2"}}), 2);
  EXPECT_EQ(work(handover).progress, Progress::kWaits);
  EXPECT_EQ(given(), (Ids{"1", "2"}));
}

TEST_F(HandoverTest, TellsWhatHappenedInItsLog) {
  keep({"1", "2", "3"});
  script_.fails_on = {{"1", kNever}, {"2", kAgain}};
  Handover handover = make();
  work(handover);
  ASSERT_EQ(log_.size(), 2U);
  EXPECT_EQ(log_[0],
            "P: entry 1 is a dead letter: not ever; weir entries retry 1 hands it over again");
  EXPECT_EQ(log_[1], "P: entry 2: not now; it is tried again in 1 s");
}

}  // namespace
}  // namespace weir::daemon
