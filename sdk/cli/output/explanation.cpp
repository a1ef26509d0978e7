#include "output/explanation.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace weir::cli {
namespace {

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string line;
  for (const std::string& text : texts) {
    if (&text != &texts.front()) line += between;
    line += text;
  }
  return line;
}

}  // namespace

std::string as_json(const SyncExplanation& explained, const ExplainedUser& user) {
  return nlohmann::ordered_json{{"source", user.source},
                                {"email", user.email},
                                {"rule", explained.rule},
                                {"columns", explained.columns},
                                {"rows", explained.rows},
                                {"last_updated", explained.last_updated},
                                {"kept_since", explained.kept_since}}
      .dump();
}

std::string as_text(const SyncExplanation& explained, const ExplainedUser& user) {
  std::string text =
      user.source + " for " + user.email + ": " + std::to_string(explained.rows.size()) +
      " row(s)\n" + "why: " + explained.rule + "\n" +
      "a device with all of them has the LastUpdated " + explained.last_updated +
      ", the name of a state and no time\n" + "a device whose LastUpdated is older than " +
      explained.kept_since + " gets all rows\n\n" + joined(explained.columns, " | ");
  for (const Row& row : explained.rows) text += "\n" + joined(row, " | ");
  return text;
}

}  // namespace weir::cli
