// What else brings news: deliveries of the form connector, and rows of a data source.
#include <gtest/gtest.h>
#include <weir/form_connector_receiver.h>

#include "poll_fixture.h"

namespace weir {
namespace {

class ReceiverTest : public PollTest {
 protected:
  static std::string delivery(const std::string& id, const std::string& key = "CANARY-key") {
    return R"({"ProviderId":12345,"IntegrationKey":")" + key + R"(","Entry":{"Id":")" + id +
           R"(","AnswersJson":{"x":"1"}}})";
  }

  // Fails so often, and then collects.
  EntryHandler failing(int& failures) {
    return [this, &failures](const FormEntry& entry) -> Result<void> {
      if (failures-- > 0) return Error{.code = ErrorCode::kUnavailable, .message = "not now"};
      ids_.push_back(entry.id);
      return {};
    };
  }
};

TEST_F(ReceiverTest, HandsADeliveryOverOnceWithoutACall) {
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200);
  EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200) << "as the platform repeats it";
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200);
  add("a", 1ms);
  look(client, *poll);
  EXPECT_EQ(ids_, (Ids{"a"}));
  EXPECT_EQ(calls(), 2);
}

TEST_F(ReceiverTest, ADeliveryDoesNotHideThatLooksFail) {
  server_->faults().add({.kind = mock::FaultKind::kStatus, .status = 503});
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(client.poll_due());
  ASSERT_TRUE(poll->failure());
  EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"a"}));
  EXPECT_TRUE(poll->failure()) << "no look has gone well";
  pass(1s);
  ASSERT_TRUE(client.poll_due());
  EXPECT_FALSE(poll->failure());
}

TEST_F(ReceiverTest, ADeliveryTellsThatAHandlerWhichFailedWithinALookWorksAgain) {
  add("a", 1ms);
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  int failures = 1;
  auto poll = client.form_entries("F").poll(failing(failures));
  ASSERT_TRUE(client.poll_due());
  ASSERT_TRUE(poll->failure());
  EXPECT_EQ(receiver.handle({.body = delivery("b")}).status, 200);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"b", "a"}));
  EXPECT_FALSE(poll->failure());
  EXPECT_FALSE(client.health()->parts.at(0).failure);
  EXPECT_EQ(calls(), 1) << "no look was needed";
}

TEST_F(ReceiverTest, AHandlerThatWorksAgainDoesNotHideThatLooksFail) {
  server_->faults().add({.kind = mock::FaultKind::kStatus, .status = 503});
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  int failures = 1;
  auto poll = client.form_entries("F").poll(failing(failures));
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, Ids{}) << "the handler has failed";
  EXPECT_EQ(receiver.handle({.body = delivery("b")}).status, 200);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"a", "b"}));
  EXPECT_TRUE(poll->failure()) << "no look has gone well";
}

TEST_F(ReceiverTest, IgnoresADeliveryThatAPollWasFasterToFind) {
  add("a", 1ms);
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"a"}));
}

TEST_F(ReceiverTest, KeepsADeliveryForTheNextProgram) {
  {
    Client client = open();
    FormConnectorReceiver receiver(client.form_entries("F"));
    EXPECT_EQ(receiver.handle({.body = delivery("a")}).status, 200);
  }
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"a"}));
}

TEST_F(ReceiverTest, SearchesNoFurtherBackForDeliveriesAlreadyHandled) {
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  auto poll = client.form_entries("F").poll(collect(), {.page_entries = 5});
  for (int i = 0; i < 12; ++i) {
    add("d" + std::to_string(i), 1h * (i - 12));
    receiver.handle({.body = delivery("d" + std::to_string(i))});
  }
  ASSERT_TRUE(client.poll_due());
  const std::int64_t before = calls();
  look(client, *poll);
  EXPECT_EQ(calls() - before, 1);
  EXPECT_EQ(ids_.size(), 12U);
}

TEST_F(ReceiverTest, RefusesWhatIsNoDeliveryOfOurs) {
  Client client = open();
  FormConnectorReceiver receiver(client.form_entries("F"));
  EXPECT_EQ(receiver.handle({.body = delivery("a", "CANARY-kez")}).status, 401);
  EXPECT_EQ(receiver.handle({.body = delivery("a", "")}).status, 401);
  EXPECT_EQ(receiver.handle({.body = "{}"}).status, 400);
  EXPECT_EQ(receiver.handle({.method = "GET"}).status, 405);
  EXPECT_EQ(receiver.handle({.body = std::string(9'000'000, ' ')}).status, 413);
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, Ids{});
}

class SourcePollTest : public PollTest {
 protected:
  void put(const std::vector<Change>& changes) {
    Client other = Client::open({.url = server_->url(),
                                 .company_id = 12345,
                                 .integration_key = Secret::from_string("CANARY-key", "t"),
                                 .time_zone = "America/Los_Angeles",
                                 .store = folder_.file("other.db"),
                                 .send_in_background = false})
                       .value();
    pass(1s);
    ASSERT_TRUE(other.data_source("S").apply(changes));
    ASSERT_TRUE(other.drain(10s));
  }

  ChangesHandler keep_last() {
    return [this](const RowChanges& changes) -> Result<void> {
      last_ = changes;
      ++handled_;
      return {};
    };
  }

  RowChanges last_;
  int handled_ = 0;
};

TEST_F(SourcePollTest, HandsOverWhatOthersHaveChangedSinceTheLastLook) {
  put({Upsert{{"1", "a"}}, Upsert{{"2", "b"}}, Upsert{{"3", "c"}}});
  Client client = open();
  auto poll = client.data_source("S").poll(keep_last());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(last_.columns, (std::vector<std::string>{"id", "label"}));
  EXPECT_EQ(last_.changed.size(), 3U) << "the first look finds all";
  put({Upsert{{"2", "B"}}, Erase{"3"}, Upsert{{"4", "d"}}});
  look(client, *poll);
  EXPECT_EQ(last_.changed, (std::vector<Row>{{"2", "B"}, {"4", "d"}}));
  EXPECT_EQ(last_.deleted, (std::vector<std::string>{"3"}));
  look(client, *poll);
  EXPECT_EQ(handled_, 2) << "nothing has changed";
}

TEST_F(SourcePollTest, ReadsOnePageOfAnUnchangedDataSource) {
  std::vector<Change> rows;
  for (int i = 0; i < 1300; ++i) rows.push_back(Upsert{{std::to_string(i), "x"}});
  put(rows);
  Client client = open();
  auto poll = client.data_source("S").poll(keep_last());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(last_.changed.size(), 1300U);
  const std::int64_t before = calls();
  look(client, *poll);
  EXPECT_EQ(calls() - before, 1);
}

TEST_F(SourcePollTest, CallsAFailingHandlerAgainAndThenGoesOn) {
  put({Upsert{{"1", "a"}}});
  Client client = open();
  bool fails = true;
  auto poll = client.data_source("S").poll([&](const RowChanges&) -> Result<void> {
    if (fails) return Error{.message = "not now"};
    ++handled_;
    return {};
  });
  static_cast<void>(client.poll_due());
  fails = false;
  pass(1s);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(handled_, 1);
}

}  // namespace
}  // namespace weir
