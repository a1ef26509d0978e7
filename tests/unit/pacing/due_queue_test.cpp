// The queue's two halves, what is due when and in which order, agree; also when memory runs out.
#include "pacing/due_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <new>

#include "support/failing_memory.h"

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow{24h};

using Dues = std::map<std::size_t, TimePoint>;

// As told of each data source.
Dues dues_of(const DueQueue& queue) {
  Dues dues;
  for (std::size_t source = 0; source < 100; ++source) {
    if (const auto due = queue.due(source)) dues[source] = *due;
  }
  return dues;
}

// As told by the order.
std::vector<std::size_t> sorted(const Dues& dues) {
  std::vector<std::size_t> sources;
  for (const auto& [source, due] : dues) sources.push_back(source);
  std::stable_sort(sources.begin(), sources.end(),
                   [&](std::size_t a, std::size_t b) { return dues.at(a) < dues.at(b); });
  return sources;
}

void expect_says(const DueQueue& queue, const Dues& dues) {
  EXPECT_EQ(dues_of(queue), dues);
  DueQueue rest = queue;
  for (const std::size_t source : sorted(dues)) {
    ASSERT_EQ(rest.first(), std::pair(dues.at(source), source));
    rest.set(source, std::nullopt);
  }
  EXPECT_EQ(rest.first(), std::nullopt);
}

TEST(DueQueue, GivesTheEarliestAndOfSeveralTheLowestNumber) {
  DueQueue queue;
  expect_says(queue, {});
  queue.set(2, kNow);
  queue.set(1, kNow);
  queue.set(0, kNow + 1s);
  expect_says(queue, {{0, kNow + 1s}, {1, kNow}, {2, kNow}});
  EXPECT_EQ(queue.first()->second, 1U);
}

TEST(DueQueue, KnowsADataSourceByItsLastMomentOnly) {
  DueQueue queue;
  queue.set(0, kNow);
  queue.set(1, kNow + 1s);
  queue.set(0, kNow + 2s);
  expect_says(queue, {{0, kNow + 2s}, {1, kNow + 1s}});
  queue.set(1, std::nullopt);
  expect_says(queue, {{0, kNow + 2s}});
  queue.set(0, std::nullopt);
  queue.set(0, std::nullopt);
  expect_says(queue, {});
}

// Does it with one allocation after the other failing, until none fails any more. Whether it was
// done or not, the queue says one thing, and the next try goes through.
int fail_at_each(const Dues& before, const Dues& after,
                 const std::function<void(DueQueue&)>& change) {
  int failures = 0;
  for (long allocations = 0; allocations < 100; ++allocations) {
    SCOPED_TRACE(allocations);
    DueQueue queue;
    for (const auto& [source, due] : before) queue.set(source, due);
    testing::allocations_left = allocations;
    bool failed = false;
    try {
      change(queue);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    testing::allocations_left = -1;
    expect_says(queue, failed ? before : after);
    if (!failed) break;
    ++failures;
    change(queue);
    expect_says(queue, after);
  }
  return failures;
}

TEST(DueQueue, StaysAsItWasWhenMemoryRunsOut) {
  const Dues before = {{0, kNow}, {1, kNow + 5s}, {2, kNow + 9s}};
  Dues with_new = before;
  with_new[50] = kNow + 7s;
  EXPECT_EQ(fail_at_each(before, with_new, [](DueQueue& queue) { queue.set(50, kNow + 7s); }), 2)
      << "a longer list of moments, and a place in the order";
  Dues moved = before;
  moved[1] = kNow - 1s;
  EXPECT_EQ(fail_at_each(before, moved, [](DueQueue& queue) { queue.set(1, kNow - 1s); }), 1);
}

TEST(DueQueue, TakesADataSourceOutWithoutMemory) {
  const Dues before = {{0, kNow}, {1, kNow + 5s}};
  EXPECT_EQ(
      fail_at_each(before, {{1, kNow + 5s}}, [](DueQueue& queue) { queue.set(0, std::nullopt); }),
      0);
}

}  // namespace
}  // namespace weir::pacing
