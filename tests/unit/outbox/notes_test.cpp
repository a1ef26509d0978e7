#include "outbox/notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/client.h>

#include "outbox/outbox.h"
#include "support/any_store.h"

namespace weir::outbox {
namespace {

const TimePoint kNow{std::chrono::hours{1}};

class NotesTest : public testing::AnyStoreTest {
 protected:
  std::vector<std::string> texts(const std::string& scope) {
    std::vector<std::string> texts;
    const Result<std::vector<Note>> notes =
        store_.database->read([&](store::Statements& sql) -> Result<std::vector<Note>> {
          return load_notes(sql, scope);
        });
    for (const Note& note : notes.value()) texts.push_back(note.name + "=" + note.text);
    return texts;
  }

  static Client open(const std::string& store) {
    return std::move(*Client::open(
        {.time_zone = "UTC", .store = store, .makes_calls = false, .send_in_background = false}));
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, {}};
};

TEST_P(NotesTest, AreKeptWithTheChangesAndReplacedByName) {
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow,
                            {.notes = {{"read/A", "b", "2"}, {"read/A", "a", "1"}}}));
  ASSERT_TRUE(outbox_.apply("A", {}, kNow, {.notes = {{"read/A", "b", "3"}}}));
  EXPECT_THAT(texts("read/A"), ::testing::ElementsAre("a=1", "b=3"));
  EXPECT_TRUE(texts("read/B").empty());
}

TEST_P(NotesTest, WithoutATextAreForgotten) {
  ASSERT_TRUE(outbox_.apply("A", {}, kNow, {.notes = {{"read/A", "a", "1"}}}));
  ASSERT_TRUE(outbox_.apply("A", {}, kNow, {.notes = {{"read/A", "a", ""}}}));
  EXPECT_TRUE(texts("read/A").empty());
}

TEST_P(NotesTest, OfChangesThatAreRefusedAreNotKept) {
  EXPECT_FALSE(outbox_.apply("A", {Upsert{{"", "no key"}}}, kNow, {.notes = {{"r", "a", "1"}}}));
  EXPECT_TRUE(texts("r").empty());
}

TEST_P(NotesTest, ThatCannotBeKeptRefuseTheChanges) {
  const std::string long_name(1025, 'n');
  for (const Note& bad : {Note{"", "a", "1"}, Note{"r", "", "1"}, Note{"r", long_name, "1"},
                          Note{"r", "a", "\xFF"}, Note{"r", "a", std::string(65537, 'x')}}) {
    EXPECT_EQ(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow, {.notes = {bad}}).error().code,
              ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(outbox_.known("A")->waiting, 0);
}

TEST_P(NotesTest, AreKeptWithASnapshotAlsoWhenItChangesNothing) {
  const std::vector<Row> rows = {{"1", "a"}};
  ASSERT_TRUE(outbox_.publish("A", rows, {.notes = {{"r", "a", "1"}}}, kNow));
  ASSERT_TRUE(outbox_.publish("A", rows, {.notes = {{"r", "a", "2"}}}, kNow));
  EXPECT_THAT(texts("r"), ::testing::ElementsAre("a=2"));
}

TEST_P(NotesTest, OfADryRunAreNotKept) {
  const std::vector<Row> rows = {{"1", "a"}};
  ASSERT_TRUE(outbox_.publish("A", rows, {.dry_run = true, .notes = {{"r", "a", "1"}}}, kNow));
  EXPECT_TRUE(texts("r").empty());
}

TEST_P(NotesTest, AreThereForTheNextClient) {
  ASSERT_TRUE(open(file_.location()).keep_notes({{"r", "naïve/\u65E5", "text"}}));
  const Result<std::vector<Note>> notes = open(file_.location()).notes("r");
  ASSERT_EQ(notes->size(), 1U);
  EXPECT_EQ(notes->front().text, "text");
}

TEST_P(NotesTest, AClaimIsHeldByOneUntilItIsGivenBack) {
  Client one = open(file_.location());
  Client other = open(file_.location());
  {
    const Result<std::optional<Claim>> held = one.claim("read A");
    ASSERT_TRUE(held->has_value());
    EXPECT_FALSE(one.claim("read A")->has_value());
    EXPECT_FALSE(other.claim("read A")->has_value());
    EXPECT_TRUE(other.claim("read B")->has_value());
  }
  EXPECT_TRUE(other.claim("read A")->has_value());
}

WEIR_FOR_EVERY_STORE(NotesTest);

}  // namespace
}  // namespace weir::outbox
