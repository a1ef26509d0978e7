#include "help.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "flag_checks.h"
#include "output/printable.h"
#include "output/screen.h"
#include "setting_table.h"
#include "settings_file.h"

namespace weir::cli {
namespace {

constexpr std::size_t kWidthElsewhere = 80;
constexpr std::size_t kDescriptionColumn = 30;

// Where the words after the name of an option or verb begin, to go on below them.
std::size_t hanging(const std::string& line, std::size_t width) {
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return 0;
  const std::size_t gap = line.find("  ", first);
  const std::size_t words = gap == std::string::npos ? gap : line.find_first_not_of(' ', gap);
  const std::size_t column = words == std::string::npos ? first : words;
  return column + column / 2 > width ? std::min(first + 2, width / 2) : column;
}

void add_wrapped(std::string& text, std::string line, std::size_t width) {
  const std::size_t column = hanging(line, width);
  while (line.size() > width) {
    std::size_t end = line.rfind(' ', width);
    if (end == std::string::npos || end <= column) end = line.find(' ', column + 1);
    if (end == std::string::npos) break;
    text += line.substr(0, line.find_last_not_of(' ', end) + 1) + "\n";
    const std::size_t next = line.find_first_not_of(' ', end);
    if (next == std::string::npos) return;
    line = std::string(column, ' ') + line.substr(next);
  }
  text += line + "\n";
}

std::map<std::string_view, std::optional<std::string> SettingFlags::*> flag_members() {
  return {{"url", &SettingFlags::url},
          {"company_id", &SettingFlags::company_id},
          {"time_zone", &SettingFlags::time_zone},
          {"store", &SettingFlags::store},
          {"calls_per_day", &SettingFlags::calls_per_day},
          {"max_connections", &SettingFlags::max_connections},
          {"ca_file", &SettingFlags::ca_file}};
}

std::string description(const Setting& setting) {
  std::string text(setting.sentence);
  if (!setting.otherwise.empty()) text += "; default " + std::string(setting.otherwise);
  return text;
}

// The first word that is neither a flag nor the value of one.
int verb_position(const CLI::App& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.empty() || word.front() != '-') return i;
    const CLI::Option* option = app.get_option_no_throw(word);
    if (option != nullptr && option->get_expected_max() > 0 && word.find('=') == std::string::npos)
      ++i;
  }
  return argc;
}

// What follows a verb in `weir help outbox retry`: a verb of its own, or nothing.
std::string strange_after(const CLI::App& app, const std::string& verb,
                          const std::vector<std::string>& words, std::size_t position) {
  if (position >= words.size() || words[position].starts_with('-')) return "";
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommand(verb)->get_subcommands({}))
    names.push_back(verb + " " + sub->get_name());
  const std::string asked = verb + " " + words[position];
  if (std::find(names.begin(), names.end(), asked) != names.end()) return "";
  const std::vector<std::string_view> known(names.begin(), names.end());
  return "there is no command '" + printable(asked) + "'" + did_you_mean(asked, known) +
         (nearest(asked, known) ? "" : "; weir help " + verb + " tells more");
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t width) {
  std::string result;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) add_wrapped(result, line, width);
  return result;
}

std::size_t help_width() {
  if (::isatty(STDOUT_FILENO) == 0) return kWidthElsewhere;
  return static_cast<std::size_t>(std::clamp(screen_size().columns, 40, 100));
}

void add_setting_flags(CLI::App& command, SettingFlags& flags,
                       std::span<const std::string_view> names) {
  const char* group = "Settings (flag, then environment, then weir.toml; weir help settings)";
  const auto members = flag_members();
  command.get_formatter()->column_width(kDescriptionColumn);
  for (const std::string_view name : names) {
    const Setting& setting = *find_setting(SettingScope::kOrganization, name);
    command.add_option(flag_of(name), flags.*members.at(name), description(setting))
        ->type_name("")
        ->group(group);
    if (name == "url")
      command.add_option("--key-file", flags.key_file, "File with the integration key, mode 0600")
          ->check(not_empty())
          ->type_name("")
          ->group(group);
  }
  command.add_option("--config", flags.config, "Settings file, default weir.toml")
      ->check(not_empty())
      ->type_name("")
      ->group(group);
  command
      .add_option("--org", flags.org,
                  "Organization, in a weir.toml of several: its NAME of [org.NAME]")
      ->type_name("")
      ->group(group);
  command.add_flag("--verbose", flags.verbose, "Log each call on standard error")->group(group);
}

bool is_topic(const std::string& word) {
  return word == kSettingsTopic || word == kManualTopic || word == kSettingsManualTopic;
}

std::vector<std::string> arguments_meant(const CLI::App& app, int argc, char** argv,
                                         std::string& problem) {
  std::vector<std::string> words(argv + 1, argv + argc);
  std::vector<std::string> verbs = {"help", "version"};
  for (const CLI::App* command : app.get_subcommands({})) verbs.push_back(command->get_name());
  const int position = verb_position(app, argc, argv);
  if (position == argc) return words;
  const std::string verb = argv[position];
  if (verb == "version") return {"--version"};
  if (verb == "help") {
    words.erase(words.begin() + position - 1);
    words.emplace_back("--help");
    if (words.size() == 1 || position == argc - 1) return {"--help"};
    const std::string topic = words[static_cast<std::size_t>(position) - 1];
    if (is_topic(topic)) return {topic};
    if (topic == "help" || topic == "version") return {"--help"};
    if (std::find(verbs.begin(), verbs.end(), topic) == verbs.end()) {
      problem = topic;
    } else {
      problem = strange_after(app, topic, words, static_cast<std::size_t>(position));
      if (problem.empty()) return words;
      return {};
    }
  } else if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) {
    problem = verb;
  }
  if (problem.empty()) return words;
  const std::vector<std::string_view> known(verbs.begin(), verbs.end());
  problem = "there is no command '" + printable(problem) + "'" + did_you_mean(problem, known) +
            (nearest(problem, known) ? "" : "; weir help lists them");
  return {};
}

std::string name_problem(const std::string& text) {
  if (text.find_first_not_of(' ') == std::string::npos) return "is empty; is a variable not set?";
  if (text.starts_with(' ') || text.ends_with(' ')) return "has a blank around it";
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return has_control ? text_problem(text).value_or("") : "";
}

}  // namespace weir::cli
