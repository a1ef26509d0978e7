// Two services on one store, as on two hosts: a LastUpdated never says more than a device was told.
#include <gmock/gmock.h>

#include <functional>

#include "service_fixture.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::SyncServiceTest;
using testing::TableRows;

// While it is read, something else happens.
class SlowRows final : public TableRows {
 public:
  SlowRows() : TableRows({"id", "label"}) { set({{"1", "slow"}}); }
  std::function<void()> meanwhile = [] {};

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    const std::function<void()> once = std::exchange(meanwhile, [] {});
    once();
    return TableRows::read(query, sink);
  }
};

class TwoServicesTest : public SyncServiceTest {
 protected:
  void SetUp() override {
    a_->set({{"1", "old"}});
    b_->set({{"1", "old"}});
    for (auto& service : services_)
      service = std::make_unique<SyncService>(
          opened({for_all("U", u_), for_all("A", a_), for_all("B", b_)}));
  }

  // That the second one serves A otherwise.
  void is_said(const SyncSource& first, const SyncSource& second);
  static SyncSource for_all(std::string id, std::shared_ptr<RowSource> rows) {
    return {.id = std::move(id), .rows = std::move(rows), .rule = UserRule::same_rows_for_all()};
  }

  std::string ask(std::size_t service, const std::string& ids, const std::string& last_updateds) {
    SyncHttpAnswer answer = services_.at(service)->handle(
        {.target = "/?providerid=12345&integrationkey=token&ids=" + ids +
                   "&lastupdateds=" + last_updateds});
    EXPECT_EQ(answer.status, 200);
    return answer.body->read_all().value();
  }
  // Of an answer.
  static std::string token(const std::string& answer) {
    return answer.substr(std::string(R"({"LastUpdated":")").size(), 19);
  }

  std::shared_ptr<SlowRows> u_ = std::make_shared<SlowRows>();
  std::shared_ptr<TableRows> a_ =
      std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
  std::shared_ptr<TableRows> b_ =
      std::make_shared<TableRows>(std::vector<std::string>{"id", "label"});
  std::array<std::unique_ptr<SyncService>, 2> services_;
};
WEIR_FOR_EVERY_STORE(TwoServicesTest);

// The first one has A in memory as of t0, and is asked for a slow source before it.
TEST_P(TwoServicesTest, WhatIsToldWhileTheOtherMovesOnIsNotTakenForLater) {
  ask(0, "U", "");
  for (const bool has_rows : {true, false}) {
    SCOPED_TRACE(has_rows);
    const std::string label = has_rows ? "new" : "newer";
    const std::string t0 = token(ask(0, "A", ""));
    b_->set({{"1", label}});
    const std::string e1 = token(ask(1, "B", ""));
    std::string e2;
    u_->meanwhile = [&] {
      a_->set({{"1", label}});
      e2 = token(ask(1, "A", ""));
    };
    u_->changed();
    clock_->advance(2s);
    ask(0, "U,A", e1 + "," + (has_rows ? t0 : ""));
    clock_->advance(2s);
    EXPECT_THAT(ask(0, "A", e2), Not(HasSubstr("Rows"))) << "asked by anybody with this token";
    EXPECT_THAT(ask(0, "A", t0), HasSubstr(R"(NewRows":[["1",")" + label));
    EXPECT_THAT(ask(0, "A", ""), HasSubstr(R"("Rows":[["1",")" + label));
  }
}

// Else each would write its own rows over those of the other.
TEST_P(TwoServicesTest, AnotherRuleInTheOtherIsSaidAndHarmsNoOtherSource) {
  SyncSource by_key = for_all("A", a_);
  by_key.rule = UserRule::column("id");
  SyncSource by_user = for_all("A", a_);
  by_user.rule = UserRule::column("label");
  SyncSource other_columns = by_user;
  other_columns.columns = {"id", "label"};
  for (const auto& [first, second] : std::vector<std::pair<SyncSource, SyncSource>>{
           {for_all("A", a_), by_user}, {by_key, by_user}, {by_user, other_columns}})
    is_said(first, second);
}

void TwoServicesTest::is_said(const SyncSource& first, const SyncSource& second) {
  a_->set({{"1", "old"}});
  services_[0] = std::make_unique<SyncService>(opened({first, for_all("B", b_)}));
  ask(0, "B", "");
  services_[1] = std::make_unique<SyncService>(opened({second, for_all("B", b_)}));
  a_->set({{"1", "eve@x.org"}});
  const SyncRequest request{.items = {{.id = "A"}},
                            .company_id = "12345",
                            .private_token = "token",
                            .email = "eve@x.org"};
  const Result<SyncAnswer> answered = services_[1]->answer(request);
  ASSERT_TRUE(answered) << answered.error().message;
  for (int i = 0; i < 3; ++i) {
    clock_->advance(2s);
    const Result<SyncAnswer> refused = services_[0]->answer(request);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("by another rule, or other columns; restart"));
  }
  EXPECT_THAT(ask(0, "B", ""), HasSubstr("old"));
  EXPECT_THAT(ask(1, "B", ""), HasSubstr("old"));
}

}  // namespace
}  // namespace weir
