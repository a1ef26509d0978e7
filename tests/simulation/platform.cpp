#include "simulation/platform.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/exempt_table.h"

namespace weir::simulation {
namespace {

using nlohmann::json;

HttpResponse failure(int status, const std::string& code, const std::string& message) {
  return {.status = status,
          .headers = {},
          .body = mock::write_error({.status = status, .code = code, .message = message})};
}

HttpResponse missing_row() { return failure(400, "Predicate", "No Rows Found"); }

}  // namespace

const char* fault_name(Fault fault) {
  static constexpr std::array<const char*, kFaults> kNames = {"none",
                                                              "refused connection",
                                                              "connect timeout",
                                                              "reset before",
                                                              "reset after",
                                                              "truncated",
                                                              "bad body",
                                                              "500",
                                                              "503",
                                                              "429",
                                                              "429 for",
                                                              "locked",
                                                              "lock expired",
                                                              "connections",
                                                              "401",
                                                              "not found",
                                                              "redirect",
                                                              "slow"};
  return kNames.at(static_cast<std::size_t>(fault));
}

Platform::Platform(PlatformOptions options, Model& model, Trace& trace, Scheduler& scheduler,
                   std::map<std::string, Table> rows,
                   std::function<std::int64_t(const std::string& day)> charged)
    : options_(std::move(options)),
      model_(model),
      trace_(trace),
      scheduler_(scheduler),
      charged_(std::move(charged)),
      zone_(mock::OrgZone::open(options_.time_zone).value()) {
  for (auto& [name, table] : rows) tables_[name].rows = std::move(table);
}

void Platform::arrive(PlatformCall& call) {
  if (!admit(call)) return;
  if (const auto answer = played(call.fault)) {
    call.answer = *answer;
    call.has_answer = true;
    return;
  }
  if (call.request.method == "PUT") begin_put(call);
}

// The count is that of the org day on which the request comes in; I1, I2 and I6 are about it.
bool Platform::admit(PlatformCall& call) {
  const std::string day = today();
  call.is_open = true;
  if (++open_ > options_.max_connections)
    trace_.violate("I2", std::to_string(open_) + " connections are open at once");
  if (pipeline::is_exempt(call.request)) return true;
  const std::int64_t ours = ours_[day];
  if (ours + outside_[day] >= options_.calls_per_day) {
    if (!has_outside_use_)
      trace_.violate("I1", "call " + std::to_string(ours + 1) + " of " + day + " came in, " +
                               std::to_string(options_.calls_per_day) + " are allowed");
    call.answer = failure(429, "ApiLimitExceeded", "The daily limit is reached");
    call.has_answer = true;
    trace_.note("P", call.process, ": refused over the limit of ", day);
    return false;
  }
  ++ours_[day];
  ++calls_;
  const std::int64_t charged = charged_(day);
  if (charged < ours + 1)
    trace_.violate("I6", "the platform counts " + std::to_string(ours + 1) + " calls of " + day +
                             ", the ledger " + std::to_string(charged));
  trace_.note("P", call.process, ": ", call.request.method, " ", call.request.target,
              " arrives, call ", ours + 1, " of ", day, ", ", call.request.rows, " rows");
  return true;
}

void Platform::begin_put(PlatformCall& call) {
  auto read = mock::read_put(call.request.body);
  if (auto* problem = std::get_if<mock::ApiError>(&read)) {
    trace_.violate("I4", "the platform cannot read a call: " + problem->message);
    return;
  }
  call.put = std::get<mock::PutRequest>(std::move(read));
  if (call.put.integration_key != options_.integration_key)
    trace_.violate("I4", "a call has a wrong key");
  check_lists(call);
  DataSource& source = tables_.at(call.put.selector.external_id);
  if (source.is_being_written) {
    call.answer = failure(400, "Exception",
                          "The data source is currently being updated and cannot be updated in "
                          "parallel");
    call.has_answer = true;
    return;
  }
  source.is_being_written = true;
  call.holds_source = true;
}

// No key twice in one call, and no list longer than the platform allows.
void Platform::check_lists(const PlatformCall& call) {
  const mock::Put& content = call.put.content;
  std::set<std::string> keys;
  std::size_t named = 0;
  const auto add = [&](const std::string& key) {
    keys.insert(key);
    ++named;
  };
  for (const Row& row : content.rows.value_or(std::vector<Row>())) add(row.front());
  for (const Row& row : content.new_rows) add(row.front());
  for (const std::string& key : content.deleted_keys) add(key);
  for (const mock::RowUpdate& update : content.updates) add(update.row_id);
  if (keys.size() != named) trace_.violate("I5", "a call names a key twice");
  const auto over = [](std::size_t count, std::int64_t most) {
    return static_cast<std::int64_t>(count) > most;
  };
  const CallLimits& limits = options_.limits;
  if (over(content.new_rows.size(), limits.upserts) ||
      over(content.deleted_keys.size(), limits.deletes) ||
      over(content.updates.size(), limits.cell_updates) ||
      (content.rows && over(content.rows->size(), limits.replace_rows)))
    trace_.violate("I4", "a call has more rows than the platform allows");
  if (named == 0 && !content.rows) trace_.violate("I4", "a call carries nothing");
}

std::optional<HttpResponse> Platform::played(Fault fault) const {
  switch (fault) {
    case Fault::kServerError:
      return failure(500, "Exception", "Something went wrong");
    case Fault::kUnavailable:
      return HttpResponse{.status = 503, .headers = {}, .body = "<html>busy</html>"};
    case Fault::kThrottled:
      return HttpResponse{.status = 429};
    case Fault::kThrottledFor:
      return HttpResponse{.status = 429, .headers = {{"retry-after", "40"}}, .body = {}};
    case Fault::kLocked:
      return failure(400, "Exception", "The data source cannot be updated in parallel");
    case Fault::kLockExpired:
      return failure(500, "CacheLockException", "The lock is missing or has expired");
    case Fault::kTooManyConnections:
      return failure(429, "TooManyConnections", "Too many concurrent connections");
    case Fault::kUnauthorized:
      return failure(401, "Unauthorized", "The key is wrong");
    case Fault::kNotFound:
      return failure(400, "Exception", "Data source was not found");
    case Fault::kRedirect:
      return HttpResponse{.status = 302, .headers = {{"location", "/login"}}, .body = {}};
    default:
      return std::nullopt;
  }
}

void Platform::finish(PlatformCall& call) {
  if (!call.has_answer) call.answer = call.request.method == "PUT" ? put(call) : get(call);
  call.has_answer = true;
  call.answer = stamped(std::move(call.answer));
  if (call.holds_source) tables_.at(call.put.selector.external_id).is_being_written = false;
  call.holds_source = false;
  trace_.note("P", call.process, ": answered ", call.answer.status);
  if (call.fault == Fault::kBadBody) call.answer.body = "{\"DataSource\": [";
}

HttpResponse Platform::stamped(HttpResponse answer) const {
  answer.headers.emplace_back("date", mock::format_http_date(now()));
  return answer;
}

void Platform::close(PlatformCall& call) {
  if (!call.is_open) return;
  call.is_open = false;
  --open_;
}

HttpResponse Platform::put(const PlatformCall& call) {
  const std::string& name = call.put.selector.external_id;
  DataSource& source = tables_.at(name);
  if (auto refusal = refuse(call.put.content, source)) return *refusal;
  apply(name, source, call.put.content);
  return {.status = 200, .headers = {}, .body = "{}"};
}

// All of a call is refused, or nothing of it.
std::optional<HttpResponse> Platform::refuse(const mock::Put& content,
                                             const DataSource& source) const {
  const auto bad = [](const std::vector<Row>& rows) {
    return std::any_of(rows.begin(), rows.end(), has_bad_cell);
  };
  const HttpResponse refused = failure(400, "ArgumentException", "A value is not allowed");
  if (bad(content.rows.value_or(std::vector<Row>())) || bad(content.new_rows)) return refused;
  for (const mock::RowUpdate& update : content.updates) {
    for (const mock::CellUpdate& cell : update.cells)
      if (has_bad_cell({cell.value})) return refused;
    if (!source.rows.contains(update.row_id)) return missing_row();
  }
  if (!options_.refuses_unknown_deletes) return std::nullopt;
  for (const std::string& key : content.deleted_keys)
    if (!source.rows.contains(key)) return missing_row();
  return std::nullopt;
}

void Platform::apply(const std::string& name, DataSource& source, const mock::Put& content) {
  ++source.changes;
  if (content.rows) {
    source.rows.clear();
    for (const Row& row : *content.rows) set(name, source, row.front(), row);
    return;
  }
  for (const mock::RowUpdate& update : content.updates) {
    Row row = source.rows.at(update.row_id);
    for (const mock::CellUpdate& cell : update.cells) {
      const auto& columns = model_.columns();
      const auto column = std::find(columns.begin(), columns.end(), cell.column);
      row.at(static_cast<std::size_t>(column - columns.begin())) = cell.value;
    }
    set(name, source, update.row_id, row);
  }
  for (const Row& row : content.new_rows) set(name, source, row.front(), row);
  for (const std::string& key : content.deleted_keys) set(name, source, key, std::nullopt);
}

// What is applied to a key must never be older than what was applied before (I5).
void Platform::set(const std::string& name, DataSource& source, const std::string& key,
                   std::optional<Row> row) {
  const auto version = model_.version_of(name, key, row ? &*row : nullptr);
  std::int64_t& last = source.versions[key];
  if (version && *version < last)
    trace_.violate("I5", "key " + key + " of " + name + " goes back from version " +
                             std::to_string(last) + " to " + std::to_string(*version));
  if (version) last = std::max(last, *version);
  trace_.show("    ", name, " ", key, " becomes ", row ? *row : Row{"absent"}, ", version ",
              version.value_or(0));
  if (row) {
    source.rows[key] = std::move(*row);
  } else {
    source.rows.erase(key);
  }
}

HttpResponse Platform::get(const PlatformCall& call) {
  if (pipeline::is_exempt(call.request)) return failure(401, "Unauthorized", "The key is wrong");
  std::map<std::string, std::string> query(call.request.query.begin(), call.request.query.end());
  const DataSource& source = tables_.at(query["ExternalId"]);
  json headers = json::array();
  for (const std::string& column : model_.columns()) headers.push_back({{"Name", column}});
  json rows = json::array();
  const std::int64_t size = std::stoll(query["PageSize"]);
  const std::int64_t first = std::stoll(query["PageNo"]) * size;
  std::int64_t position = 0;
  for (const auto& [key, row] : source.rows) {
    if (position >= first && position < first + size) {
      json cells = json::array();
      for (const std::string& cell : row) cells.push_back(cell.empty() ? json() : json(cell));
      rows.push_back(std::move(cells));
    }
    ++position;
  }
  const json page = {{"DataSource",
                      {{"Headers", std::move(headers)},
                       {"Rows", std::move(rows)},
                       {"TotalRows", source.rows.size()},
                       {"LastUpdated", std::to_string(source.changes)}}}};
  return {.status = 200, .headers = {}, .body = page.dump()};
}

void Platform::spend_outside(std::int64_t calls) {
  has_outside_use_ = true;
  outside_[today()] += calls;
  trace_.note("others spend ", calls, " calls of ", today());
}

std::int64_t Platform::calls_of_today() const {
  const auto ours = ours_.find(today());
  const auto others = outside_.find(today());
  return (ours == ours_.end() ? 0 : ours->second) + (others == outside_.end() ? 0 : others->second);
}

std::int64_t Platform::busiest_day() const {
  std::int64_t most = 0;
  for (const auto& [day, calls] : ours_) most = std::max(most, calls);
  return most;
}

}  // namespace weir::simulation
