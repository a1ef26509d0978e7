#include "pacing/price_grid.h"

#include <algorithm>
#include <cmath>

namespace weir::pacing {
namespace {

constexpr double kLowest = 2;
constexpr double kStep = 1.35;
// Stands for the price 0 where a logarithm is taken.
constexpr double kNearlyZero = 0.3;

// So many on each side: up and down by a factor of 1.8.
constexpr std::size_t kPricesAround = 2;

std::array<double, kPriceCount> make_grid() {
  std::array<double, kPriceCount> prices = {};
  double price = kLowest;
  for (std::size_t i = 1; i < kPriceCount; ++i, price *= kStep) prices.at(i) = price;
  return prices;
}

}  // namespace

const std::array<double, kPriceCount>& grid_prices() {
  static const std::array<double, kPriceCount> kPrices = make_grid();
  return kPrices;
}

std::size_t grid_index_at_least(double price) {
  const auto& prices = grid_prices();
  const auto found = std::lower_bound(prices.begin(), prices.end() - 1, price);
  return static_cast<std::size_t>(found - prices.begin());
}

double price_between(std::size_t lower, double share) {
  const double low = std::log(std::max(grid_prices().at(lower), kNearlyZero));
  const double high = std::log(grid_prices().at(lower + 1));
  return std::exp(low + share * (high - low));
}

PricesAround::PricesAround(std::size_t i) {
  const std::size_t around = std::min({kPricesAround, i > 0 ? i - 1 : 0, kPriceCount - 1 - i});
  first = i - around;
  last = i + around;
}

}  // namespace weir::pacing
