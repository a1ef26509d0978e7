#include "settings_shown.h"

#include <weir/url_without_password.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "output/printable.h"
#include "setting_table.h"

namespace weir::cli {
namespace {

constexpr const char* kSet = "set";

// Of a web address the server alone: paths and queries of webhooks are secrets.
std::string shown_address(const std::string& text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos) return '"' + text + '"';
  const std::string without = url_without_password(text);
  const bool is_web = text.starts_with("http://") || text.starts_with("https://");
  const std::size_t path = without.find('/', scheme + 3);
  if (!is_web || path == std::string::npos) return '"' + without + '"';
  return '"' + without.substr(0, path) + "/…\"";
}

std::string shown_command(const toml::node& value) {
  const toml::array* words = value.as_array();
  if (words == nullptr || words->empty()) return kSet;
  const std::string arguments = std::to_string(words->size() - 1);
  return '"' + words->front().value_or(std::string()) + "\" and " + arguments +
         (words->size() == 2 ? " argument" : " arguments");
}

// Names of files with secrets are paths like others.
bool names_a_secret(std::string_view name) { return name.ends_with("_file") && name != "ca_file"; }

std::string shown_value(const Setting& setting, const toml::node& value) {
  if (names_a_secret(setting.name)) return kSet;
  switch (setting.type) {
    case SettingType::kSecret:
    case SettingType::kSecretFile:
    case SettingType::kQuery:
      return kSet;
    case SettingType::kCommand:
      return shown_command(value);
    case SettingType::kText:
    case SettingType::kStore:
    case SettingType::kPath:
      if (const auto text = value.value<std::string>()) return shown_address(*text);
      break;
    default:
      break;
  }
  std::ostringstream text;
  value.visit([&](const auto& node) { text << node; });
  return text.str();
}

class Shown {
 public:
  void add(const toml::table& table, const std::vector<SettingScope>& scopes,
           const std::string& place) {
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (!add_setting(value, scopes, name, place)) add_table(value, scopes, name, place);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  bool add_setting(const toml::node& value, const std::vector<SettingScope>& scopes,
                   const std::string& name, const std::string& place) {
    const auto scope = std::find_if(scopes.begin(), scopes.end(), [&](SettingScope each) {
      return find_setting(each, name) != nullptr;
    });
    if (scope == scopes.end() || value.is_table()) return false;
    text_ +=
        printable(place + name + " = " + shown_value(*find_setting(*scope, name), value)) + "\n";
    return true;
  }

  // What the table of settings does not know is named, and nothing more.
  void add_table(const toml::node& value, const std::vector<SettingScope>& scopes,
                 const std::string& name, const std::string& place) {
    for (const SettingScope scope : scopes) {
      const SubTable* sub = find_sub_table(scope, name);
      if (sub == nullptr || !value.is_table()) continue;
      if (!sub->is_named) return add(*value.as_table(), {sub->scope}, place + name + ".");
      for (const auto& [key, one] : *value.as_table()) {
        if (one.is_table())
          add(*one.as_table(), {sub->scope}, place + name + "." + std::string(key.str()) + ".");
      }
      return;
    }
    text_ += printable(place + name) + " is not a setting\n";
  }

  std::string text_;
};

}  // namespace

std::string shown_settings(const SettingsTree& tree) {
  Shown shown;
  shown.add(tree.root, {SettingScope::kFile, SettingScope::kOrganization}, "");
  return shown.take();
}

}  // namespace weir::cli
