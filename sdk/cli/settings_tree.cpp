#include "settings_tree.h"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <tuple>
#include <utility>

#include "output/printable.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

std::string place_of(const toml::source_region& region) {
  return (region.path ? *region.path : std::string()) + ":" + std::to_string(region.begin.line);
}

// Whether a ${ has no }.
bool has_open_brace(const std::string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text.compare(i, 2, "$$") == 0) {
      ++i;
    } else if (text.compare(i, 2, "${") == 0) {
      i = text.find('}', i);
      if (i == std::string::npos) return true;
    }
  }
  return false;
}

// ${VARIABLE} and $$ of one text; `unset` gets the names that have no value.
std::string expanded(const std::string& text, std::set<std::string>& unset) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text.find('}', i);
    if (text.compare(i, 2, "$$") == 0) {
      result += '$';
      ++i;
    } else if (text.compare(i, 2, "${") == 0 && end != std::string::npos) {
      const std::string name = text.substr(i + 2, end - i - 2);
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) unset.insert(name);
      result += value != nullptr ? value : "";
      i = end;
    } else {
      result += text[i];
    }
  }
  return result;
}

// In SQL a dollar sign has meanings of its own.
bool is_sql(std::string_view key) { return key == "query" || key == "insert"; }

// Of the folder that glob() found last; it hands on nothing else.
thread_local int unreadable_because = 0;

class Reader {
 public:
  explicit Reader(std::string path) { tree_.file = std::move(path); }

  SettingsTree read() && {
    if (!take(tree_.file, tree_.root)) return std::move(tree_);
    include_others();
    expand(tree_.root);
    check();
    std::sort(tree_.findings.begin(), tree_.findings.end(), [](const auto& one, const auto& other) {
      return std::tie(one.file, one.line, one.column) <
             std::tie(other.file, other.line, other.column);
    });
    return std::move(tree_);
  }

 private:
  void fault(const toml::source_region& place, std::string text) {
    tree_.findings.push_back(finding_at(place, std::move(text)));
  }

  bool take(const std::string& path, toml::table& target) {
    ParsedFile parsed = parse_settings(path);
    if (Finding* problem = std::get_if<Finding>(&parsed)) {
      tree_.findings.push_back(std::move(*problem));
      return false;
    }
    target = std::get<toml::table>(std::move(parsed));
    check_privacy(path, target);
    return true;
  }

  // A file with a key in it is for its owner alone.
  void check_privacy(const std::string& path, const toml::table& table) {
    const toml::node* key = table.get("integration_key");
    if (const toml::table* orgs = table["org"].as_table()) {
      for (const auto& [name, org] : *orgs) {
        if (org.is_table() && key == nullptr) key = org.as_table()->get("integration_key");
      }
    }
    if (key == nullptr || !others_may_read(path)) return;
    fault(key->source(), "other users may read " + path +
                             ", which holds the integration key. Run: chmod 600 " + path);
  }

  void include_others() {
    const toml::node* include =
        tree_.root["daemon"].is_table() ? tree_.root["daemon"].as_table()->get("include") : nullptr;
    if (include == nullptr) return;
    // A file is one, however it is spelled, and the file itself is read already.
    std::set<std::string> seen = {real_path(tree_.file)};
    for (const std::string& pattern : texts_in(*include)) {
      if (pattern.empty()) {
        fault(include->source(),
              "include must name a file, or be a pattern such as sources/*.toml");
        continue;
      }
      const std::optional<std::vector<std::string>> paths = matching(pattern);
      if (!paths) {
        fault(include->source(),
              "include has " + printable(pattern) +
                  ", but a folder of it cannot be read: " + std::strerror(unreadable_because));
        continue;
      }
      if (paths->empty()) tell_of_none(include->source(), pattern);
      for (const std::string& path : *paths) {
        toml::table more;
        if (!seen.insert(real_path(path)).second || !take(path, more)) continue;
        if (const auto nested = more["daemon"]["include"]; nested.node() != nullptr)
          fault(nested.node()->source(), "an included file includes no others");
        merge(tree_.root, std::move(more), "");
      }
    }
  }

  // A single file that is missing is a mistake; those of a pattern may come later.
  void tell_of_none(const toml::source_region& place, const std::string& pattern) {
    const bool is_pattern = pattern.find_first_of("*?[") != std::string::npos;
    fault(place, is_pattern ? "include has " + printable(pattern) +
                                  ", which no file matches; correct it, unless files come later"
                            : "include names " + printable(from_folder_of(tree_.file, pattern)) +
                                  ", which is not there; correct the name, or leave it out");
    if (is_pattern) tree_.findings.back().level = Finding::Level::kWarning;
  }

  static std::string real_path(const std::string& path) {
    std::error_code unknown;
    const fs::path real = fs::weakly_canonical(path, unknown);
    return unknown ? path : real.string();
  }

  // In the order of their names; nothing where a folder that is there cannot be read.
  std::optional<std::vector<std::string>> matching(const std::string& pattern) const {
    const auto is_unreadable = [](const char*, int reason) {
      unreadable_because = reason;
      return int{reason != ENOENT};
    };
    std::vector<std::string> paths;
    glob_t found = {};
    const int end = ::glob(from_folder_of(tree_.file, pattern).c_str(), 0, is_unreadable, &found);
    if (end == GLOB_ABORTED) {
      ::globfree(&found);
      return std::nullopt;
    }
    if (end == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return paths;
  }

  void merge(toml::table& base, toml::table&& more, const std::string& place) {
    for (auto&& [key, node] : std::move(more)) {
      toml::node* there = base.get(key.str());
      if (there != nullptr && there->is_table() && node.is_table()) {
        merge(*there->as_table(), std::move(*node.as_table()),
              (place.empty() ? "" : place + ".") + std::string(key.str()));
      } else if (there != nullptr) {
        fault(key.source(), printable(std::string(key.str())) +
                                (place.empty() ? "" : " in [" + place + "]") +
                                " is set twice; the other place is " + place_of(there->source()));
      } else {
        // A copy would forget its place in the file.
        node.visit([&, &name = key](auto& value) { base.insert(name, std::move(value)); });
      }
    }
  }

  void expand(toml::table& table) {
    for (auto&& [key, node] : table) {
      if (!is_sql(key.str())) expand(node, std::string(key.str()));
    }
  }

  void expand(toml::node& node, const std::string& key) {
    if (toml::table* table = node.as_table()) return expand(*table);
    if (toml::array* list = node.as_array()) {
      for (toml::node& item : *list) expand(item, key);
      return;
    }
    toml::value<std::string>* text = node.as_string();
    if (text == nullptr || text->get().find('$') == std::string::npos) return;
    if (has_open_brace(text->get()))
      return fault(node.source(), key + " has ${ without }; a dollar sign itself is $$");
    std::set<std::string> unset;
    text->get() = expanded(text->get(), unset);
    for (const std::string& name : unset)
      fault(node.source(), key + " names the environment variable " + printable(name) +
                               ", which is not set; a dollar sign itself is $$");
  }

  void check() {
    std::vector<std::string_view> known = names_of(SettingScope::kOrganization);
    for (const std::string_view name : names_of(SettingScope::kFile)) known.push_back(name);
    known.emplace_back("org");
    for (const auto& [key, node] : tree_.root) {
      const bool is_of_file = find_sub_table(SettingScope::kFile, key.str()) != nullptr;
      if (key.str() == "org") {
        check_orgs(node);
      } else if (is_of_file) {
        check_setting(key, node, SettingScope::kFile, "", known, tree_.findings);
      } else if (tree_.has_several() && is_of_org(key.str())) {
        fault(key.source(), std::string(key.str()) +
                                " stands at the top, but this file is of several organizations; "
                                "move it into [org.NAME]");
      } else {
        check_setting(key, node, SettingScope::kOrganization, "", known, tree_.findings);
      }
    }
  }

  static bool is_of_org(std::string_view name) {
    return find_setting(SettingScope::kOrganization, name) != nullptr ||
           find_sub_table(SettingScope::kOrganization, name) != nullptr;
  }

  void check_orgs(const toml::node& node) {
    const toml::table* orgs = node.as_table();
    if (orgs == nullptr || orgs->empty())
      return fault(node.source(), "org must be tables such as [org.acme]");
    for (const auto& [key, org] : *orgs) {
      const std::string name(key.str());
      const bool is_plain = !name.empty() && name != "." && name != ".." &&
                            name.find_first_not_of(
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                                "WXYZ0123456789_-.") == std::string::npos;
      if (!is_plain)
        fault(key.source(),
              "the name of an organization has letters, digits, -, _ and . only, and is neither . "
              "nor .., since it is a part of addresses: [org." +
                  printable(name) + "]");
      if (const toml::table* table = org.as_table()) {
        check_table(*table, SettingScope::kOrganization, "[org." + printable(name) + "]",
                    tree_.findings);
      } else if (is_of_org(name)) {
        fault(key.source(), name +
                                " in [org] belongs at the top, before the first [table]; the "
                                "tables of several organizations are called [org.NAME]");
      } else {
        fault(org.source(), "[org." + printable(name) + "] must be a table");
      }
    }
  }

  SettingsTree tree_;
};

}  // namespace

std::vector<std::string> SettingsTree::org_names() const {
  if (!has_several()) return {""};
  std::vector<std::string> names;
  if (const toml::table* orgs = root["org"].as_table()) {
    for (const auto& [key, node] : *orgs) names.emplace_back(key.str());
  }
  return names;
}

Result<const toml::table*> SettingsTree::org(const std::optional<std::string>& name) const {
  const auto wrong = [](const std::string& message) {
    return Error{.code = ErrorCode::kInvalidConfig, .message = message};
  };
  if (!has_several()) {
    if (!name || name->empty()) return &root;
    return wrong(file + " is of one organization, which has no name; leave out --org");
  }
  std::string names;
  for (const std::string& known : org_names()) names += (names.empty() ? "" : ", ") + known;
  if (!name || name->empty())
    return wrong(file + " is of several organizations; say which with --org NAME: " + names);
  const toml::table* found = root["org"][*name].as_table();
  if (found == nullptr)
    return wrong(file + " has no organization " + printable(*name) + "; it has: " + names);
  return found;
}

const toml::table& SettingsTree::top_table(std::string_view name) const {
  static const toml::table kNothing;
  const toml::table* found = root[name].as_table();
  return found != nullptr ? *found : kNothing;
}

std::string SettingsTree::store_folder() const {
  const std::string state = root["daemon"]["state_directory"].value_or(std::string());
  return state.empty() ? fs::path(file).parent_path().string() : from_folder_of(file, state);
}

SettingsTree read_settings_tree(const std::string& path) { return Reader(path).read(); }

std::optional<Error> first_fault(const std::vector<Finding>& findings) {
  const auto is_fault = [](const Finding& finding) {
    return finding.level == Finding::Level::kFault;
  };
  const auto first = std::find_if(findings.begin(), findings.end(), is_fault);
  if (first == findings.end()) return std::nullopt;
  const auto count = std::count_if(findings.begin(), findings.end(), is_fault);
  Error error = as_error(*first);
  if (first->line == 0) error.message = first->text;
  if (count > 1)
    error.message += " (and " + std::to_string(count - 1) + " more; weir check lists them)";
  return error;
}

}  // namespace weir::cli
