#include "setting_table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "setting_rows.h"

namespace weir::cli {
namespace {

using enum SettingScope;

constexpr std::array<SubTable, 8> kSubTables = {{
    {.parent = kFile, .name = "daemon", .scope = kDaemon},
    {.parent = kFile, .name = "notify", .scope = kNotify},
    {.parent = kOrganization, .name = "source", .scope = kSource, .is_named = true},
    {.parent = kOrganization, .name = "poll", .scope = kPoll, .is_named = true},
    {.parent = kOrganization, .name = "sync", .scope = kSync},
    {.parent = kSource, .name = "follow", .scope = kFollow},
    {.parent = kSource, .name = "sync", .scope = kRule},
    {.parent = kSync, .name = "source", .scope = kRule, .is_named = true},
}};

// How many letters were typed wrong, left out or added; two that were swapped are one mistake.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::vector<std::size_t>> costs(one.size() + 1,
                                              std::vector<std::size_t>(other.size() + 1));
  for (std::size_t i = 0; i <= one.size(); ++i) costs[i][0] = i;
  for (std::size_t j = 0; j <= other.size(); ++j) costs[0][j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t wrong = one[i - 1] == other[j - 1] ? 0 : 1;
      costs[i][j] =
          std::min({costs[i - 1][j] + 1, costs[i][j - 1] + 1, costs[i - 1][j - 1] + wrong});
      const bool is_swapped =
          i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (is_swapped) costs[i][j] = std::min(costs[i][j], costs[i - 2][j - 2] + 1);
    }
  }
  return costs.back().back();
}

std::string mapped(std::string_view name, char from, char to) {
  std::string text(name);
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

}  // namespace

std::span<const Setting> all_settings() {
  static const std::vector<Setting> kAll = [] {
    std::vector<Setting> settings(settings_of_organizations().begin(),
                                  settings_of_organizations().end());
    for (const auto more : {settings_of_daemon(), settings_of_service()})
      settings.insert(settings.end(), more.begin(), more.end());
    return settings;
  }();
  return kAll;
}

const Setting* find_setting(SettingScope scope, std::string_view name) {
  const std::span<const Setting> all = all_settings();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Setting& setting) {
    return setting.scope == scope && setting.name == name;
  });
  return found == all.end() ? nullptr : &*found;
}

std::span<const SubTable> all_sub_tables() { return kSubTables; }

const SubTable* find_sub_table(SettingScope scope, std::string_view name) {
  const auto found = std::find_if(kSubTables.begin(), kSubTables.end(), [&](const SubTable& table) {
    return table.parent == scope && table.name == name;
  });
  return found == kSubTables.end() ? nullptr : &*found;
}

std::vector<std::string_view> names_of(SettingScope scope) {
  std::vector<std::string_view> names;
  for (const Setting& setting : all_settings()) {
    if (setting.scope == scope) names.push_back(setting.name);
  }
  for (const SubTable& table : kSubTables) {
    if (table.parent == scope) names.push_back(table.name);
  }
  return names;
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string_view> known) {
  const std::size_t most = std::max<std::size_t>(1, name.size() / 3);
  std::optional<std::string> best;
  std::size_t least = most + 1;
  for (const std::string_view candidate : known) {
    const std::size_t far = distance(name, candidate);
    if (far < least) best = candidate;
    least = std::min(least, far);
  }
  if (best || name.size() < 3) return best;
  for (const std::string_view candidate : known) {
    if (candidate.find(name) != std::string_view::npos) return std::string(candidate);
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  const std::optional<std::string> meant = nearest(name, known);
  return meant ? "; did you mean " + *meant + "?" : "";
}

std::string flag_of(std::string_view name) { return "--" + mapped(name, '_', '-'); }

std::string variable_of(std::string_view name) {
  std::string variable = "WEIR_" + std::string(name);
  for (char& c : variable) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

}  // namespace weir::cli
