#include "daemon/seeing/status_events.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <vector>

#include "made_status.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

class StatusEventsTest : public ::testing::Test {
 protected:
  const std::shared_ptr<weir::testing::ManualClock> clock_ =
      std::make_shared<weir::testing::ManualClock>(TimePoint{12h});
  Status status_ = made_status();
  int asked_ = 0;
  StatusEvents events_{[this] {
                         ++asked_;
                         return status_;
                       },
                       clock_};
};

TEST_F(StatusEventsTest, TellTheStatusAtFirstAndThenThatItIsTheSame) {
  const auto stream = events_.open();
  const std::string first(stream->next());
  EXPECT_TRUE(first.starts_with("event: status\ndata: {\"schema\":1,")) << first;
  EXPECT_TRUE(first.ends_with("}\n\n"));
  EXPECT_EQ(stream->next(), "");
  clock_->advance(1999ms);
  EXPECT_EQ(stream->next(), "");
  clock_->advance(1ms);
  EXPECT_EQ(stream->next(), "event: beat\ndata: {}\n\n");
  EXPECT_EQ(stream->next(), "");
}

TEST_F(StatusEventsTest, TellTheStatusAgainWhenItHasChanged) {
  const auto stream = events_.open();
  stream->next();
  status_.orgs[0].usage.left = 17;
  clock_->advance(2s);
  EXPECT_NE(stream->next().find("\"left\":17,"), std::string_view::npos);
}

TEST_F(StatusEventsTest, AskOnceForAllStreams) {
  const auto one = events_.open();
  const auto other = events_.open();
  EXPECT_EQ(std::string(one->next()), std::string(other->next()));
  clock_->advance(2s);
  EXPECT_EQ(one->next(), other->next());
  EXPECT_EQ(asked_, 2);
}

TEST_F(StatusEventsTest, SpareASlowReaderWhatHasBeenOvertaken) {
  const auto slow = events_.open();
  slow->next();
  const auto quick = events_.open();
  for (int left = 1; left <= 3; ++left) {
    status_.orgs[0].usage.left = left;
    clock_->advance(2s);
    quick->next();
  }
  EXPECT_NE(slow->next().find("\"left\":3,"), std::string_view::npos);
  EXPECT_EQ(slow->next(), "");
}

TEST_F(StatusEventsTest, AreNoMoreThanTheyMayBeAtOnce) {
  std::vector<std::unique_ptr<server::HttpStream>> streams;
  for (int i = 0; i < StatusEvents::kMostStreams; ++i) streams.push_back(events_.open());
  EXPECT_EQ(events_.open(), nullptr);
  streams.pop_back();
  EXPECT_NE(events_.open(), nullptr);
}

}  // namespace
}  // namespace weir::daemon
