// TableReader: reads the values of one checked table of weir.toml (settings_tree.h) by the names of
// their settings, and notes what is wrong with them in their place.
//
// It also gathers the fingerprint of what was read: the table as text, and the secrets and files
// that it names. For one thread.
#pragma once

#include <toml++/toml.h>
#include <weir/clock.h>
#include <weir/secret.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/finding.h"

namespace weir::daemon {

class TableReader {
 public:
  // `settings_file`: relative paths are from its folder. `place`: what messages call the table.
  TableReader(const toml::table& table, std::string place, std::string settings_file,
              std::vector<Finding>& findings);

  bool has(std::string_view name) const { return table_.contains(name); }
  bool is_sound(std::string_view name) const;
  // Whether nothing of the table, and of the tables within it, is a fault.
  bool is_wholly_sound() const;
  // Another table within this one; null when there is none.
  const toml::table* table(std::string_view name) const { return table_[name].as_table(); }
  const toml::table& whole() const { return table_; }
  const std::string& place() const { return place_; }
  const std::string& settings_file() const { return settings_file_; }

  std::string text(std::string_view name, std::string otherwise = "") const;
  std::optional<std::string> optional_text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::int64_t number(std::string_view name, std::int64_t otherwise) const;
  double any_number(std::string_view name, double otherwise) const;
  bool truth(std::string_view name, bool otherwise) const;
  Milliseconds duration(std::string_view name, Milliseconds otherwise) const;
  std::int64_t size(std::string_view name, std::int64_t otherwise) const;
  std::optional<TimePoint> moment(std::string_view name) const;
  std::string path(std::string_view name) const;
  // As path(), of a text that is elsewhere.
  std::string from_here(const std::string& path) const;
  // Empty when it is not set, and when it cannot be read, which is a fault.
  Secret secret(std::string_view name);
  Secret secret_named(std::string_view name, const std::string& file);

  // Of the table, or of one of its settings.
  Place where() const;
  Place where(std::string_view name) const;

  // What is wrong with this setting, or with the table as a whole.
  void fault(std::string_view name, const std::string& what);
  void fault(const std::string& what);
  // What may come right by itself.
  void warn(std::string_view name, const std::string& what);
  // Whether the file systems of a path of this setting answer, so that it can be looked at; that
  // they do not may come right by itself.
  bool answers(std::string_view name, const std::string& path);

  // Of what was read until now; `without` are tables that have fingerprints of their own.
  std::string fingerprint(const std::vector<std::string_view>& without = {}) const;

 private:
  void note(Finding::Level level, std::string_view name, const std::string& what);

  const toml::table& table_;
  const std::string place_;
  const std::string settings_file_;
  std::vector<Finding>& findings_;
  std::string named_;  // secrets, as digests
};

// A digest of the bytes, for comparing within this process.
std::string digest_of(std::string_view bytes);

}  // namespace weir::daemon
