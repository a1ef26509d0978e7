#include "settings.h"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <utility>

#include "source_settings.h"

namespace weir::cli {
namespace {

constexpr const char* kDefaultConfig = "weir.toml";

// A value and the place it came from, for messages.
struct Found {
  std::string value;
  std::string place;
};

struct Places {
  toml::table file = {};
  std::string file_name = {};

  std::optional<Found> find(const std::string& name, const std::optional<std::string>& flag) const;
};

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

std::string upper(std::string name) {
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string flag_of(std::string name) {
  for (char& c : name) c = c == '_' ? '-' : c;
  return "--" + name;
}

std::optional<Found> Places::find(const std::string& name,
                                  const std::optional<std::string>& flag) const {
  if (flag) return Found{*flag, flag_of(name)};
  const std::string variable = "WEIR_" + upper(name);
  if (const char* value = std::getenv(variable.c_str()); value != nullptr && *value != '\0')
    return Found{value, variable};
  const toml::node_view node = file[name];
  if (!node) return std::nullopt;
  if (const auto text = node.value<std::string>()) return Found{*text, name + " in " + file_name};
  std::ostringstream text;
  text << node;
  return Found{text.str(), name + " in " + file_name};
}

bool others_may_read(const std::string& path) {
  struct stat found = {};
  return ::stat(path.c_str(), &found) == 0 && (found.st_mode & 077) != 0;
}

Result<Places> read_places(const std::optional<std::string>& config) {
  Places places{.file_name = config.value_or(kDefaultConfig)};
  if (!std::filesystem::exists(places.file_name)) {
    if (config) return wrong("the settings file " + *config + " does not exist");
    return places;
  }
  try {
    places.file = toml::parse_file(places.file_name);
  } catch (const toml::parse_error& problem) {
    // The parser's own text may quote the line, which may hold the key.
    return wrong(places.file_name + ", line " + std::to_string(problem.source().begin.line) +
                 ": not valid TOML");
  }
  if (places.file.contains("integration_key") && others_may_read(places.file_name)) {
    return wrong("other users may read " + places.file_name +
                 ", which holds the integration key. Run: chmod 600 " + places.file_name);
  }
  return places;
}

Result<std::int64_t> number(const Found& found, std::int64_t least) {
  std::int64_t value = 0;
  const char* end = found.value.data() + found.value.size();
  const auto [stopped, error] = std::from_chars(found.value.data(), end, value);
  if (error != std::errc() || stopped != end || value < least) {
    return wrong(found.place + " must be a whole number of at least " + std::to_string(least) +
                 ", not '" + found.value + "'");
  }
  return value;
}

template <class T>
Result<void> read_number(const std::optional<Found>& found, std::int64_t least, T& target) {
  if (!found) return {};
  Result<std::int64_t> value = number(*found, least);
  if (!value) return value.error();
  target = static_cast<T>(*value);
  return {};
}

Result<void> read_flag(const Places& places, const std::string& name, bool& target) {
  const toml::node_view node = places.file[name];
  if (!node) return {};
  const auto value = node.value<bool>();
  if (!value) return wrong(name + " in " + places.file_name + " must be true or false");
  target = *value;
  return {};
}

Result<Secret> read_key(const SettingFlags& flags, const Places& places) {
  if (flags.key_file) return Secret::from_file(*flags.key_file);
  Secret key = Secret::from_env("WEIR_INTEGRATION_KEY");
  if (!key.empty()) return key;
  const auto in_file = places.file["integration_key"].value<std::string>();
  if (in_file) return Secret::from_string(*in_file, "integration_key in " + places.file_name);
  return key;
}

Error missing(const std::string& name) {
  return wrong("no " + flag_of(name).substr(2) + " is set. Give " + flag_of(name) + ", set WEIR_" +
               upper(name) + ", or write " + name + " into weir.toml.");
}

Result<void> require(const ClientOptions& options) {
  if (options.url.empty()) return missing("url");
  if (options.company_id == 0) return missing("company_id");
  if (options.time_zone.empty()) return missing("time_zone");
  if (options.store.empty()) return missing("store");
  return {};
}

}  // namespace

Result<ClientOptions> load_settings(const SettingFlags& flags) {
  Result<Places> places = read_places(flags.config);
  if (!places) return places.error();
  ClientOptions options;
  options.send_in_background = false;
  const auto text = [&](const std::string& name, const std::optional<std::string>& flag,
                        std::string& target) {
    if (const auto found = places->find(name, flag)) target = found->value;
  };
  text("url", flags.url, options.url);
  text("time_zone", flags.time_zone, options.time_zone);
  text("store", flags.store, options.store);
  text("ca_file", flags.ca_file, options.ca_file);
  for (const Result<void>& read :
       {read_number(places->find("company_id", flags.company_id), 1, options.company_id),
        read_number(places->find("calls_per_day", flags.calls_per_day), 1, options.calls_per_day),
        read_number(places->find("max_connections", flags.max_connections), 1,
                    options.max_connections),
        read_number(places->find("interactive_reserve", {}), 0, options.interactive_reserve),
        read_number(places->find("outside_reserve", {}), 0, options.outside_reserve)}) {
    if (!read) return read.error();
  }
  if (const toml::array* words = places->file["limit_words"].as_array()) {
    for (const toml::node& word : *words) options.limit_words.emplace_back(word.value_or(""));
  }
  auto sources = read_sources(places->file, places->file_name);
  if (!sources) return sources.error();
  options.sources = std::move(*sources);
  if (Result<void> read = read_flag(*places, "exempt_requests_take_connection",
                                    options.exempt_requests_take_connection);
      !read)
    return read.error();
  if (Result<void> complete = require(options); !complete) return complete.error();
  Result<Secret> key = read_key(flags, *places);
  if (!key) return key.error();
  options.integration_key = std::move(*key);
  if (flags.verbose) options.log = stderr_log(LogLevel::kDebug);
  return options;
}

Result<OrgSettings> load_org_settings(const SettingFlags& flags) {
  Result<Places> places = read_places(flags.config);
  if (!places) return places.error();
  OrgSettings settings;
  const auto zone = places->find("time_zone", flags.time_zone);
  if (!zone) return missing("time_zone");
  settings.time_zone = zone->value;
  const auto calls = places->find("calls_per_day", flags.calls_per_day);
  if (Result<void> read = read_number(calls, 1, settings.calls_per_day); !read) return read.error();
  return settings;
}

}  // namespace weir::cli
