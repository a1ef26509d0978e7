// The answers to devices, over both kinds of store.
#include <gmock/gmock.h>
#include <weir/sync/sync_service.h>

#include "service_fixture.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SyncDevice;
using testing::TableRows;

using testing::kStart;
using testing::Rows;
using testing::SyncServiceTest;

WEIR_FOR_EVERY_STORE(SyncServiceTest);

TEST_P(SyncServiceTest, TellsAUserThatUsersRowsAndTheColumnsThatAreSent) {
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_THAT(answer.sources.at(0).rows.value(), ElementsAre(Row{"1", "pole"}, Row{"3", "tree"}));
  EXPECT_EQ(answer.last_updated, "2026-03-02T08:00:00");
}

TEST_P(SyncServiceTest, ComparesAddressesWithoutRegardToCase) {
  SyncDevice shouting("ANN@X.org ", "CREWS");
  shouting.sync(*service_);
  EXPECT_EQ(shouting.rows().size(), 2U);
}

TEST_P(SyncServiceTest, LeavesOutWhatIsUnchanged) {
  ann_.sync(*service_);
  clock_->advance(1h);
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_THAT(answer.sources, IsEmpty());
  EXPECT_EQ(crews_->reads, 1);
}

TEST_P(SyncServiceTest, TellsAnEmptyViewAsNoRowsAtAll) {
  SyncDevice nobody("eve@x.org", "CREWS");
  const SyncAnswer answer = nobody.sync(*service_);
  ASSERT_EQ(answer.sources.size(), 1U);
  EXPECT_THAT(answer.sources[0].rows.value(), IsEmpty());
}

TEST_P(SyncServiceTest, ShowsARowWithoutAUserToNobody) {
  crews_->set({{"1", "pole", ""}, {"2", "wire", " "}});
  ann_.sync(*service_);
  EXPECT_THAT(ann_.rows(), IsEmpty());
  EXPECT_FALSE(service_->answer(SyncDevice("", "CREWS").request()));
}

TEST_P(SyncServiceTest, TellsTheDifference) {
  ann_.sync(*service_);
  crews_->set(
      {{"1", "pole down", "ann@x.org"}, {"2", "wire", "bob@x.org"}, {"4", "van", "ann@x.org"}});
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_FALSE(answer.sources.at(0).rows);
  EXPECT_THAT(answer.sources[0].new_rows, ElementsAre(Row{"1", "pole down"}, Row{"4", "van"}));
  EXPECT_THAT(answer.sources[0].deleted_keys, ElementsAre("3"));
}

TEST_P(SyncServiceTest, SaysNothingToAUserWhoseRowsAreAsTheyWere) {
  ann_.sync(*service_);
  bob_.sync(*service_);
  crews_->set({{"1", "pole", "ann@x.org"}, {"3", "tree", "ann@x.org"}});
  EXPECT_EQ(bob_.sync(*service_).sources.size(), 1U);
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
}

TEST_P(SyncServiceTest, MovesARowFromOneUserToAnother) {
  ann_.sync(*service_);
  bob_.sync(*service_);
  crews_->set({{"1", "pole", "bob@x.org"}, {"2", "wire", "bob@x.org"}, {"3", "tree", "ann@x.org"}});
  EXPECT_THAT(ann_.sync(*service_).sources.at(0).deleted_keys, ElementsAre("1"));
  EXPECT_THAT(bob_.sync(*service_).sources.at(0).new_rows, ElementsAre(Row{"1", "pole"}));
}

TEST_P(SyncServiceTest, AnswersALostAnswerAgain) {
  ann_.sync(*service_);
  crews_->set({{"1", "new", "ann@x.org"}, {"3", "tree", "ann@x.org"}});
  const SyncAnswer lost = service_->answer(ann_.request()).value();
  const SyncAnswer again = service_->answer(ann_.request()).value();
  EXPECT_EQ(lost.sources.at(0).new_rows, again.sources.at(0).new_rows);
  crews_->set({{"1", "newer", "ann@x.org"}});
  ann_.sync(*service_);
  EXPECT_EQ(ann_.rows(), (Rows{{"1", {"1", "newer"}}}));
}

TEST_P(SyncServiceTest, TellsDevicesOfOneUserEachItsOwnDifference) {
  SyncDevice tablet("ann@x.org", "CREWS");
  ann_.sync(*service_);
  tablet.sync(*service_);
  crews_->set({{"1", "a", "ann@x.org"}, {"3", "tree", "ann@x.org"}});
  ann_.sync(*service_);
  crews_->set({{"3", "b", "ann@x.org"}});
  const SyncAnswer answer = tablet.sync(*service_);
  EXPECT_THAT(answer.sources.at(0).new_rows, ElementsAre(Row{"3", "b"}));
  EXPECT_THAT(answer.sources[0].deleted_keys, ElementsAre("1"));
}

TEST_P(SyncServiceTest, LosesNoChangeOfTheSecondInWhichADeviceWasAnswered) {
  for (int i = 0; i < 5; ++i) {
    crews_->set({{"1", std::to_string(i), "ann@x.org"}});
    ann_.sync(*service_);
    EXPECT_EQ(ann_.rows().at("1").at(1), std::to_string(i));
  }
  EXPECT_EQ(clock_->now(), kStart);
}

TEST_P(SyncServiceTest, GoesOnWhenTheClockIsSetBack) {
  ann_.sync(*service_);
  clock_->set_wall_time(kStart - 24h * 365);
  crews_->set({{"1", "after", "ann@x.org"}});
  ann_.sync(*service_);
  EXPECT_EQ(ann_.rows(), (Rows{{"1", {"1", "after"}}}));
}

TEST_P(SyncServiceTest, NoticesAfterARestartWhatChangedWhileItWasDown) {
  ann_.sync(*service_);
  crews_->rows.pop_back();
  clock_->set_wall_time(kStart - 1h);
  open();
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_FALSE(answer.sources.at(0).rows);
  EXPECT_THAT(answer.sources[0].deleted_keys, ElementsAre("3"));
}

TEST_P(SyncServiceTest, TellsAllRowsToADeviceThatIsOlderThanWhatIsKept) {
  ann_.sync(*service_);
  const SyncRequest old = ann_.request();
  clock_->advance(12h);
  crews_->set({{"1", "a", "ann@x.org"}});
  ann_.sync(*service_);
  clock_->advance(13h);
  crews_->set({{"1", "b", "ann@x.org"}});
  EXPECT_FALSE(service_->answer(ann_.request()).value().sources.at(0).rows);
  EXPECT_TRUE(service_->answer(old).value().sources.at(0).rows);
}

TEST_P(SyncServiceTest, KeepsTheNewestEditionHoweverOldItIs) {
  ann_.sync(*service_);
  clock_->advance(24h * 90);
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
  crews_->set({{"1", "pole", "ann@x.org"}, {"3", "tree!", "ann@x.org"}});
  EXPECT_EQ(ann_.sync(*service_).sources.size(), 1U);
  EXPECT_EQ(ann_.rows(), (Rows{{"1", {"1", "pole"}}, {"3", {"3", "tree!"}}}));
}

TEST_P(SyncServiceTest, TellsAllRowsToADeviceWithALastUpdatedThatItNeverGave) {
  ann_.sync(*service_);
  for (const char* unknown : {"", "2024-01-01T00:00:00", "2026-03-02T07:59:59",
                              "2027-01-01T00:00:00", "yesterday", "2026-03-02T08:00:00Z"}) {
    SyncRequest request = ann_.request();
    request.items[0].last_updated = unknown;
    EXPECT_TRUE(service_->answer(request).value().sources.at(0).rows) << unknown;
  }
}

TEST_P(SyncServiceTest, RefusesAWrongTokenCompanyAndSourceWithTheSameWords) {
  SyncRequest token = ann_.request();
  token.private_token = "tokem";
  SyncRequest company = ann_.request();
  company.company_id = "12346";
  SyncRequest source = ann_.request();
  source.items.push_back({.id = "CREWZ"});
  for (const SyncRequest& request : {token, company, source}) {
    const Result<SyncAnswer> answer = service_->answer(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnauthenticated);
    EXPECT_THAT(answer.error().message, HasSubstr("company, the private token or a data source"));
  }
}

TEST_P(SyncServiceTest, FailsWhileTheSourceCannotBeReadAndServesNoOldRows) {
  ann_.sync(*service_);
  crews_->failure = Error{.message = "line 7: no such thing"};
  crews_->changed();
  const Result<SyncAnswer> answer = service_->answer(ann_.request());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("CREWS cannot be read: line 7"));
  crews_->failure.reset();
  clock_->advance(1s);
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
}

TEST_P(SyncServiceTest, RefusesRowsWithTheSameKey) {
  for (const std::vector<Row>& rows :
       {std::vector<Row>{{"9", "a", "x"}, {"9", "b", "x"}}, {{"1", "a", "x"}, {"1", "b", "y"}}}) {
    crews_->set(rows);
    const Result<SyncAnswer> answer = service_->answer(ann_.request());
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("twice"));
  }
}

TEST_P(SyncServiceTest, ReadsASourceWithoutAVersionAgainAfterASecond) {
  crews_->tells_version = false;
  ann_.sync(*service_);
  ann_.sync(*service_);
  EXPECT_EQ(crews_->reads, 1);
  clock_->advance(1s);
  ann_.sync(*service_);
  EXPECT_EQ(crews_->reads, 2);
}

TEST_P(SyncServiceTest, AnswersForSeveralSourcesWithOneLastUpdated) {
  auto codes = std::make_shared<TableRows>(std::vector<std::string>{"code", "text"});
  codes->set({{"A", "open"}});
  open({crews(), {.id = "CODES", .rows = codes, .rule = UserRule::same_rows_for_all()}});
  SyncRequest request = ann_.request();
  request.items.push_back({.id = "CODES"});
  const SyncAnswer first = service_->answer(request).value();
  EXPECT_EQ(first.sources.size(), 2U);
  for (SyncRequest::Item& item : request.items) item.last_updated = first.last_updated;
  codes->set({{"A", "closed"}});
  const SyncAnswer second = service_->answer(request).value();
  ASSERT_EQ(second.sources.size(), 1U);
  EXPECT_EQ(second.sources[0].id, "CODES");
}

TEST_P(SyncServiceTest, AnotherRuleMakesEveryDeviceStartAnew) {
  ann_.sync(*service_);
  SyncSource source = crews();
  source.rule = UserRule::same_rows_for_all();
  open({source});
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_TRUE(answer.sources.at(0).rows);
  EXPECT_EQ(ann_.rows().size(), 3U);
}

TEST_P(SyncServiceTest, OtherColumnsAreAChangeOfRows) {
  ann_.sync(*service_);
  SyncSource source = crews();
  source.columns = {};
  open({source});
  ann_.sync(*service_);
  EXPECT_EQ(ann_.rows().at("1"), (Row{"1", "pole", "ann@x.org"}));
}

TEST_P(SyncServiceTest, TellsADeviceToDeleteTheRowOfItsEntryWhenTheRealRowIsThere) {
  ann_.sync(*service_);
  bob_.sync(*service_);
  ann_.create({"entry-7", "mine"});
  EXPECT_FALSE(service_->replaced("CREWS", "entry-7", "4", "ann@x.org"));
  crews_->set({{"1", "pole", "ann@x.org"},
               {"2", "wire", "bob@x.org"},
               {"3", "tree", "ann@x.org"},
               {"4", "mine", "ann@x.org"}});
  ASSERT_TRUE(service_->replaced("CREWS", "entry-7", "4", "ann@x.org"));
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_THAT(answer.sources.at(0).deleted_keys, ElementsAre("entry-7"));
  EXPECT_THAT(answer.sources[0].new_rows, ElementsAre(Row{"4", "mine"}));
  EXPECT_THAT(bob_.sync(*service_).sources, IsEmpty());
  EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
}

// Some systems store the row under the entry's own id.
TEST_P(SyncServiceTest, DeletesNoRealRowForAnEntry) {
  crews_->set({{"1", "pole", "ann@x.org"}, {"3", "tree", "ann@x.org"}});
  ann_.sync(*service_);
  EXPECT_TRUE(service_->replaced("CREWS", "1", "1", "ann@x.org"));
  EXPECT_EQ(service_->replaced("CREWS", "1", "3", "ann@x.org").error().code,
            ErrorCode::kInvalidArgument);
  ann_.sync(*service_);
  EXPECT_EQ(ann_.rows().size(), 2U);
}

TEST_P(SyncServiceTest, FollowsTheValuesThatAUserMaySee) {
  std::map<std::string, std::vector<std::string>> rights = {{"ann@x.org", {"north"}}};
  crews_->set({{"1", "pole", "north"}, {"2", "wire", "South"}, {"3", "tree", "east"}});
  SyncSource source = crews();
  source.rule = UserRule::column(
      "crew",
      [&](const std::string& email) -> Result<std::vector<std::string>> { return rights[email]; });
  open({source});
  ann_.sync(*service_);
  EXPECT_EQ(ann_.rows().size(), 1U);
  SyncDevice tablet("ann@x.org", "CREWS");
  tablet.sync(*service_);
  rights["ann@x.org"] = {"south", "east"};
  const SyncAnswer answer = ann_.sync(*service_);
  EXPECT_FALSE(answer.sources.at(0).rows);
  EXPECT_THAT(answer.sources[0].deleted_keys, ElementsAre("1"));
  EXPECT_EQ(answer.sources[0].new_rows.size(), 2U);
  rights["ann@x.org"] = {"north"};
  EXPECT_THAT(tablet.sync(*service_).sources, IsEmpty());
  EXPECT_EQ(ann_.sync(*service_).sources.at(0).deleted_keys.size(), 2U);
  EXPECT_EQ(ann_.rows(), tablet.rows());
}

TEST_P(SyncServiceTest, ExplainsWhatAUserGetsAndWhy) {
  const Result<SyncExplanation> explained = service_->explain("ann@x.org", "CREWS");
  ASSERT_TRUE(explained);
  EXPECT_THAT(explained->rule, HasSubstr("'crew' is their e-mail address"));
  EXPECT_THAT(explained->columns, ElementsAre("id", "label"));
  EXPECT_EQ(explained->rows.size(), 2U);
}

TEST(SyncServiceOptions, NamesTheSettingThatIsWrong) {
  auto rows = std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
  const SyncSource good{.id = "A", .rows = rows, .rule = UserRule::same_rows_for_all()};
  const SyncOptions usable{.company_id = 1,
                           .private_tokens = {Secret::from_string("t", "the test")},
                           .store = "/nowhere/weir.db",
                           .sources = {good}};
  const auto message = [](const SyncOptions& options) {
    const Result<SyncService> service = SyncService::open(options);
    return service ? "" : service.error().message;
  };
  SyncOptions options = usable;
  options.company_id = 0;
  EXPECT_THAT(message(options), HasSubstr("company id"));
  options = usable;
  options.private_tokens = {Secret()};
  EXPECT_THAT(message(options), HasSubstr("private token"));
  options = usable;
  options.sources[0].rule = {};
  EXPECT_THAT(message(options), HasSubstr("A has no user rule"));
  options = usable;
  options.sources[0].rule = UserRule::column("");
  EXPECT_THAT(message(options), HasSubstr("empty name for its column"));
  options.sources[0].rule = UserRule::column("user", UserRule::Values{});
  EXPECT_THAT(message(options), HasSubstr("empty function"));
  options = usable;
  options.sources[0].id = "A\xff";
  EXPECT_THAT(message(options), HasSubstr("valid UTF-8, and is not at byte 1"));
  options = usable;
  options.sources.push_back(good);
  EXPECT_THAT(message(options), HasSubstr("A is set twice"));
}

}  // namespace
}  // namespace weir
