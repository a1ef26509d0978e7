// The prices at which shadows run (pacing/shadows.h): zero, and a geometric ladder from two
// row-seconds up to what one row piles up in 17 days. Between two of them the logarithm is
// interpolated, so a step of 35 % costs nothing. Pure.
#pragma once

#include <array>
#include <cstddef>

namespace weir::pacing {

inline constexpr std::size_t kPriceCount = 47;

// Stale row-seconds per call, ascending; the first is 0.
const std::array<double, kPriceCount>& grid_prices();

// The first grid price that is at least `price`; the last when there is none.
std::size_t grid_index_at_least(double price);

// The price that is `share` (0 to 1) of the way from grid price `lower` to the one above it.
double price_between(std::size_t lower, double share);

// A grid price and as many on each side of it: where one shadow's calls happen to lie is chance,
// and those at the prices around it have lived through the same changes at other moments.
struct PricesAround {
  explicit PricesAround(std::size_t i);
  double count() const { return static_cast<double>(last - first + 1); }

  std::size_t first;
  std::size_t last;
};

}  // namespace weir::pacing
