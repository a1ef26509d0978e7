#include "client/options_check.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>

#include "text/key_line.h"

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
  const auto objection = text::objection_to_key(key.reveal());
  return objection ? wrong("the integration key from " + key.source() + " " + *objection)
                   : Result<void>();
}

// People paste the address of an endpoint.
Result<void> check_url(const ClientOptions& options) {
  if (options.url.empty() && !options.transport)
    return wrong("no url was given: the platform's host, https://…");
  const std::size_t host = options.url.find("://");
  const std::size_t path = host == std::string::npos ? host : options.url.find('/', host + 3);
  if (path == std::string::npos || path + 1 == options.url.size()) return {};
  return wrong("the url is to be the host alone, " + options.url.substr(0, path) +
               ", without a path");
}

// Beyond these a number is a mistake, and sums of such numbers have no room.
constexpr Milliseconds kLongest = std::chrono::hours{24 * 366};
constexpr std::int64_t kMostBytes = std::int64_t{1} << 40;
constexpr std::int64_t kMostCount = 1'000'000'000;
constexpr int kMostConnections = 1000;
constexpr double kLargest = 1e15;

template <class Number>
Result<void> check_range(const std::string& name, Number value, Number least, Number most,
                         const char* unit = "") {
  if (value >= least && value <= most) return {};
  return wrong(name + " must be from " + std::to_string(least) + " to " + std::to_string(most) +
               unit);
}

Result<void> check_time(const std::string& name, Milliseconds value, Milliseconds least,
                        Milliseconds most = kLongest) {
  return check_range<std::int64_t>(name, value.count(), least.count(), most.count(), " ms");
}

Result<void> first_error(std::initializer_list<Result<void>> checks) {
  for (const Result<void>& check : checks)
    if (!check) return check;
  return {};
}

Result<void> check_counts(const ClientOptions& options) {
  const auto count = [](const char* name, std::int64_t value) {
    return check_range<std::int64_t>(name, value, 1, kMostCount);
  };
  const auto bytes = [](const char* name, std::int64_t value) {
    return check_range<std::int64_t>(name, value, 1, kMostBytes);
  };
  return first_error({
      count("calls_per_day", options.calls_per_day),
      check_range("max_connections", options.max_connections, 1, kMostConnections),
      count("limits.upserts", options.limits.upserts),
      count("limits.deletes", options.limits.deletes),
      count("limits.cell_updates", options.limits.cell_updates),
      count("limits.replace_rows", options.limits.replace_rows),
      count("limits.rows_per_data_source", options.limits.rows_per_data_source),
      count("limits.page_rows", options.limits.page_rows),
      bytes("limits.body_bytes", options.limits.body_bytes),
      bytes("sizes.cell_bytes", options.sizes.cell_bytes),
      bytes("sizes.row_bytes", options.sizes.row_bytes),
      bytes("sizes.outbox_bytes", options.sizes.outbox_bytes),
      check_range<std::int64_t>("history_bytes", options.history_bytes, 0, kMostBytes),
      bytes("max_answer_bytes", options.max_answer_bytes),
      check_range<std::int64_t>("interactive_reserve", options.interactive_reserve, 0, kMostCount),
      check_range<std::int64_t>("outside_reserve", options.outside_reserve, 0, kMostCount),
  });
}

Result<void> check_times(const ClientOptions& options) {
  return first_error({
      check_time("call_timeout", options.call_timeout, Milliseconds{1}),
      check_time("connect_timeout", options.connect_timeout, Milliseconds{1}),
      check_time("wait", options.wait, Milliseconds{0}),
      check_time("lease_rest", options.lease_rest, Milliseconds{0}),
      check_time("history", options.history, Milliseconds{0}),
  });
}

Result<void> check_source(const std::string& id, const SourceOptions& source) {
  const std::string of = " of data source " + id;
  if (!std::isfinite(source.weight) || source.weight <= 0 || source.weight > kLargest)
    return wrong("the weight" + of + " must be a positive number of at most 1e15");
  return first_error(
      {check_time("the deadline" + of, source.deadline, Milliseconds{0}),
       check_time("the shortest time between calls" + of, source.shortest, Milliseconds{0})});
}

Result<void> check(const ClientOptions& options) {
  if (Result<void> url = options.makes_calls ? check_url(options) : Result<void>(); !url)
    return url;
  if (options.makes_calls ? options.company_id <= 0 : options.company_id < 0)
    return wrong("no company id was given: the organization's number in the portal");
  if (options.is_trial && options.makes_calls)
    return wrong("a trial makes no calls: set makes_calls to false");
  if (options.time_zone.empty())
    return wrong("no time zone was given: the organization's, as set in the portal");
  if (options.store.empty())
    return wrong("no store was given: the path of a file that keeps calls and changes");
  if (Result<void> key = options.makes_calls ? check_key(options.integration_key) : Result<void>();
      !key)
    return key;
  const double price = options.price_row_seconds.value_or(0);
  if (!std::isfinite(price) || price < 0 || price > kLargest)
    return wrong("the price must be a number of stale row-seconds, 0 or more");
  if (Result<void> counts = check_counts(options); !counts) return counts;
  if (options.interactive_reserve + options.outside_reserve >= options.calls_per_day)
    return wrong("the reserves leave no calls of the day to send with");
  for (const auto& [id, source] : options.sources) {
    if (Result<void> usable = check_source(id, source); !usable) return usable;
  }
  return check_times(options);
}

}  // namespace

Result<CheckedOptions> checked(ClientOptions options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  return CheckedOptions(std::move(options));
}

}  // namespace weir
