#include "source_settings.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace weir::cli {
namespace {

constexpr std::int64_t kMostSeconds = 366LL * 24 * 3600;

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};

constexpr std::array<Unit, 4> kUnits = {{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};

// "15m"; the file's own times of day are no durations.
std::optional<Milliseconds> duration_of(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
  if (error != std::errc() || number < 0 || number > kMostSeconds) return std::nullopt;
  for (const auto& [name, seconds] : kUnits) {
    if (unit == name && number <= kMostSeconds / seconds)
      return std::chrono::seconds{number * seconds};
  }
  return std::nullopt;
}

// What is wrong with the value; null when it was taken.
using Reader = const char* (*)(const toml::node& value, SourceOptions& options);

const char* read_weight(const toml::node& value, SourceOptions& options) {
  options.weight = value.value<double>().value_or(0);
  return std::isfinite(options.weight) && options.weight > 0 ? nullptr : "a positive number";
}

const char* read_duration(const toml::node& value, Milliseconds& option) {
  const auto duration = duration_of(value.value<std::string>().value_or(""));
  option = duration.value_or(Milliseconds{0});
  return duration ? nullptr : R"(a text such as "90s", "15m", "2h" or "1d")";
}

const char* read_deadline(const toml::node& value, SourceOptions& options) {
  return read_duration(value, options.deadline);
}

const char* read_shortest(const toml::node& value, SourceOptions& options) {
  return read_duration(value, options.shortest);
}

struct Setting {
  std::string_view name;
  Reader read;
};

constexpr std::array<Setting, 3> kSettings = {
    {{"weight", &read_weight}, {"deadline", &read_deadline}, {"shortest", &read_shortest}}};

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

Result<SourceOptions> read_source(const toml::table& table, const std::string& place) {
  SourceOptions options;
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const Setting* known = nullptr;
    for (const Setting& setting : kSettings) known = setting.name == name ? &setting : known;
    if (known == nullptr) return wrong(name + " in " + place + " is not a setting");
    if (const char* wanted = known->read(value, options); wanted != nullptr)
      return wrong(name + " in " + place + " must be " + wanted);
  }
  return options;
}

}  // namespace

Result<std::map<std::string, SourceOptions>> read_sources(const toml::table& file,
                                                          const std::string& file_name) {
  std::map<std::string, SourceOptions> sources;
  const toml::node* found = file.get("source");
  if (found == nullptr) return sources;
  const toml::table* tables = found->as_table();
  if (tables == nullptr)
    return wrong("source in " + file_name + " must be tables such as [source.OUTAGES]");
  for (const auto& [key, value] : *tables) {
    const std::string id(key.str());
    const std::string place = "[source." + id + "] of " + file_name;
    const toml::table* table = value.as_table();
    if (table == nullptr) return wrong(place + " must be a table");
    Result<SourceOptions> options = read_source(*table, place);
    if (!options) return options.error();
    sources.emplace(id, *options);
  }
  return sources;
}

}  // namespace weir::cli
