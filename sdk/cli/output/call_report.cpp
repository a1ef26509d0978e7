#include "output/call_report.h"

#include <nlohmann/json.hpp>

#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

std::string dumped(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string as_json(const CallSummary& summary) {
  ordered_json json = {
      {"status", summary.status},
      {"calls", summary.calls},
      {"calls_left", summary.calls_left ? ordered_json(*summary.calls_left) : ordered_json()},
      {"bytes", summary.bytes}};
  if (!summary.to.empty()) json["to"] = summary.to;
  return dumped(json);
}

std::string as_text(const CallSummary& summary) {
  return summary.method + " " + printable(summary.path) + ": the platform answered " +
         std::to_string(summary.status) + ", " + megabytes(summary.bytes) +
         (summary.to.empty() ? "" : " to " + summary.to) + "; " + counted(summary.calls, "call") +
         " spent" + left_today(summary.calls_left);
}

std::string dry_run_as_json(const ApiCall& call) {
  ordered_json query = ordered_json::array();
  for (const auto& [name, value] : call.query) query.push_back({{"name", name}, {"value", value}});
  return dumped({{"dry_run", true},
                 {"method", call.method},
                 {"path", call.path},
                 {"query", std::move(query)},
                 {"body_bytes", call.body.size()},
                 {"reason", call.reason}});
}

std::string dry_run_as_text(const ApiCall& call) {
  std::string text = "Would call " + call.method + " " + printable(call.path);
  for (std::size_t i = 0; i < call.query.size(); ++i)
    text += (i == 0 ? "?" : "&") + printable(call.query[i].first + "=" + call.query[i].second);
  if (!call.body.empty())
    text += ", with a body of " + megabytes(static_cast<std::int64_t>(call.body.size()));
  return text + ". Nothing was sent.";
}

}  // namespace weir::cli
