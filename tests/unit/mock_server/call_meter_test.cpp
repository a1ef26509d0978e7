#include "mock_server/call_meter.h"

#include <gtest/gtest.h>

#include <thread>

namespace weir::mock {
namespace {

using namespace std::chrono_literals;

class CallMeterTest : public ::testing::Test {
 protected:
  CallMeterTest() { clock_.set_rate(0); }

  void at(const std::string& iso) { clock_.set(parse_instant(iso).value()); }

  // A whole request.
  Verdict call(CallMeter& meter, std::optional<int> status = 200) {
    const Verdict verdict = meter.admit(false);
    meter.finish({.time = clock_.now(), .status = status}, verdict);
    if (verdict == Verdict::kAdmitted) meter.release();
    return verdict;
  }

  Options options_{.time_zone = "America/Los_Angeles", .calls_per_day = 3};
  OrgZone zone_ = OrgZone::open("America/Los_Angeles").value();
  VirtualClock clock_;
  Journal journal_;
};

TEST_F(CallMeterTest, RefusesTheCallAfterTheLastOfTheDay) {
  CallMeter meter(options_, zone_, clock_, journal_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(meter), Verdict::kAdmitted);
  EXPECT_EQ(call(meter), Verdict::kOverDayLimit);
  EXPECT_EQ(meter.usage().calls_today, 3);
  EXPECT_EQ(meter.usage().refused, 1);
}

TEST_F(CallMeterTest, ResetsOnTheFirstRequestAfterLocalMidnight) {
  at("2024-02-06T07:59:59Z");
  CallMeter meter(options_, zone_, clock_, journal_);
  call(meter);
  at("2024-02-06T08:00:00Z");
  EXPECT_EQ(meter.usage().calls_today, 1) << "no request of the new day has come yet";
  EXPECT_EQ(meter.usage().org_day, "2024-02-06");
  call(meter);
  EXPECT_EQ(meter.usage().calls_today, 1);
  EXPECT_EQ(meter.usage().counted_day, "2024-02-06");
}

TEST_F(CallMeterTest, ResetsAlsoWhenTheClockIsSetBack) {
  at("2024-02-06T12:00:00Z");
  CallMeter meter(options_, zone_, clock_, journal_);
  call(meter);
  call(meter);
  at("2024-02-05T12:00:00Z");
  call(meter);
  EXPECT_EQ(meter.usage().calls_today, 1);
}

TEST_F(CallMeterTest, AdmitsThreeConnectionsAndRefusesTheFourth) {
  options_.calls_per_day = 100;
  CallMeter meter(options_, zone_, clock_, journal_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(meter.admit(false), Verdict::kAdmitted);
  EXPECT_EQ(meter.admit(false), Verdict::kOverConnections);
  meter.release();
  EXPECT_EQ(meter.admit(false), Verdict::kAdmitted);
  EXPECT_EQ(meter.usage().peak_connections, 3);
  EXPECT_EQ(meter.usage().refused, 1);
}

TEST_F(CallMeterTest, QueuesTheFourthConnectionWhenToldTo) {
  options_.calls_per_day = 100;
  options_.over_connections = OverConnections::kQueue;
  CallMeter meter(options_, zone_, clock_, journal_);
  for (int i = 0; i < 3; ++i) meter.admit(false);
  std::thread fourth([&] { EXPECT_EQ(meter.admit(false), Verdict::kAdmitted); });
  meter.release();
  fourth.join();
  EXPECT_EQ(meter.usage().refused, 0);
}

TEST_F(CallMeterTest, CountsFailedCallsUnlessToldNotTo) {
  CallMeter counting(options_, zone_, clock_, journal_);
  call(counting, 503);
  call(counting, std::nullopt);
  EXPECT_EQ(counting.usage().calls_today, 2);
  options_.count_failed = false;
  CallMeter lenient(options_, zone_, clock_, journal_);
  call(lenient, 503);
  call(lenient, 200);
  EXPECT_EQ(lenient.usage().calls_today, 1);
  EXPECT_FALSE(lenient.usage().log.back().charged);
}

TEST_F(CallMeterTest, KeepsTheLast250CallsNewestFirst) {
  options_.calls_per_day = 1000;
  CallMeter meter(options_, zone_, clock_, journal_);
  for (int i = 0; i < 300; ++i) call(meter);
  EXPECT_EQ(meter.usage().log.size(), 250U);
  EXPECT_GT(meter.usage().log.front().number, meter.usage().log.back().number);
}

}  // namespace
}  // namespace weir::mock
