// A service whose source, user rule or process is not what it was made for: exceptions are errors,
// and a child of fork() touches nothing of its parent's.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/sync/sync_server.h>

#include <new>

#include "service_fixture.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using testing::SyncServiceTest;
using testing::TableRows;

class ThrowingTable final : public TableRows {
 public:
  using TableRows::TableRows;
  std::function<void()> throws = {};

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    if (throws) throws();
    return TableRows::read(query, sink);
  }
};

class SyncCallbacksTest : public SyncServiceTest {
 protected:
  void SetUp() override {
    rows_->set({{"1", "pole", "ann@x.org"}});
    SyncSource by_values{.id = "VALUES", .rows = rows_};
    by_values.rule = UserRule::column(
        "crew", [this](const std::string& email) -> Result<std::vector<std::string>> {
          if (rule_throws_) rule_throws_();
          return std::vector<std::string>{email};
        });
    open({{.id = "CREWS", .rows = rows_, .rule = UserRule::column("crew")}, by_values});
  }

  int status_of(const std::string& id) {
    return service_
        ->handle({.target = "/?providerid=12345&integrationkey=token&email=ann@x.org&ids=" + id})
        .status;
  }
  Result<SyncAnswer> answer(const std::string& id) {
    return service_->answer({.items = {{.id = id}},
                             .company_id = "12345",
                             .private_token = "token",
                             .email = "ann@x.org"});
  }

  const std::vector<std::function<void()>> kinds_ = {
      [] { throw std::runtime_error("played"); }, [] { throw std::bad_alloc(); }, [] { throw 42; }};
  std::shared_ptr<ThrowingTable> rows_ =
      std::make_shared<ThrowingTable>(std::vector<std::string>{"id", "label", "crew"});
  std::function<void()> rule_throws_;
};
WEIR_FOR_EVERY_STORE(SyncCallbacksTest);

TEST_P(SyncCallbacksTest, ASourceThatThrowsCannotBeReadForNow) {
  for (const auto& kind : kinds_) {
    rows_->throws = kind;
    rows_->changed();
    const Result<SyncAnswer> answered = answer("CREWS");
    const Result<SyncExplanation> explained = service_->explain("ann@x.org", "CREWS");
    const Result<void> checked = service_->check_sources();
    ASSERT_TRUE(!answered && !explained && !checked);
    for (const Error& error : {answered.error(), explained.error(), checked.error()})
      EXPECT_THAT(error.message, HasSubstr(" cannot be read: the source of the rows threw "));
    EXPECT_EQ(status_of("CREWS"), 424);
  }
  rows_->throws = {};
  rows_->changed();
  EXPECT_EQ(answer("CREWS")->sources.size(), 1U);
}

TEST_P(SyncCallbacksTest, ARuleThatThrowsIsAnErrorOfTheQuestion) {
  for (const auto& kind : kinds_) {
    rule_throws_ = kind;
    const Result<SyncExplanation> explained = service_->explain("ann@x.org", "VALUES");
    ASSERT_FALSE(explained);
    EXPECT_THAT(explained.error().message,
                HasSubstr("the function for the values of a user threw "));
    EXPECT_EQ(status_of("VALUES"), 424);
  }
  rule_throws_ = {};
  EXPECT_EQ(answer("VALUES")->sources.size(), 1U);
}

TEST_P(SyncCallbacksTest, AChildOfForkTouchesNothingOfItsParents) {
  auto server = std::make_unique<SyncServer>(SyncServer::start(*service_, {}).value());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto is_forked = [](const auto& result) {
      return !result && result.error().code == ErrorCode::kForked;
    };
    const bool refuses = status_of("CREWS") == 424 && is_forked(answer("CREWS")) &&
                         is_forked(service_->explain("ann@x.org", "CREWS")) &&
                         is_forked(service_->check_sources()) &&
                         is_forked(service_->replaced("CREWS", "e", "1", "ann@x.org")) &&
                         is_forked(service_->start_anew());
    server->stop();
    server.reset();
    service_.reset();
    ::_exit(refuses ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(answer("CREWS")->sources.size(), 1U) << "the parent goes on";
}

// As in std::swap, and where a service is opened anew.
TEST_P(SyncCallbacksTest, AServiceCanBeAssignedOver) {
  SyncService other = opened({{.id = "CREWS", .rows = rows_, .rule = UserRule::column("crew")}});
  *service_ = std::move(other);
  SyncService& itself = *service_;
  *service_ = std::move(itself);
  EXPECT_EQ(answer("CREWS")->sources.size(), 1U);
}

}  // namespace
}  // namespace weir
