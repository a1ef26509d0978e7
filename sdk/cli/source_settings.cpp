#include "source_settings.h"

#include "setting_values.h"

namespace weir::cli {
namespace {

std::string text_of(const toml::table& table, std::string_view name) {
  const toml::node_view node = table[name];
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  return node.value_or(std::string());
}

// Of a table whose values have been checked.
SourceSettings read_source(const toml::table& table) {
  SourceSettings settings;
  const auto duration = [&](std::string_view name) {
    return duration_of(text_of(table, name)).value_or(Milliseconds{0});
  };
  settings.pacing = {.weight = table["weight"].value_or(SourceOptions{}.weight),
                     .deadline = duration("deadline"),
                     .shortest = duration("shortest")};
  if (table.contains("first")) settings.push.first = first_publish_of(text_of(table, "first"));
  if (table.contains("max_deletes"))
    settings.push.max_deletes = read_deletes(text_of(table, "max_deletes"));
  return settings;
}

}  // namespace

std::map<std::string, SourceSettings> read_sources(const toml::table& org) {
  std::map<std::string, SourceSettings> sources;
  const toml::table* tables = org["source"].as_table();
  if (tables == nullptr) return sources;
  for (const auto& [key, value] : *tables) {
    if (const toml::table* table = value.as_table())
      sources.emplace(std::string(key.str()), read_source(*table));
  }
  return sources;
}

}  // namespace weir::cli
