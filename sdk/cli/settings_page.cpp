// The reference page that is made from the table of settings.
#include "setting_table.h"

namespace weir::cli {
namespace {

using enum SettingScope;
using enum SettingType;

std::string shown_range_of(const Setting& setting) {
  switch (setting.type) {
    case kText:
    case kQuery:
    case kSecret:
      return "text";
    case kPath:
      return "path";
    case kStore:
      return "path or address";
    case kTexts:
      return "text, or list of texts";
    case kWhole:
      return setting.most == INT64_MAX
                 ? "whole number, at least " + std::to_string(setting.least)
                 : std::to_string(setting.least) + " to " + std::to_string(setting.most);
    case kPositive:
      return "number above 0, at most 1e15";
    case kTruth:
      return "true or false";
    case kDuration:
      return R"(duration: "500ms", "90s", "15m", "2h", "1d")";
    case kChoice: {
      std::string words = "\"" + std::string(setting.words) + "\"";
      for (std::size_t at = words.rfind(' '); at != std::string::npos; at = words.rfind(' ', at))
        words.replace(at, 1, "\" or \"");
      return words;
    }
    case kSecretFile:
      return "name of a file of mode 0600, or exec:PROGRAM";
    case kCommand:
      return "list of texts";
    case kSize:
      return R"(size: "64KiB", "128MiB")";
    case kRotation:
      return "duration or size";
    case kShare:
      return "share: \"80%\"";
    case kTimes:
      return "time of day, or list: \"06:00\"";
    case kMoment:
      return "date, time and zone";
    case kDeletes:
      break;
  }
  return "whole number, or share in percent";
}

void add_lines(std::string& page, SettingScope scope) {
  const bool has_flags = scope == kOrganization;
  page += has_flags ? "| name | value | default | meaning | flag, environment | since |\n"
                      "| --- | --- | --- | --- | --- | --- |\n"
                    : "| name | value | default | meaning | since |\n"
                      "| --- | --- | --- | --- | --- |\n";
  for (const Setting& setting : all_settings()) {
    if (setting.scope != scope) continue;
    page += "| `" + std::string(setting.name) + "` | " + shown_range_of(setting) + " | " +
            std::string(setting.otherwise) + " | " + std::string(setting.sentence) + " | ";
    if (has_flags && setting.has_flag)
      page += "`" + flag_of(setting.name) + "`, `" + variable_of(setting.name) + "` ";
    if (has_flags && setting.name == "integration_key_file") page += "`--key-file` ";
    if (has_flags && setting.name == "integration_key") page += "`WEIR_INTEGRATION_KEY` ";
    if (has_flags) page += "| ";
    page += std::string(setting.since) + " |\n";
  }
}

}  // namespace

std::string settings_page() {
  std::string page =
      "# Settings\n\n"
      "This page is made by `weir help settings` from the table that the command reads its "
      "settings by.\n\n"
      "A flag comes before the environment, the environment before `weir.toml` in the current "
      "folder (or `--config FILE`),\nand that before the default. A name that is not known is an "
      "error. Paths in a file are from the folder of that file;\npaths in flags and in the "
      "environment are from the current folder. Texts may not have control characters in "
      "them,\nnor blanks or quotes around them, except in `query`, `insert` and `command`. "
      "Durations are at most `\"366d\"`, and sizes at most\n`\"1048576GiB\"`. The integration key "
      "is never a flag, since flags show in the process list.\n\n"
      "A file of several organizations has the keys of each in `[org.NAME]`, "
      "`[org.NAME.source.ID]` and so on; every verb\nthen takes `--org NAME`. A relative `store` "
      "is "
      "from `state_directory` where that is set. `${VARIABLE}` in a value of `weir.toml`\ncomes "
      "from the environment, but not in `query` and `insert`; `$$` is a dollar sign. The file of "
      "weir serve has neither.\n\n"
      "## weir.toml: the organization\n\n";
  add_lines(page, kOrganization);
  page += "\n## weir.toml: one data source, `[source.ID]`\n\n";
  add_lines(page, kSource);
  page += "\n## weir.toml: rows that are followed, `follow` of a query\n\n";
  add_lines(page, kFollow);
  page +=
      "\n## weir.toml: the rows for Platform Sync, `[source.ID.sync]` or `[sync.source.ID]`\n\n";
  add_lines(page, kRule);
  page += "\n## weir.toml: one poll, `[poll.NAME]`\n\n";
  add_lines(page, kPoll);
  page += "\n## weir.toml: Platform Sync, `[sync]`\n\n";
  add_lines(page, kSync);
  page += "\n## weir.toml: the daemon, `[daemon]`\n\n";
  add_lines(page, kDaemon);
  page += "\n## weir.toml: who is told of trouble, `[notify]`\n\n";
  add_lines(page, kNotify);
  page += "\n## The file of weir serve: `[service]`\n\n";
  add_lines(page, SettingScope::kService);
  page += "\n## The file of weir serve: each `[[source]]`\n\n";
  add_lines(page, kServed);
  return page;
}

}  // namespace weir::cli
