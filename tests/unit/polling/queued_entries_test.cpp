// Queues of entries, in an SQLite file and in a real PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include "support/any_store.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

const TimePoint kThen{std::chrono::hours{24 * 365}};

class QueuedEntriesTest : public testing::AnyStoreTest {
 protected:
  Client open() const {
    Result<Client> client = Client::open({.time_zone = "UTC",
                                          .store = file_.location(),
                                          .makes_calls = false,
                                          .send_in_background = false,
                                          .clock = clock_});
    if (!client) throw std::runtime_error(client.error().message);
    return std::move(*client);
  }

  void keep(const std::string& queue, const std::vector<std::string>& ids) {
    std::vector<EntryToKeep> entries;
    for (const std::string& id : ids)
      entries.push_back({.id = id, .body = "{\"Id\":\"" + id + "\"}", .received = kThen});
    const Result<void> kept = client_.entry_queue(queue).keep(entries);
    ASSERT_TRUE(kept) << kept.error().message;
  }

  std::vector<std::string> waiting(const std::string& queue, std::size_t most = 100) {
    return ids_of(*client_.entry_queue(queue).first(most));
  }

  static std::vector<std::string> ids_of(const std::vector<QueuedEntry>& entries) {
    std::vector<std::string> ids;
    for (const QueuedEntry& entry : entries) ids.push_back(entry.id);
    return ids;
  }

  QueuedEntry first(const std::string& queue) {
    return client_.entry_queue(queue).first(1)->front();
  }

  std::vector<std::string> dead(const std::string& queue = "") {
    std::vector<std::string> ids;
    const std::vector<QueuedEntry> all = *client_.queued_entries({.queue = queue});
    for (const QueuedEntry& entry : all) {
      if (entry.is_dead_letter) ids.push_back(entry.id);
    }
    return ids;
  }

  std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>(kThen + 1h);
  Client client_ = open();
};

INSTANTIATE_TEST_SUITE_P(EachStore, QueuedEntriesTest,
                         ::testing::Values(testing::StoreKind::kSqlite,
                                           testing::StoreKind::kPostgres),
                         testing::name_of);

TEST_P(QueuedEntriesTest, WaitInTheOrderOfKeeping) {
  keep("A", {"3", "1"});
  keep("B", {"9"});
  keep("A", {"2"});
  EXPECT_THAT(waiting("A"), ElementsAre("3", "1", "2"));
  EXPECT_THAT(waiting("A", 2), ElementsAre("3", "1"));
}

TEST_P(QueuedEntriesTest, AreWhatTheyWereAfterTheProgramHasEnded) {
  const std::string body = R"({"Id":"é","x":"\u0000 ' \" \\ 😀"})";
  ASSERT_TRUE(client_.entry_queue("A").keep({{.id = "é", .body = body, .received = kThen + 1ms}}));
  client_ = open();
  const QueuedEntry entry = first("A");
  EXPECT_EQ(entry.id, "é");
  EXPECT_EQ(entry.body, body);
  EXPECT_EQ(entry.received, kThen + 1ms);
  EXPECT_EQ(entry.kept_at, kThen + 1h);
  EXPECT_EQ(entry.attempts, 0);
}

TEST_P(QueuedEntriesTest, TakeALargeBody) {
  const std::string body(5 * 1024 * 1024, 'x');
  ASSERT_TRUE(client_.entry_queue("A").keep({{.id = "1", .body = body}}));
  EXPECT_EQ(first("A").body, body);
}

TEST_P(QueuedEntriesTest, AreKeptOnceUnderTheSameId) {
  keep("A", {"1", "2"});
  keep("A", {"2", "1", "3"});
  EXPECT_THAT(waiting("A"), ElementsAre("1", "2", "3"));
  keep("B", {"1"});
  EXPECT_THAT(waiting("B"), ElementsAre("1"));
}

TEST_P(QueuedEntriesTest, WithoutAnIdGetOneOfTheirOwn) {
  ASSERT_TRUE(client_.entry_queue("A").keep({{.body = "x"}, {.body = "x"}}));
  const auto ids = waiting("A");
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_NE(ids[0], ids[1]);
}

TEST_P(QueuedEntriesTest, ThatWereHandedOnAreForgottenAndTheirNumbersNotGivenAgain) {
  keep("A", {"1"});
  const std::int64_t number = first("A").number;
  ASSERT_TRUE(client_.entry_queue("A").done({number}));
  EXPECT_THAT(waiting("A"), IsEmpty());
  keep("A", {"2"});
  EXPECT_GT(first("A").number, number);
}

TEST_P(QueuedEntriesTest, ThatFailedStayFirstWithTheReasonAndTheTime) {
  keep("A", {"1", "2"});
  ASSERT_TRUE(client_.entry_queue("A").failed(first("A").number, "no", kThen + 2h));
  const QueuedEntry entry = first("A");
  EXPECT_EQ(entry.id, "1");
  EXPECT_EQ(entry.attempts, 1);
  EXPECT_EQ(entry.reason, "no");
  EXPECT_EQ(entry.due, kThen + 2h);
}

// The words of another server may be in any encoding, and of any length.
TEST_P(QueuedEntriesTest, ThatFailedKeepTheReasonAsTextOfOneLine) {
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"HTTP 500: Gr\xfc\xdf"
       "e",
       "HTTP 500: Gr??e"},
      {std::string("a\0b", 3), "a b"},
      {"a\nb\x1b[31m", "a b [31m"},
      {std::string(1'000'000, 'x'), std::string(4096, 'x')}};
  for (const auto& [reason, kept] : reasons) {
    keep("A", {"1"});
    ASSERT_TRUE(client_.entry_queue("A").failed(first("A").number, reason, kThen + 2h));
    EXPECT_EQ(first("A").reason, kept);
    EXPECT_EQ(first("A").attempts, 1);
    ASSERT_TRUE(client_.entry_queue("A").bury(first("A").number, reason));
    EXPECT_EQ(client_.queued_entries({})->front().reason, kept);
    ASSERT_TRUE(client_.drop_entries({}));
  }
}

TEST_P(QueuedEntriesTest, ThatAreNoTextAreRefusedAlikeByEveryStore) {
  EntryQueue queue = client_.entry_queue("A");
  for (const std::string& bytes : {std::string("\xff"), std::string("a\0b", 3)}) {
    const Result<void> id = queue.keep({{.id = "good"}, {.id = bytes, .body = "{}"}});
    const Result<void> body = queue.keep({{.id = "1", .body = bytes}});
    const Result<void> name = client_.entry_queue(bytes).keep({{.id = "1"}});
    for (const Result<void>& refused : {id, body, name}) {
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << refused.error().message;
    }
  }
  EXPECT_THAT(waiting("A"), IsEmpty()) << "all or none";
}

TEST_P(QueuedEntriesTest, OfANameThatIsTooLongAreRefused) {
  EXPECT_TRUE(client_.entry_queue(std::string(1024, 'q')).keep({{.id = "1"}}));
  EXPECT_EQ(client_.entry_queue(std::string(1025, 'q')).keep({{.id = "1"}}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_P(QueuedEntriesTest, ThatAreBuriedAreDeadLettersAndTheNextIsFirst) {
  keep("A", {"1", "2"});
  ASSERT_TRUE(client_.entry_queue("A").bury(first("A").number, "never"));
  EXPECT_THAT(waiting("A"), ElementsAre("2"));
  EXPECT_THAT(dead(), ElementsAre("1"));
  const EntryQueueState state = *client_.entry_queue("A").state();
  EXPECT_EQ(state.waiting, 1);
  EXPECT_EQ(state.dead_letters, 1);
  EXPECT_EQ(state.oldest_kept_at, kThen + 1h);
}

TEST_P(QueuedEntriesTest, ThatAreDeadLettersAreNotKeptAnew) {
  keep("A", {"1"});
  ASSERT_TRUE(client_.entry_queue("A").bury(first("A").number, "never"));
  keep("A", {"1"});
  EXPECT_THAT(waiting("A"), IsEmpty());
}

TEST_P(QueuedEntriesTest, ThatAreRetriedAreFirstAndAsIfNeverTried) {
  keep("A", {"1", "2"});
  ASSERT_TRUE(client_.entry_queue("A").bury(first("A").number, "never"));
  EXPECT_EQ(*client_.retry_entries({.queue = "A"}), 1);
  EXPECT_THAT(waiting("A"), ElementsAre("1", "2"));
  EXPECT_EQ(first("A").attempts, 0);
}

TEST_P(QueuedEntriesTest, ThatRestAreDueAtOnceWhenTheyAreRetried) {
  keep("A", {"1"});
  ASSERT_TRUE(client_.entry_queue("A").failed(first("A").number, "no", kThen + 2h));
  EXPECT_EQ(*client_.retry_entries({}), 1);
  EXPECT_LE(first("A").due, clock_->now());
  EXPECT_EQ(*client_.retry_entries({}), 0);
}

struct Chosen {
  const char* name;
  EntryChoice choice;
  std::vector<std::string> stay;
};

// "2" of A is given by its number.
TEST_P(QueuedEntriesTest, AreChosenByQueueByIdOrByNumber) {
  const std::vector<Chosen> family = {
      {"all", {}, {}},
      {"a queue", {.queue = "A"}, {"b"}},
      {"an id", {.ids = {"1"}}, {"2", "b"}},
      {"a number", {.ids = {"#2"}}, {"1", "b"}},
      {"several", {.ids = {"1", "b"}}, {"2"}},
      {"an id of another queue", {.queue = "B", .ids = {"1"}}, {"1", "2", "b"}},
      {"none", {.ids = {"9999"}}, {"1", "2", "b"}},
  };
  for (const Chosen& chosen : family) {
    keep("A", {"1", "2"});
    keep("B", {"b"});
    EntryChoice choice = chosen.choice;
    for (const char* queue : {"A", "B"}) {
      const std::vector<QueuedEntry> entries = *client_.entry_queue(queue).first(10);
      for (const QueuedEntry& entry : entries) {
        ASSERT_TRUE(client_.entry_queue(queue).bury(entry.number, "never"));
        if (entry.id != "2") continue;
        for (std::string& id : choice.ids) id = id == "#2" ? std::to_string(entry.number) : id;
      }
    }
    ASSERT_TRUE(client_.drop_entries(choice));
    EXPECT_EQ(dead(), chosen.stay) << chosen.name;
    ASSERT_TRUE(client_.drop_entries({}));
  }
}

// The ids of entries are the platform's: also numbers, and the same in several queues.
TEST_P(QueuedEntriesTest, AreNotChangedByAnIdThatMeansTwo) {
  keep("A", {"a", "b", "c"});
  const std::vector<QueuedEntry> of_a = *client_.entry_queue("A").first(3);
  const std::string number = std::to_string(of_a.front().number);
  keep("B", {number, "b"});
  for (const std::string& id : {number, std::string("b")}) {
    for (const auto& changed :
         {client_.drop_entries({.ids = {"c", id}}), client_.retry_entries({.ids = {"c", id}})}) {
      ASSERT_FALSE(changed) << id;
      EXPECT_EQ(changed.error().code, ErrorCode::kInvalidArgument);
      EXPECT_THAT(changed.error().message, HasSubstr("nothing was changed"));
    }
    EXPECT_EQ(client_.queued_entries({.ids = {id}})->size(), 2U) << "both are shown";
  }
  EXPECT_EQ(*client_.drop_entries({.queue = "B", .ids = {"b"}}), 1) << "which is one of its queue";
  EXPECT_EQ(*client_.drop_entries({.queue = "A", .ids = {number}}), 1);
  EXPECT_THAT(waiting("A"), ElementsAre("b", "c"));
  EXPECT_THAT(waiting("B"), ElementsAre(number));
}

TEST_P(QueuedEntriesTest, ThatWaitAreDroppedByIdAlone) {
  keep("A", {"1", "2"});
  EXPECT_EQ(*client_.drop_entries({.queue = "A"}), 0);
  EXPECT_EQ(*client_.drop_entries({.ids = {"1"}}), 1);
  EXPECT_THAT(waiting("A"), ElementsAre("2"));
}

TEST_P(QueuedEntriesTest, NeedANameThatCanBeOne) {
  EXPECT_EQ(client_.entry_queue("").keep({}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(client_.entry_queue(" \n").first(1).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace weir
