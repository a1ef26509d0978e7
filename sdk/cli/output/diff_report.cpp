#include "output/diff_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

const char* name_of(RowDifference::Kind kind) {
  switch (kind) {
    case RowDifference::Kind::kMissing:
      return "missing";
    case RowDifference::Kind::kExtra:
      return "extra";
    case RowDifference::Kind::kDifferent:
      break;
  }
  return "different";
}

std::string column_name(const DiffReport& report, std::size_t index) {
  return index < report.columns.size() ? report.columns[index] : std::to_string(index + 1);
}

std::string cell(const Row& row, std::size_t index) {
  return index < row.size() ? row[index] : std::string();
}

ordered_json json_of(const DiffReport& report, const RowDifference& difference) {
  ordered_json json = {{"row", name_of(difference.kind)}, {"key", difference.key}};
  if (difference.kind == RowDifference::Kind::kMissing) json["wanted"] = difference.wanted;
  if (difference.kind == RowDifference::Kind::kExtra) json["platform"] = difference.on_platform;
  if (difference.kind != RowDifference::Kind::kDifferent) return json;
  ordered_json cells = ordered_json::array();
  const std::size_t width = std::max(difference.wanted.size(), difference.on_platform.size());
  for (std::size_t i = 0; i < width; ++i) {
    const std::string wanted = cell(difference.wanted, i);
    const std::string found = cell(difference.on_platform, i);
    if (wanted != found)
      cells.push_back(
          {{"column", column_name(report, i)}, {"wanted", wanted}, {"platform", found}});
  }
  json["cells"] = std::move(cells);
  return json;
}

std::string quoted(const std::string& text) { return "'" + printable(text) + "'"; }

std::string line_of(const DiffReport& report, const RowDifference& difference) {
  std::string line = "  ";
  const char* mark = difference.kind == RowDifference::Kind::kMissing ? "+ "
                     : difference.kind == RowDifference::Kind::kExtra ? "- "
                                                                      : "~ ";
  line += mark + printable(difference.key);
  if (difference.kind == RowDifference::Kind::kMissing) return line + "  will be inserted\n";
  if (difference.kind == RowDifference::Kind::kExtra) return line + "  will be deleted\n";
  const std::size_t width = std::max(difference.wanted.size(), difference.on_platform.size());
  for (std::size_t i = 0; i < width; ++i) {
    const std::string wanted = cell(difference.wanted, i);
    const std::string found = cell(difference.on_platform, i);
    if (wanted != found)
      line +=
          "  " + printable(column_name(report, i)) + ": " + quoted(found) + " → " + quoted(wanted);
  }
  return line + "\n";
}

std::int64_t differences(const DiffReport& report) {
  return report.missing + report.extra + report.different;
}

}  // namespace

bool differs(const DiffReport& report) { return differences(report) > 0; }

std::string as_json(const DiffSummary& summary) {
  const DiffReport& report = summary.report;
  ordered_json listed = ordered_json::array();
  for (const RowDifference& difference : report.differences)
    listed.push_back(json_of(report, difference));
  return ordered_json{
      {"source", summary.source},
      {"rows", report.rows},
      {"platform_rows", report.rows_on_platform},
      {"missing", report.missing},
      {"extra", report.extra},
      {"different", report.different},
      {"changed_by_others", report.changed_by_others},
      {"calls", report.calls},
      {"calls_left", summary.calls_left ? ordered_json(*summary.calls_left) : ordered_json()},
      {"differences", std::move(listed)}}
      .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string as_text(const DiffSummary& summary) {
  const DiffReport& report = summary.report;
  std::string text = printable(summary.source) + ": " + counted(report.rows, "row") +
                     ", the platform has " + grouped(report.rows_on_platform) + "; ";
  text += differs(report) ? grouped(report.missing) + " to insert, " + grouped(report.extra) +
                                " to delete, " + grouped(report.different) + " to change"
                          : "no difference";
  text += "; " + counted(report.calls, "call") + left_today(summary.calls_left) + "\n";
  if (report.changed_by_others > 0)
    text += "someone else has changed " + counted(report.changed_by_others, "row") +
            "; a push now sends the differences\n";
  for (const RowDifference& difference : report.differences) text += line_of(report, difference);
  const std::int64_t more =
      differences(report) - static_cast<std::int64_t>(report.differences.size());
  if (more > 0) text += "  and " + std::to_string(more) + " more\n";
  text.pop_back();
  return text;
}

}  // namespace weir::cli
