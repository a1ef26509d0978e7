#include "options_check.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace weir {
namespace {

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

Result<void> check_key(const Secret& key) {
  if (key.empty()) {
    const std::string source =
        key.source().empty() ? "no integration key was given" : key.source() + " is not set";
    return wrong(source +
                 ". It is the API key of Organization Setup > Integrations in the portal.");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  const std::string_view text = key.reveal();
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return wrong("the integration key from " + key.source() +
                 " has a line break or control character in it");
  }
  return {};
}

Result<void> check_limits(const CallLimits& limits) {
  const std::int64_t smallest =
      std::min({limits.upserts, limits.deletes, limits.cell_updates, limits.replace_rows,
                limits.rows_per_data_source, limits.page_rows});
  if (smallest < 1) return wrong("every limit per call must be at least 1");
  return {};
}

}  // namespace

Result<void> check_options(const ClientOptions& options) {
  if (options.url.empty() && !options.transport)
    return wrong("no url was given: the platform's host, https://…");
  if (options.company_id <= 0)
    return wrong("no company id was given: the organization's number in the portal");
  if (options.time_zone.empty())
    return wrong("no time zone was given: the organization's, as set in the portal");
  if (options.store.empty())
    return wrong("no store was given: the path of a file that keeps calls and changes");
  if (Result<void> key = check_key(options.integration_key); !key) return key;
  if (options.calls_per_day < 1) return wrong("calls per day must be at least 1");
  if (options.max_connections < 1) return wrong("max connections must be at least 1");
  const double price = options.price_row_seconds.value_or(0);
  if (!std::isfinite(price) || price < 0) {
    return wrong("the price must be a number of stale row-seconds, 0 or more");
  }
  if (options.interactive_reserve < 0 || options.outside_reserve < 0)
    return wrong("a reserve must be 0 calls or more");
  if (options.interactive_reserve + options.outside_reserve >= options.calls_per_day)
    return wrong("the reserves leave no calls of the day to send with");
  for (const auto& [id, source] : options.sources) {
    if (!std::isfinite(source.weight) || source.weight <= 0)
      return wrong("the weight of data source " + id + " must be a positive number");
    if (source.deadline < Milliseconds{0})
      return wrong("the deadline of data source " + id + " must not be negative");
    if (source.shortest < Milliseconds{0})
      return wrong("the shortest time between calls for data source " + id +
                   " must not be negative");
  }
  if (options.call_timeout <= Milliseconds{0}) return wrong("the call timeout must be positive");
  return check_limits(options.limits);
}

}  // namespace weir
