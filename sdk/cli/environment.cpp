#include "environment.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "output/printable.h"
#include "setting_table.h"

namespace weir::cli {
namespace {

constexpr std::string_view kPrefix = "WEIR_";

// Secrets, and what `weir run` tells the programs that it starts, which may run weir themselves.
constexpr std::array<std::string_view, 8> kOthers = {
    "WEIR_INTEGRATION_KEY", "WEIR_PRIVATE_TOKEN", "WEIR_ORG",    "WEIR_POLL", "WEIR_FORM",
    "WEIR_SOURCE",          "WEIR_ENTRY_ID",      "WEIR_ATTEMPT"};

std::vector<std::string> known_variables() {
  std::vector<std::string> known(kOthers.begin(), kOthers.end());
  for (const Setting& setting : all_settings()) {
    if (setting.has_flag) known.push_back(variable_of(setting.name));
  }
  return known;
}

// Of flags that have no variable.
std::string flag_instead_of(std::string_view name) {
  if (name == "WEIR_KEY_FILE")
    return "; give --key-file FILE, or write integration_key_file into weir.toml";
  if (name == "WEIR_CONFIG") return "; give --config FILE";
  return "";
}

// Of settings that stand in a file only.
bool is_in_file(const std::string& name) {
  const auto settings = all_settings();
  return std::any_of(settings.begin(), settings.end(), [&](const Setting& setting) {
    return setting.scope == SettingScope::kOrganization && variable_of(setting.name) == name;
  });
}

}  // namespace

std::vector<std::string> strange_variables(const char* const* environment) {
  std::vector<std::string> sentences;
  const std::vector<std::string> known = known_variables();
  const std::vector<std::string_view> names(known.begin(), known.end());
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view line = *environment;
    if (!line.starts_with(kPrefix)) continue;
    const std::string name(line.substr(0, line.find('=')));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string flag = flag_instead_of(name);
    sentences.push_back(printable(name) + " in the environment is not a setting" +
                        (!flag.empty()      ? flag
                         : is_in_file(name) ? " there; write it into weir.toml"
                                            : did_you_mean(name, names)));
  }
  return sentences;
}

}  // namespace weir::cli
