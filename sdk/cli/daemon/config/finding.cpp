#include "daemon/config/finding.h"

#include <algorithm>
#include <tuple>

namespace weir::daemon {

Finding fault_at(const Place& place, const std::string& text) {
  return {.file = place.file, .line = place.line, .column = place.column, .text = text};
}

Finding warning_at(const Place& place, const std::string& text) {
  Finding finding = fault_at(place, text);
  finding.level = Finding::Level::kWarning;
  return finding;
}

std::string shown(const Finding& finding) {
  std::string place = finding.file;
  if (finding.line > 0)
    place += ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column);
  const bool is_warning = finding.level == Finding::Level::kWarning;
  return place + ": " + (is_warning ? "warning: " : "") + finding.text;
}

void put_in_order(std::vector<Finding>& findings) {
  const auto key = [](const Finding& finding) {
    return std::tie(finding.file, finding.line, finding.column, finding.text);
  };
  std::sort(findings.begin(), findings.end(),
            [&](const auto& one, const auto& other) { return key(one) < key(other); });
  findings.erase(std::unique(findings.begin(), findings.end()), findings.end());
}

bool has_fault(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.level == Finding::Level::kFault;
  });
}

}  // namespace weir::daemon
