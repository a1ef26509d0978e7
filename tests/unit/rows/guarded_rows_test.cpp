// What a source throws is its error; what our own sink throws within the source is not.
#include "rows/guarded_rows.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace weir::outbox {
namespace {

struct StoreIsFull {};

class OneRow : public RowSource {
 public:
  bool catches_all = false;

  Result<std::vector<std::string>> columns() override {
    return std::vector<std::string>{"id", "a"};
  }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    if (!catches_all) return sink({"1", "a"});
    try {
      return sink({"1", "a"});
    } catch (...) {
      return {};
    }
  }
  Result<bool> read_raw(const RawSink& sink) override {
    sink("bytes");
    return true;
  }
};

TEST(GuardedRows, LeavesWhatASinkReturnsAsItIs) {
  OneRow rows;
  GuardedRows guarded(rows);
  EXPECT_TRUE(guarded.read({}, [](const Row&) -> Result<void> { return {}; }));
  const Result<void> full = guarded.read(
      {}, [](const Row&) -> Result<void> { return Error{.code = ErrorCode::kStoreFull}; });
  EXPECT_EQ(full.error().code, ErrorCode::kStoreFull);
}

TEST(GuardedRows, PassesOnWhatASinkOfOursThrowsAlsoWhereTheSourceCatchesIt) {
  OneRow rows;
  GuardedRows guarded(rows);
  const auto full = [](const Row&) -> Result<void> { throw StoreIsFull(); };
  EXPECT_THROW(static_cast<void>(guarded.read({}, full)), StoreIsFull);
  EXPECT_THROW(static_cast<void>(guarded.read_raw([](std::string_view) { throw StoreIsFull(); })),
               StoreIsFull);
  rows.catches_all = true;
  EXPECT_THROW(static_cast<void>(guarded.read({}, full)), StoreIsFull);
}

}  // namespace
}  // namespace weir::outbox
