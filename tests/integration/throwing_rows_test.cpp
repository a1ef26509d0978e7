// Callbacks of reading and publishing that throw: the function returns an Error, and nothing of the
// platform's or the store's is changed.
#include <new>
#include <stdexcept>

#include "client_fixture.h"
#include "support/table_rows.h"

namespace weir {
namespace {

enum class Thrown { kStandard, kMemory, kOther };

[[noreturn]] void throw_one(Thrown kind) {
  if (kind == Thrown::kStandard) throw std::runtime_error("played exception");
  if (kind == Thrown::kMemory) throw std::bad_alloc();
  throw 42;
}

// Throws in the functions that are named.
class ThrowingRows final : public testing::TableRows {
 public:
  explicit ThrowingRows(Thrown kind) : TableRows({"id", "city", "status"}), kind_(kind) {
    set({{"1", "a", "x"}, {"2", "b", "y"}});
  }

  bool in_columns = false;
  bool in_read = false;
  bool in_version = false;
  bool in_raw = false;

  Result<std::vector<std::string>> columns() override {
    if (in_columns) throw_one(kind_);
    return TableRows::columns();
  }
  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    if (Result<void> read = TableRows::read(query, sink); !read || !in_read) return read;
    throw_one(kind_);
  }
  Result<std::optional<std::string>> version() override {
    if (in_version) throw_one(kind_);
    return TableRows::version();
  }
  Result<bool> read_raw(const RawSink& sink) override {
    if (in_raw) throw_one(kind_);
    return TableRows::read_raw(sink);
  }

 private:
  const Thrown kind_;
};

class ThrowingRowsTest : public ClientTest, public ::testing::WithParamInterface<Thrown> {
 protected:
  void SetUp() override { start(); }

  void expect_told(const Error& error, const std::string& who,
                   ErrorCode code = ErrorCode::kUnavailable) {
    EXPECT_EQ(error.code, code);
    EXPECT_TRUE(error.message.starts_with(who + " threw ")) << error.message;
    EXPECT_EQ(error.message.find("played exception") != std::string::npos,
              GetParam() == Thrown::kStandard);
    EXPECT_EQ(server_->usage().calls_today, calls_before_);
    EXPECT_TRUE(client_->outbox()->waiting.empty());
  }

  ThrowingRows rows_{GetParam()};
  std::int64_t calls_before_ = 0;
};

TEST_P(ThrowingRowsTest, ASourceIsAnErrorOfPublishAndOfDiff) {
  for (bool ThrowingRows::*where :
       {&ThrowingRows::in_columns, &ThrowingRows::in_read, &ThrowingRows::in_version}) {
    rows_.*where = true;
    const Result<PublishReport> published =
        outages().publish(rows_, {.first = FirstPublish::kReplace});
    ASSERT_FALSE(published);
    expect_told(published.error(), "the source of the rows");
    rows_.*where = false;
  }
  rows_.in_read = true;
  const Result<DiffReport> compared = outages().diff(rows_, {});
  ASSERT_FALSE(compared);
  expect_told(compared.error(), "the source of the rows");
}

TEST_P(ThrowingRowsTest, ASourceWhoseBytesCannotBeHadIsRead) {
  rows_.in_raw = true;
  const Result<PublishReport> published = outages().publish(rows_, {});
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->upserted, 2);
}

TEST_P(ThrowingRowsTest, WhoeverTakesPagesOrIsAskedBeforeACallIsAnErrorOfTheReading) {
  const auto take = [](const RowsPage&) -> Result<void> { return {}; };
  const auto never = [this](const ReadProgress&) -> bool { throw_one(GetParam()); };
  const Result<ReadReport> asked = outages().read_rows(take, {.before_call = never});
  ASSERT_FALSE(asked);
  expect_told(asked.error(), "before_call");
  const Result<DiffReport> compared = outages().diff(rows_, {.before_call = never});
  ASSERT_FALSE(compared);
  expect_told(compared.error(), "before_call");
  calls_before_ = 1;
  const Result<ReadReport> taken =
      outages().read_rows([this](const RowsPage&) -> Result<void> { throw_one(GetParam()); });
  ASSERT_FALSE(taken);
  expect_told(taken.error(), "the function that takes the pages");
}

TEST_P(ThrowingRowsTest, WhoeverWatchesADownloadIsItsError) {
  server_->add_file("e1", "photo.jpg", {.content = "0123456789"});
  const Result<DownloadReport> fetched = client_->download(
      {.entry_id = "e1",
       .file_name = "photo.jpg",
       .to = folder_.file("photo.jpg"),
       .on_progress = [this](const DownloadProgress&) -> bool { throw_one(GetParam()); }});
  ASSERT_FALSE(fetched);
  expect_told(fetched.error(), "on_progress", ErrorCode::kCancelled);
}

std::string name_of_kind(const ::testing::TestParamInfo<Thrown>& each) {
  if (each.param == Thrown::kStandard) return "OfTheStandard";
  return each.param == Thrown::kMemory ? "OfMemory" : "OfAnotherKind";
}

INSTANTIATE_TEST_SUITE_P(Exceptions, ThrowingRowsTest,
                         ::testing::Values(Thrown::kStandard, Thrown::kMemory, Thrown::kOther),
                         name_of_kind);

}  // namespace
}  // namespace weir
