#include "settings_file.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "output/printable.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = 1024 * 1024;
constexpr const char* kNoGateway = " belongs to the gateway, which is not built yet; leave it out";

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

// What a shell or a program hands over without a name: /dev/stdin, /dev/fd/63, /proc/7/fd/4.
bool is_handed_over(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/");
}

// A terminal, a pipe of the shell and a plain file can be read; opening another fifo, in /dev/shm
// too, may wait for ever.
Result<void> check_file(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) {
    const int failure = errno;
    std::error_code unknown;
    const fs::path target = fs::read_symlink(path, unknown);
    if (failure == ENOENT && !unknown)
      return wrong("the settings file " + path + " points to " + printable(target.string()) +
                   ", which is not there");
    if (failure == ENOENT) return wrong("the settings file " + path + " does not exist");
    return wrong("the settings file " + path + " cannot be read: " + std::strerror(failure));
  }
  if (S_ISDIR(found.st_mode)) return wrong("the settings file " + path + " is a folder");
  const bool is_terminal = S_ISCHR(found.st_mode);
  if (!S_ISREG(found.st_mode) && !is_terminal && !is_handed_over(path))
    return wrong("the settings file " + path + " is no plain file");
  return {};
}

Result<std::string> read_text(const std::string& path) {
  if (Result<void> usable = check_file(path); !usable) return usable.error();
  std::ifstream file(path, std::ios::binary);
  if (!file) return wrong("the settings file " + path + " cannot be read: " + std::strerror(errno));
  std::string text(kLargest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargest)
    return wrong("the settings file " + path + " is larger than 1 MiB; is it another file?");
  return text;
}

// The parser's words without what it quotes of the line, which may hold the key.
std::string without_quotes(std::string_view description) {
  std::string text(description.substr(0, description.find(", saw ")));
  text = text.substr(0, text.find("; saw "));
  if (text.find("key") != std::string::npos) return text;
  std::size_t quote = text.find('\'');
  // A sign that is missing, such as ']', is none of the line.
  while (quote != std::string::npos && text.find('\'', quote + 1) == quote + 2)
    quote = text.find('\'', quote + 3);
  if (quote == std::string::npos) return text;
  return text.substr(0, text.find_last_not_of(" :,", quote - 1) + 1);
}

// Some editors write it without a mark; ASCII then has a zero byte in each letter.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
         text.substr(0, 2).find('\0') != std::string_view::npos;
}

// What the parser's words mean for whoever wrote the line.
const char* advice_on(std::string_view description) {
  const auto says = [&](std::string_view part) {
    return description.find(part) != std::string_view::npos;
  };
  if (says("utf-8")) return "; save it as UTF-8";
  if (says("cannot redefine")) return "; a name stands once, remove one of the two";
  if (says("not representable")) return "; the number is too large";
  if (says("expected day between") || says("expected month between"))
    return "; there is no such day";
  if (says("expected hour") || says("expected minute") || says("expected second"))
    return "; there is no such time";
  if (says("expected value, saw")) return "; write a value behind the =";
  for (const std::string_view kind :
       {"value:", "boolean", "integer", "floating-point", "time:", "date", "could not determine"}) {
    if (says(kind)) return "; texts need quotes, as in store = \"weir.db\"";
  }
  return "";
}

struct Home {
  SettingScope scope;
  std::string_view words;
};

constexpr std::array kHomes = {
    Home{SettingScope::kOrganization, "at the top, before the first [table]"},
    Home{SettingScope::kFile, "at the top, as a table of its own"},
    Home{SettingScope::kSource, "in [source.ID]"},
    Home{SettingScope::kFollow, "in follow of [source.ID]"},
    Home{SettingScope::kRule, "in [source.ID.sync]"},
    Home{SettingScope::kPoll, "in [poll.NAME]"},
    Home{SettingScope::kSync, "in [sync]"},
    Home{SettingScope::kDaemon, "in [daemon]"},
    Home{SettingScope::kNotify, "in [notify]"},
    Home{SettingScope::kService, "in [service] of the file of weir serve"},
    Home{SettingScope::kServed, "in [[source]] of the file of weir serve"}};

bool is_of_serve(SettingScope scope) {
  return scope == SettingScope::kService || scope == SettingScope::kServed;
}

// Where a name of another table belongs, in the same file if it is known there; empty when it is
// known nowhere.
std::string where_it_belongs(SettingScope here, std::string_view name) {
  if (name == "service" && !is_of_serve(here)) return "in the file of weir serve";
  std::string in_file;
  std::string in_other;
  for (const Home& home : kHomes) {
    if (find_setting(home.scope, name) == nullptr && find_sub_table(home.scope, name) == nullptr)
      continue;
    std::string& words = is_of_serve(home.scope) == is_of_serve(here) ? in_file : in_other;
    words += (words.empty() ? "" : " or ") + std::string(home.words);
  }
  if (in_file.empty() && !in_other.empty() && is_of_serve(here)) return "in weir.toml, " + in_other;
  return in_file.empty() ? in_other : in_file;
}

bool is_of_gateway(SettingScope scope, std::string_view name) {
  return (scope == SettingScope::kOrganization && name == "gateway") ||
         (scope == SettingScope::kSource && (name == "gateway" || name == "read_age"));
}

std::string in_place(const std::string& place) { return place.empty() ? "" : " in " + place; }

// "[source.OUTAGES]" within "", "[org.acme.source.OUTAGES]" within "[org.acme]".
std::string place_within(const std::string& place, const std::string& name) {
  if (place.empty()) return "[" + name + "]";
  return place.substr(0, place.size() - 1) + "." + name + "]";
}

void check_sub_table(const toml::key& key, const toml::node& value, const SubTable& sub,
                     const std::string& place, std::vector<Finding>& findings) {
  const std::string name(key.str());
  const toml::table* table = value.as_table();
  if (table == nullptr) {
    findings.push_back(finding_at(
        value.source(),
        name + in_place(place) +
            (sub.is_named ? " must be tables such as [" + name + ".NAME]" : " must be a table")));
    return;
  }
  if (!sub.is_named) return check_table(*table, sub.scope, place_within(place, name), findings);
  for (const auto& [child, node] : *table) {
    const std::string inner = place_within(place, name + "." + std::string(child.str()));
    const bool has_name = child.str().find_first_not_of(' ') != std::string_view::npos;
    if (!has_name || text_problem(child.str())) {
      findings.push_back(finding_at(child.source(), printable(inner) + " has no usable name"));
    } else if (const toml::table* named = node.as_table()) {
      check_table(*named, sub.scope, inner, findings);
    } else {
      findings.push_back(finding_at(node.source(), inner + " must be a table"));
    }
  }
}

}  // namespace

Finding finding_at(const toml::source_region& place, std::string text) {
  return {.file = place.path ? *place.path : "",
          .line = place.begin.line,
          .column = place.begin.column,
          .text = std::move(text)};
}

Error as_error(const Finding& finding) { return wrong(daemon::shown(finding)); }

ParsedFile parse_settings(const std::string& path) {
  const Result<std::string> text = read_text(path);
  if (!text) return Finding{.file = path, .text = text.error().message};
  if (is_utf16(*text))
    return Finding{.file = path, .line = 1, .column = 1, .text = "is UTF-16; save it as UTF-8"};
  try {
    return toml::parse(*text, path);
  } catch (const toml::parse_error& problem) {
    return Finding{.file = path,
                   .line = problem.source().begin.line,
                   .column = problem.source().begin.column,
                   .text = "not valid TOML: " + without_quotes(problem.description()) +
                           advice_on(problem.description())};
  }
}

Result<toml::table> read_toml(const std::string& path) {
  ParsedFile parsed = parse_settings(path);
  if (Finding* problem = std::get_if<Finding>(&parsed))
    return problem->line > 0 ? as_error(*problem) : wrong(problem->text);
  return std::get<toml::table>(std::move(parsed));
}

Finding unknown_setting(const toml::key& key, SettingScope scope,
                        std::span<const std::string_view> known, const std::string& place) {
  const std::string meant = did_you_mean(key.str(), known);
  const std::string home = where_it_belongs(scope, key.str());
  const std::string belongs = meant.empty() ? "; it belongs " : " As it stands, it belongs ";
  return finding_at(key.source(), printable(std::string(key.str())) + in_place(place) +
                                      " is not a setting" + meant +
                                      (home.empty() ? "" : belongs + home));
}

void check_setting(const toml::key& key, const toml::node& value, SettingScope scope,
                   const std::string& place, std::span<const std::string_view> known,
                   std::vector<Finding>& findings) {
  const std::string where = std::string(key.str()) + in_place(place);
  if (const SubTable* sub = find_sub_table(scope, key.str())) {
    check_sub_table(key, value, *sub, place, findings);
  } else if (const Setting* setting = find_setting(scope, key.str())) {
    if (const auto problem = value_problem(*setting, value))
      findings.push_back(finding_at(value.source(), where + " " + *problem));
  } else if (is_of_gateway(scope, key.str())) {
    findings.push_back(finding_at(key.source(), where + kNoGateway));
  } else {
    findings.push_back(unknown_setting(key, scope, known, place));
  }
}

void check_table(const toml::table& table, SettingScope scope, const std::string& place,
                 std::vector<Finding>& findings) {
  const std::vector<std::string_view> known = names_of(scope);
  for (const auto& [key, value] : table) check_setting(key, value, scope, place, known, findings);
}

Result<void> check_settings(const toml::table& table, SettingScope scope,
                            const std::string& place) {
  std::vector<Finding> findings;
  check_table(table, scope, place, findings);
  if (findings.empty()) return {};
  return as_error(findings.front());
}

std::string from_folder_of(const std::string& file, const std::string& path) {
  if (path.empty() || path.find("://") != std::string::npos || fs::path(path).is_absolute())
    return path;
  return (fs::path(file).parent_path() / path).string();
}

std::string absolute_path(const std::string& path) {
  std::error_code unknown;
  const fs::path whole = path.empty() ? fs::path() : fs::absolute(path, unknown);
  return (unknown ? fs::path(path) : whole).lexically_normal().string();
}

bool others_may_read(const std::string& path) {
  struct stat found = {};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 077) != 0;
}

}  // namespace weir::cli
