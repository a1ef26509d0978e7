#include "settings_shown.h"

#include <weir/url_without_password.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <vector>

#include "input/database_address.h"
#include "output/printable.h"
#include "setting_table.h"
#include "text/connection_words.h"

namespace weir::cli {
namespace {

constexpr const char* kSet = "set";

std::string quoted(const std::string& text) { return '"' + text + '"'; }

// Of a web address the server alone: paths and queries of webhooks are secrets.
std::optional<std::string> shown_web_address(const std::string& text) {
  std::string scheme = text.substr(0, text.find("://"));
  for (char& c : scheme) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (scheme.size() == text.size() || (scheme != "http" && scheme != "https")) return std::nullopt;
  const std::string rest = url_without_password(scheme + text.substr(scheme.size()));
  const std::size_t end = rest.find_first_of("/?#\\", scheme.size() + 3);
  return quoted(end == std::string::npos ? rest : rest.substr(0, end) + "/…");
}

bool is_connection(const std::string& text) {
  return text.find("://") != std::string::npos || text::is_connection_words(text);
}

// Of what is meant as an address and is not understood nothing is known, so nothing is shown.
std::string shown_text(const Setting& setting, const std::string& text) {
  const std::string_view name = setting.name;
  if (name == "url" || name == "http" || name == "webhook")
    return shown_web_address(text).value_or(kSet);
  if (name == "database" || is_connection(text)) {
    const auto web = shown_web_address(text);
    return web ? *web : quoted(DatabaseAddress::parse(text).shown());
  }
  return quoted(text);
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
      if (const auto text = value.value_exact<std::string>()) return shown_text(setting, *text);
      return kSet;
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
