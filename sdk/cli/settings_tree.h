// SettingsTree: weir.toml together with the files that it includes, for every verb: one tree of
// tables, with the values of environment variables put in and all names, types and ranges checked.
//
// A file is of one organization, whose keys stand at the top, or of several, each in [org.NAME].
// Not thread-safe while it is read; a plain value afterwards.
#pragma once

#include <toml++/toml.h>
#include <weir/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings_file.h"

namespace weir::cli {

struct SettingsTree {
  std::string file = {};  // weir.toml, as it was named
  toml::table root = {};
  std::vector<Finding> findings = {};  // in the order of files and lines

  bool has_several() const { return root.contains("org"); }
  // Of the organizations; one empty name for a file of one.
  std::vector<std::string> org_names() const;
  // The organization of this name; empty where the file is of one. Without a name the file must be
  // of one. kInvalidConfig says which ones there are.
  Result<const toml::table*> org(const std::optional<std::string>& name) const;
  // A table at the top; an empty one when there is none.
  const toml::table& top_table(std::string_view name) const;
  // The folder that a relative `store` is from.
  std::string store_folder() const;
};

// What is wrong is among the findings. A file that is not there is a finding too.
SettingsTree read_settings_tree(const std::string& path);

// The first fault, and how many more there are; empty when there is none.
std::optional<Error> first_fault(const std::vector<Finding>& findings);

}  // namespace weir::cli
