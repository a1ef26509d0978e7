#include "settings.h"

#include <toml++/toml.h>
#include <weir/client.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "output/printable.h"
#include "secret_file.h"
#include "setting_table.h"
#include "settings_file.h"
#include "settings_tree.h"
#include "source_settings.h"
#include "text/connection_words.h"

namespace weir::cli {
namespace {

constexpr const char* kDefaultConfig = "weir.toml";
constexpr const char* kKeyVariable = "WEIR_INTEGRATION_KEY";

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

// A value and the place it came from, for messages.
struct Found {
  std::string value = {};
  std::string place = {};
  bool in_file = false;
  std::string line = {};  // "weir.toml:3"; of what is not in a file, the place
};

// Flags, environment and file. The first mistake is kept; reading goes on.
class Places {
 public:
  Places(const SettingsTree& tree, const toml::table& org) : tree_(tree), file_(org) {}

  const toml::table& file() const { return file_; }
  const std::string& file_name() const { return tree_.file; }
  bool has_several() const { return tree_.has_several(); }
  const std::optional<Error>& problem() const { return problem_; }
  const std::map<std::string, std::string, std::less<>>& lines() const { return lines_; }

  void text(std::string_view name, const std::optional<std::string>& flag, std::string& target);
  template <class T>
  void number(std::string_view name, const std::optional<std::string>& flag, T& target);

 private:
  std::optional<Found> find(std::string_view name, const std::optional<std::string>& flag) const;
  std::string from_its_folder(SettingType type, const std::string& path) const;
  void blame(const std::string& message) {
    if (!problem_) problem_ = wrong(message);
  }

  const SettingsTree& tree_;
  const toml::table& file_;  // of the organization
  std::optional<Error> problem_ = {};
  std::map<std::string, std::string, std::less<>> lines_ = {};
};

// Without --config, a file that is not there is an empty one.
Result<SettingsTree> open_tree(const SettingFlags& flags) {
  const std::string path = flags.config.value_or(kDefaultConfig);
  std::error_code unknown;
  const auto kind = std::filesystem::symlink_status(path, unknown).type();
  if (!flags.config && kind == std::filesystem::file_type::not_found)
    return SettingsTree{.file = path};
  SettingsTree tree = read_settings_tree(path);
  if (const auto fault = first_fault(tree.findings)) return *fault;
  return tree;
}

// A relative store is from the state directory, so that every verb has the daemon's.
std::string Places::from_its_folder(SettingType type, const std::string& path) const {
  if (type == SettingType::kPath) return from_folder_of(tree_.file, path);
  // The words of a connection are no path, and stay what they are for whoever refuses them.
  if (type != SettingType::kStore || text::is_connection_words(path)) return path;
  return from_folder_of((std::filesystem::path(tree_.store_folder()) / "store").string(), path);
}

std::optional<Found> Places::find(std::string_view name,
                                  const std::optional<std::string>& flag) const {
  if (flag) return Found{.value = *flag, .place = flag_of(name), .line = flag_of(name)};
  const std::string variable = variable_of(name);
  // Of several organizations, the environment is nobody's.
  if (const char* value = tree_.has_several() ? nullptr : std::getenv(variable.c_str());
      value != nullptr && *value != '\0')
    return Found{.value = value, .place = variable, .line = variable};
  const toml::node_view node = file_[name];
  if (!node) return std::nullopt;
  const std::string place = std::string(name) + " in " + tree_.file;
  if (const auto whole = node.value_exact<std::int64_t>())
    return Found{.value = std::to_string(*whole), .place = place, .in_file = true};
  const toml::source_region& at = node.node()->source();
  const std::string line = (at.path ? *at.path : tree_.file) + ":" + std::to_string(at.begin.line);
  return Found{
      .value = node.value_or(std::string()), .place = place, .in_file = true, .line = line};
}

void Places::text(std::string_view name, const std::optional<std::string>& flag,
                  std::string& target) {
  const std::optional<Found> found = find(name, flag);
  if (!found) return;
  lines_.emplace(name, found->line);
  if (const auto problem = text_problem(found->value)) blame(found->place + " " + *problem);
  const Setting* setting = find_setting(SettingScope::kOrganization, name);
  if (setting != nullptr && setting->type == SettingType::kStore) {
    if (const auto problem = store_problem(found->value)) blame(found->place + " " + *problem);
  }
  target = found->in_file && setting != nullptr ? from_its_folder(setting->type, found->value)
                                                : found->value;
}

template <class T>
void Places::number(std::string_view name, const std::optional<std::string>& flag, T& target) {
  const std::optional<Found> found = find(name, flag);
  if (!found) return;
  const Setting& setting = *find_setting(SettingScope::kOrganization, name);
  std::int64_t value = 0;
  const char* end = found->value.data() + found->value.size();
  const auto [stopped, error] = std::from_chars(found->value.data(), end, value);
  if (error != std::errc() || stopped != end || value < setting.least || value > setting.most) {
    const auto problem = text_problem(found->value);
    return blame(found->place + (problem ? " " + *problem
                                         : " must be a whole number " + range_of(setting) +
                                               ", not '" + printable(found->value) + "'"));
  }
  target = static_cast<T>(value);
}

Result<Secret> read_key(const SettingFlags& flags, const Places& places) {
  if (flags.key_file) return Secret::from_file(*flags.key_file);
  Secret key = Secret::from_env(kKeyVariable);
  if (!key.empty() && !places.has_several()) {
    if (const auto problem = text_problem(key.reveal()))
      return wrong(std::string(kKeyVariable) + " " + *problem);
    return key;
  }
  const auto in_file = places.file()["integration_key"].value<std::string>();
  const auto named = places.file()["integration_key_file"].value<std::string>();
  if (in_file && named)
    return wrong("integration_key and integration_key_file in " + places.file_name() +
                 " exclude each other; the file is better");
  if (named) {
    const auto& path = places.file().get("integration_key_file")->source().path;
    return read_secret_file(places.file_name(), path ? *path : places.file_name(), *named);
  }
  if (in_file) return Secret::from_string(*in_file, "integration_key in " + places.file_name());
  return Secret();
}

// All that are missing at once, each with the places where it may stand.
class Missing {
 public:
  void look_at(std::string_view name, bool is_missing) {
    if (!is_missing) return;
    std::string words(name);
    for (char& c : words) c = c == '_' ? ' ' : c;
    add(words, "Give " + flag_of(name) + ", set " + variable_of(name) + ", or write " +
                   std::string(name) + " into weir.toml.");
  }
  void look_at_key(bool is_missing) {
    if (!is_missing) return;
    add("integration key",
        "Give --key-file FILE, set WEIR_INTEGRATION_KEY, or write integration_key_file into "
        "weir.toml. It is the API key of Organization Setup > Integrations in the portal.");
  }
  Result<void> result() const {
    if (what_.empty()) return {};
    std::string list;
    for (std::size_t i = 0; i < what_.size(); ++i)
      list += (i == 0 ? "" : i + 1 == what_.size() ? " and no " : ", no ") + what_[i];
    return wrong("no " + list + (what_.size() == 1 ? " is set. " : " are set. ") + how_);
  }

 private:
  void add(const std::string& what, const std::string& how) {
    what_.push_back(what);
    how_ += (how_.empty() ? "" : " ") + how;
  }
  std::vector<std::string> what_ = {};
  std::string how_ = {};
};

Result<void> require(const ClientOptions& options, Needs needs) {
  Missing missing;
  missing.look_at("url", needs == Needs::kCalls && options.url.empty());
  missing.look_at("company_id", needs == Needs::kCalls && options.company_id == 0);
  // What waits has no org day.
  missing.look_at("time_zone", needs != Needs::kRows && options.time_zone.empty());
  missing.look_at("store", options.store.empty());
  missing.look_at_key(needs == Needs::kCalls && options.integration_key.empty());
  return missing.result();
}

void read_organization(Places& places, const SettingFlags& flags, ClientOptions& options) {
  places.text("url", flags.url, options.url);
  places.text("time_zone", flags.time_zone, options.time_zone);
  places.text("store", flags.store, options.store);
  places.text("ca_file", flags.ca_file, options.ca_file);
  places.number("company_id", flags.company_id, options.company_id);
  places.number("calls_per_day", flags.calls_per_day, options.calls_per_day);
  places.number("max_connections", flags.max_connections, options.max_connections);
  places.number("interactive_reserve", {}, options.interactive_reserve);
  places.number("outside_reserve", {}, options.outside_reserve);
  const toml::table& file = places.file();
  options.exempt_requests_take_connection =
      file["exempt_requests_take_connection"].value_or(options.exempt_requests_take_connection);
  const toml::node* words = file.get("limit_words");
  if (words == nullptr) return;
  if (const toml::array* list = words->as_array()) {
    for (const toml::node& word : *list) options.limit_words.emplace_back(word.value_or(""));
  } else {
    options.limit_words.emplace_back(words->value_or(""));
  }
}

}  // namespace

Result<Settings> read_settings(const SettingsTree& tree, const toml::table& org,
                               const SettingFlags& flags, Needs needs) {
  Places places(tree, org);
  Settings settings;
  ClientOptions& options = settings.client;
  options.send_in_background = false;
  options.moves_time_zone = flags.moves_time_zone;
  options.makes_calls = needs == Needs::kCalls;
  read_organization(places, flags, options);
  if (places.problem()) return *places.problem();
  for (const auto& [id, source] : read_sources(org)) {
    options.sources.emplace(id, source.pacing);
    settings.push.emplace(id, source.push);
  }
  if (needs == Needs::kCalls) {
    Result<Secret> key = read_key(flags, places);
    if (!key) return key.error();
    options.integration_key = std::move(*key);
  }
  if (Result<void> complete = require(options, needs); !complete) return complete.error();
  settings.places = places.lines();
  if (flags.verbose) options.log = stderr_log(LogLevel::kDebug);
  return settings;
}

// Whichever would mend it if it were another one.
Error with_place(const Settings& settings, Error error) {
  const auto still_says = [&](ClientOptions options) {
    const Result<void> usable = Client::check(std::move(options));
    return !usable && usable.error().message == error.message;
  };
  if (error.code != ErrorCode::kInvalidConfig || !still_says(settings.client)) return error;
  ClientOptions other_url = settings.client;
  other_url.url = "https://other.example";
  ClientOptions other_zone = settings.client;
  other_zone.time_zone = "UTC";
  ClientOptions other_authorities = settings.client;
  other_authorities.ca_file.clear();
  const char* name = !still_says(other_url)           ? "url"
                     : !still_says(other_zone)        ? "time_zone"
                     : !still_says(other_authorities) ? "ca_file"
                                                      : "";
  if (const auto place = settings.places.find(name); place != settings.places.end())
    error.message = place->second + ": " + error.message;
  return error;
}

Result<Settings> read_settings(const SettingFlags& flags, Needs needs) {
  Result<SettingsTree> tree = open_tree(flags);
  if (!tree) return tree.error();
  const Result<const toml::table*> org = tree->org(flags.org);
  if (!org) return org.error();
  return read_settings(*tree, **org, flags, needs);
}

Result<ClientOptions> load_settings(const SettingFlags& flags) {
  Result<Settings> settings = read_settings(flags, Needs::kCalls);
  if (!settings) return settings.error();
  return std::move(settings->client);
}

Result<OrgSettings> load_org_settings(const SettingFlags& flags) {
  Result<SettingsTree> tree = open_tree(flags);
  if (!tree) return tree.error();
  const Result<const toml::table*> org = tree->org(flags.org);
  if (!org) return org.error();
  Places places(*tree, **org);
  OrgSettings settings;
  places.text("time_zone", flags.time_zone, settings.time_zone);
  places.number("calls_per_day", flags.calls_per_day, settings.calls_per_day);
  if (places.problem()) return *places.problem();
  Missing missing;
  missing.look_at("time_zone", settings.time_zone.empty());
  if (Result<void> complete = missing.result(); !complete) return complete.error();
  return settings;
}

}  // namespace weir::cli
