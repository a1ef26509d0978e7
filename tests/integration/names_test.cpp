// What a client does with names that cannot be one, and what its store knows.
#include "client_fixture.h"

namespace weir {
namespace {

class NoRows final : public RowSource {
 public:
  Result<std::vector<std::string>> columns() override { return std::vector<std::string>{"id"}; }
  Result<void> read(const RowQuery&, const RowSink&) override { return {}; }
};

struct Refused {
  const char* function;
  std::optional<Error> error;
};

template <class Outcome>
std::optional<Error> error_of(const Outcome& outcome) {
  return outcome ? std::nullopt : std::optional<Error>(outcome.error());
}

TEST_F(ClientTest, RefusesNamesThatCannotBeOneInEachFunction) {
  start();
  NoRows none;
  std::vector<std::string> names = {"",   " ",     "   ",  "A\r",   "A\nB",
                                    "\t", "A\x7f", "\xff", "A\xc3", "A\xed\xa0\x80"};
  names.emplace_back(1025, 'A');
  for (const std::string& name : names) {
    DataSource source = client_->data_source(name);
    const Refused all[] = {
        {"upsert", error_of(source.upsert({"1", "a", "b"}))},
        {"erase", error_of(source.erase("1"))},
        {"set_cells", error_of(source.set_cells("1", {{"city", "x"}}))},
        {"apply", error_of(source.apply({Erase{"1"}}))},
        {"publish", error_of(source.publish(std::vector<Row>{{"1", "a", "b"}}))},
        {"send", error_of(source.send(1s))},
        {"discard", error_of(source.discard())},
        {"known", error_of(source.known())},
        {"describe", error_of(source.describe())},
        {"read_rows", error_of(source.read_rows([](const RowsPage&) { return Result<void>(); }))},
        {"diff", error_of(source.diff(none))},
        {"poll", error_of(source.poll([](const RowChanges&) { return Result<void>(); }))},
        {"form poll", error_of(client_->form_entries(name).poll(
                          [](const FormEntry&) { return Result<void>(); }))},
        {"download entry",
         error_of(client_->download({.entry_id = name, .file_name = "a", .to = "a"}))},
        {"download file",
         error_of(client_->download({.entry_id = "a", .file_name = name, .to = "a"}))}};
    for (const Refused& refused : all) {
      ASSERT_TRUE(refused.error) << refused.function << " took '" << name << "'";
      EXPECT_EQ(refused.error->code, ErrorCode::kInvalidArgument)
          << refused.function << ": " << refused.error->message;
    }
  }
  EXPECT_TRUE(client_->outbox()->waiting.empty());
  EXPECT_EQ(server_->usage().calls_today, 0);
}

TEST_F(ClientTest, SendsNothingOfWhatWasDiscarded) {
  start();
  DataSource mistyped = client_->data_source("OUTAGSE");
  ASSERT_TRUE(mistyped.upsert({"1", "a", "b"}));
  EXPECT_EQ(client_->drain(1s).error().code, ErrorCode::kUnknownDataSource);
  const std::int64_t calls = server_->usage().calls_today;
  EXPECT_EQ(mistyped.known()->waiting, 1);
  EXPECT_EQ(mistyped.discard().value(), 1);
  EXPECT_TRUE(client_->drain(1s));
  EXPECT_EQ(server_->usage().calls_today, calls);
}

TEST_F(ClientTest, LooksAtItsStoreAndMakesNoCallWhereNoneIsToBeMade) {
  start();
  ASSERT_TRUE(outages().upsert({"1", "a", "b"}));
  client_.reset();
  Result<Client> looking = Client::open({.time_zone = "America/Los_Angeles",
                                         .store = folder_.file("weir.db"),
                                         .makes_calls = false,
                                         .clock = clock_});
  ASSERT_TRUE(looking) << looking.error().message;
  EXPECT_EQ(looking->outbox()->waiting.size(), 1U);
  EXPECT_EQ(looking->usage()->time_zone, "America/Los_Angeles");
  EXPECT_FALSE(looking->store_state().is_new);
  DataSource source = looking->data_source("OUTAGES");
  EXPECT_EQ(source.describe().error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(source.send(1s).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(source.known()->waiting, 1) << "nothing was lost";
  EXPECT_EQ(looking->usage()->calls_today, 0);
  EXPECT_EQ(server_->usage().calls_today, 0);
}

}  // namespace
}  // namespace weir
