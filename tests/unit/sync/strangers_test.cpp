// Rows that were made to have one fingerprint, users who do not exist, and users who may be two.
#include <gmock/gmock.h>

#include "rows/row_hash.h"
#include "service_fixture.h"
#include "support/made_up_rows.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kOneRow;
using testing::kOtherRow;
using testing::RowsOfUser;
using testing::SyncDevice;
using testing::SyncServiceTest;
using testing::TableRows;

class MadeUpRowsTest : public SyncServiceTest {};
WEIR_FOR_EVERY_STORE(MadeUpRowsTest);

TEST_P(MadeUpRowsTest, AreToldApart) {
  ASSERT_EQ(outbox::unkeyed_hash(kOneRow), outbox::unkeyed_hash(kOtherRow));
  auto rows = std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
  auto others = std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
  rows->set({kOneRow});
  others->set({kOtherRow});
  open({{.id = "ROWS", .rows = rows, .rule = UserRule::same_rows_for_all()},
        {.id = "OTHERS", .rows = others, .rule = UserRule::same_rows_for_all()}});
  SyncDevice device("ann@x.org", "ROWS");
  SyncDevice other("ann@x.org", "OTHERS");
  device.sync(*service_);
  other.sync(*service_);
  EXPECT_EQ(device.rows().at("OUTAGE01"), kOneRow);
  EXPECT_EQ(other.rows().at("OUTAGE01"), kOtherRow);
  rows->set({kOtherRow});
  device.sync(*service_);
  EXPECT_EQ(device.rows().at("OUTAGE01"), kOtherRow);
}

TEST_P(MadeUpRowsTest, OfTwoUsersAreNeverOneView) {
  auto rows = std::make_shared<RowsOfUser>();
  rows->of_user["ann@x.org"] = {kOneRow};
  rows->of_user["bob@x.org"] = {kOtherRow};
  open({{.id = "CREWS", .rows = rows, .rule = UserRule::source_decides()}});
  ann_.sync(*service_);
  bob_.sync(*service_);
  EXPECT_EQ(ann_.rows().at("OUTAGE01"), kOneRow);
  EXPECT_EQ(bob_.rows().at("OUTAGE01"), kOtherRow);
}

TEST_P(MadeUpRowsTest, AStoreWithFingerprintsOfBeforeIsReadAnew) {
  ann_.sync(*service_);
  SyncDevice up_to_date = ann_;
  service_.reset();
  ASSERT_TRUE(file_.open().database->write([](store::Statements& sql) -> Result<void> {
    sql.run("DELETE FROM sync_secret");
    return {};
  }));
  open();
  EXPECT_TRUE(up_to_date.sync(*service_).sources.at(0).rows);
  crews_->set({{"1", "pole!", "ann@x.org"}});
  up_to_date.sync(*service_);
  EXPECT_EQ(up_to_date.rows(), (testing::Rows{{"1", {"1", "pole!"}}}));
}

class StrangersTest : public SyncServiceTest {
 protected:
  static constexpr int kStrangers = 200;

  // What the store holds of users and editions.
  std::int64_t lines() const {
    const store::Store store = file_.open();
    return store.database
        ->read([](store::Statements& sql) -> Result<std::int64_t> {
          return sql
              .run(
                  "SELECT (SELECT count(*) FROM sync_user_scopes) + (SELECT count(*) FROM "
                  "sync_editions)")
              .at(0)
              .integer(0);
        })
        .value();
  }

  void leave_no_trace(const SyncSource& source) {
    open({source});
    ann_.sync(*service_);
    clock_->advance(1s);
    const std::int64_t before = lines();
    const std::string last_updated = ann_.last_updated();
    for (int i = 0; i < kStrangers; ++i) {
      SyncDevice stranger("stranger" + std::to_string(i) + "@x.org", "CREWS");
      EXPECT_THAT(stranger.sync(*service_).sources.at(0).rows.value(), IsEmpty());
      EXPECT_THAT(stranger.sync(*service_).sources, IsEmpty());
    }
    EXPECT_EQ(lines(), before);
    EXPECT_THAT(ann_.sync(*service_).sources, IsEmpty());
    EXPECT_EQ(ann_.last_updated(), last_updated);
  }
};
WEIR_FOR_EVERY_STORE(StrangersTest);

TEST_P(StrangersTest, LeaveNoTraceInASourceThatDecides) {
  auto rows = std::make_shared<RowsOfUser>();
  rows->of_user["ann@x.org"] = {{"1", "pole"}};
  leave_no_trace({.id = "CREWS", .rows = rows, .rule = UserRule::source_decides()});
}

TEST_P(StrangersTest, LeaveNoTraceInASourceWithValues) {
  SyncSource source = crews();
  source.rule =
      UserRule::column("crew", [](const std::string& email) -> Result<std::vector<std::string>> {
        if (email != "ann@x.org") return std::vector<std::string>();
        return std::vector<std::string>{email};
      });
  leave_no_trace(source);
}

// No database can be asked for it, which says nothing of the source's health.
TEST_P(StrangersTest, WhoseAddressIsNoTextAreRefusedAndNobodyElse) {
  auto rows = std::make_shared<RowsOfUser>();
  for (const SyncSource& source :
       {crews(), SyncSource{.id = "CREWS", .rows = rows, .rule = UserRule::source_decides()}}) {
    open({source});
    for (const char* address : {"ada@x%00", "%FF@x.org", "ada%C3@x", "%00"}) {
      EXPECT_EQ(service_
                    ->handle({.target = "/?providerid=12345&integrationkey=token&ids=CREWS&email=" +
                                        std::string(address)})
                    .status,
                400)
          << address;
    }
    EXPECT_EQ(service_->handle({.target = "/healthz"}).status, 200);
  }
}

TEST_P(StrangersTest, GetTheirRowsWhenTheyAreStrangersNoMore) {
  auto rows = std::make_shared<RowsOfUser>();
  rows->of_user["ann@x.org"] = {{"1", "pole"}};
  open({{.id = "CREWS", .rows = rows, .rule = UserRule::source_decides()}});
  bob_.sync(*service_);
  ann_.sync(*service_);
  bob_.sync(*service_);
  EXPECT_THAT(bob_.rows(), IsEmpty());
  rows->of_user["bob@x.org"] = {{"1", "pole"}};
  rows->changed();
  bob_.sync(*service_);
  EXPECT_EQ(bob_.rows(), ann_.rows());
  rows->of_user["bob@x.org"] = {};
  rows->changed();
  bob_.sync(*service_);
  EXPECT_THAT(bob_.rows(), IsEmpty());
}

// The address of a device, as it may come: the + of ada+field@x.org encoded, or raw.
class PlusTest : public SyncServiceTest {
 protected:
  static constexpr const char* kPlus = "ada+field@x.org";
  static constexpr const char* kBlank = "ada field@x.org";

  std::string ask(const std::string& email, const std::string& last_updated = "") {
    SyncHttpAnswer answer = service_->handle(
        {.target = "/?providerid=12345&integrationkey=token&ids=CREWS&email=" + email +
                   "&lastupdated=" + last_updated});
    EXPECT_EQ(answer.status, 200);
    return answer.body->read_all().value();
  }
  static std::string token(const std::string& answer) {
    return answer.substr(std::string(R"({"LastUpdated":")").size(), 19);
  }

  // Whose rows each way to write the address gets, by the label of the row.
  void show(bool has_plus, bool has_blank) {
    std::vector<Row> rows = {{"0", "another's", "ada@x.org"}};
    if (has_plus) rows.push_back({"1", "of plus", kPlus});
    if (has_blank) rows.push_back({"2", "of blank", kBlank});
    crews_->set(rows);
    of_user_->of_user.clear();
    if (has_plus) of_user_->of_user[kPlus] = {{"1", "of plus"}};
    if (has_blank) of_user_->of_user[kBlank] = {{"2", "of blank"}};
    of_user_->changed();
  }

  void each_way_gets_whose_it_is() {
    for (const auto& [has_plus, has_blank] :
         std::vector<std::pair<bool, bool>>{{true, true}, {true, false}, {false, true}}) {
      SCOPED_TRACE(std::to_string(has_plus) + std::to_string(has_blank));
      show(has_plus, has_blank);
      const std::string of_plus = has_plus ? R"([["1","of plus"]])" : "[]";
      const std::string of_blank = has_blank ? R"([["2","of blank"]])" : "[]";
      EXPECT_THAT(ask("ada%2Bfield@x.org"), HasSubstr(R"("Rows":)" + of_plus));
      EXPECT_THAT(ask("ada%20field@x.org"), HasSubstr(R"("Rows":)" + of_blank));
      const std::string raw = ask("ada+field@x.org");
      EXPECT_THAT(raw, HasSubstr(R"("Rows":)" + (has_plus ? of_plus : of_blank)));
      // A device that was taken for one of them is never given the difference of the other.
      show(!has_plus, !has_blank);
      const std::string then = ask("ada+field@x.org", token(raw));
      EXPECT_THAT(then, HasSubstr(R"("Rows":)"));
    }
  }

  std::shared_ptr<RowsOfUser> of_user_ = std::make_shared<RowsOfUser>();
};
WEIR_FOR_EVERY_STORE(PlusTest);

TEST_P(PlusTest, APlusOfATokenMayComeAsItStands) {
  const auto status = [&](const std::string& set, const std::string& sent) {
    service_.reset();
    Result<SyncService> service =
        SyncService::open({.company_id = 12345,
                           .private_tokens = {Secret::from_string(set, "the test")},
                           .store = file_.location(),
                           .sources = {crews()},
                           .clock = clock_});
    return service
        ->handle({.target = "/?providerid=12345&integrationkey=" + sent + "&ids=CREWS&email=a@x"})
        .status;
  };
  EXPECT_EQ(status("to+k/en=", "to+k/en="), 200);
  EXPECT_EQ(status("to+k/en=", "to%2Bk%2Fen%3D"), 200);
  EXPECT_EQ(status("to k", "to+k"), 200);
  EXPECT_EQ(status("to+k", "to%20k"), 401);
}

// Rows without a user are nobody's.
TEST_P(PlusTest, BlanksAloneAreNoUser) {
  crews_->set({{"4", "of nobody", ""}, {"5", "of nobody", " "}});
  for (const char* blanks : {"+", "++", "+%20", "%20", "%09", "%09+"}) {
    const SyncHttpAnswer answer =
        service_->handle({.target = "/?providerid=12345&integrationkey=token&ids=CREWS&email=" +
                                    std::string(blanks)});
    const Result<std::string> text = answer.body ? answer.body->read_all() : std::string();
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find("of nobody"), std::string::npos) << blanks << ": " << *text;
  }
}

TEST_P(PlusTest, IsTheUserWhoIsKnownByColumn) { each_way_gets_whose_it_is(); }

TEST_P(PlusTest, IsTheUserWhoIsKnownToASourceThatDecides) {
  open({{.id = "CREWS", .rows = of_user_, .rule = UserRule::source_decides()}});
  each_way_gets_whose_it_is();
}

TEST_P(PlusTest, GetsDifferencesWhileThereIsNoOther) {
  show(true, false);
  const std::string first = ask("ada+field@x.org");
  EXPECT_THAT(ask("ada+field@x.org", token(first)), Not(HasSubstr("Rows")));
  crews_->set({{"1", "of plus!", kPlus}});
  EXPECT_THAT(ask("ada+field@x.org", token(first)), HasSubstr(R"("NewRows":[["1","of plus!"]])"));
}

}  // namespace
}  // namespace weir
