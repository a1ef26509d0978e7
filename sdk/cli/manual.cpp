#include "manual.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

namespace weir::cli {
namespace {

// Of the version in sdk/cmake/version.h.in; a build's own date would make each build another.
constexpr const char* kDate = "2026-11-29";

// As text of a page: nothing in it is a request or an escape of the language.
std::string plain(const std::string& text) {
  std::string page;
  for (const char c : text) {
    if (c == '\\') {
      page += "\\e";
    } else if (c == '-') {
      page += "\\-";
    } else {
      page += c;
    }
  }
  if (!page.empty() && (page.front() == '.' || page.front() == '\'')) page.insert(0, "\\&");
  return page;
}

std::string bold(const std::string& text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + plain(text) + "\\fR"; }

std::string heading(const std::string& text) { return ".SH " + plain(text) + "\n"; }

std::string title(const std::string& name, const std::string& section, const std::string& version) {
  return ".TH " + name + " " + section + " " + kDate + " \"weir " + version + "\" \"Weir\"\n";
}

std::string term(const std::string& what, const std::string& meaning) {
  return ".TP\n" + what + "\n" + plain(meaning) + "\n";
}

// Lines that stay as they are, such as an example.
std::string as_it_stands(const std::string& text) {
  std::string page = ".nf\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    page += (line.empty() ? "\\&" : plain(line)) + "\n";
  return page + ".fi\n";
}

// What an option takes: its own name, or the words that it may be.
std::string value_of(const CLI::Option& option) {
  if (option.get_expected_max() == 0) return "";
  const std::string type = option.get_type_name();
  const std::size_t words = type.find('{');
  if (words != std::string::npos) {
    std::string choice = type.substr(words + 1, type.find('}') - words - 1);
    std::replace(choice.begin(), choice.end(), ',', '|');
    return choice;
  }
  std::string name = option.get_name();
  name.erase(0, name.find_first_not_of('-'));
  std::replace(name.begin(), name.end(), '-', '_');
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return name;
}

bool is_setting(const CLI::Option& option) { return option.get_group().starts_with("Settings"); }

std::string option_term(const CLI::Option& option) {
  std::string name = bold(option.get_name());
  if (const std::string value = value_of(option); !value.empty() && !option.get_positional())
    name += " " + italic(value);
  return term(name, option.get_description() + (option.get_required() ? " (required)" : ""));
}

std::string options_of(const CLI::App& command) {
  std::string page;
  for (const CLI::Option* option : command.get_options()) {
    if (!is_setting(*option) && option->get_name() != "--help") page += option_term(*option);
  }
  return page;
}

std::string settings_of(const CLI::App& command) {
  std::string names;
  for (const CLI::Option* option : command.get_options()) {
    if (is_setting(*option)) names += (names.empty() ? "" : ", ") + bold(option->get_name());
  }
  return names.empty() ? "" : ".PP\nSettings: " + names + ".\n";
}

std::string verb_page(const CLI::App& command, const std::string& name) {
  std::string page = ".SS " + plain(name) + "\n" + plain(command.get_description()) + ".\n";
  page += options_of(command) + settings_of(command);
  std::string footer = command.get_footer();
  footer.erase(0, footer.find_first_not_of('\n'));
  if (!footer.empty()) page += ".PP\n" + as_it_stands(footer);
  for (const CLI::App* sub : command.get_subcommands({}))
    page += verb_page(*sub, name + " " + sub->get_name());
  return page;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t begin = 2;
  for (std::size_t bar = line.find(" |", begin - 1); bar != std::string::npos;
       bar = line.find(" |", begin - 1)) {
    cells.push_back(bar < begin ? "" : line.substr(begin, bar - begin));
    begin = bar + 3;
  }
  return cells;
}

std::string without_marks(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
  return text;
}

// name, value, default, meaning, and for some flag and variable.
std::string setting_term(const std::vector<std::string>& cells, bool has_flags) {
  std::string meaning = without_marks(cells[3]) + ". Value: " + without_marks(cells[1]);
  if (!cells[2].empty()) meaning += "; default " + without_marks(cells[2]);
  if (has_flags && !cells[4].empty()) meaning += "; also " + without_marks(cells[4]);
  return term(bold(without_marks(cells[0])), meaning + ".");
}

}  // namespace

std::string command_manual(const CLI::App& app, const std::string& version) {
  std::string page = title("WEIR", "1", version) + heading("NAME") +
                     "weir \\- spends a daily budget of API calls where they matter most\n" +
                     heading("SYNOPSIS") + bold("weir") + " " + italic("command") + " [" +
                     italic("options") + "]\n" + heading("DESCRIPTION") +
                     "Weir keeps the rows of an organization's data sources on a mobile\\-forms "
                     "platform up to date within\nits calls of the day. Each command takes its "
                     "settings from flags, then from the environment, then from\n\\fBweir.toml\\fR "
                     "in the current folder. A setting is described in \\fBweir.toml\\fR(5).\n" +
                     heading("COMMANDS");
  for (const CLI::App* command : app.get_subcommands({}))
    page += verb_page(*command, "weir " + command->get_name());
  std::string footer = app.get_footer();
  footer.erase(0, std::min(footer.find("Exit codes"), footer.size()));
  page += heading("SETTINGS");
  for (const CLI::Option* option : app.get_options()) {
    if (is_setting(*option)) page += option_term(*option);
  }
  page += heading("EXIT STATUS") + as_it_stands(footer);
  page += heading("FILES") + term(bold("weir.toml"), "Settings, see weir.toml(5)");
  return page + heading("SEE ALSO") + "\\fBweir.toml\\fR(5)\n";
}

std::string settings_manual(const std::string& page, const std::string& version) {
  std::string manual = title("WEIR.TOML", "5", version) + heading("NAME") +
                       "weir.toml \\- settings of weir\n" + heading("DESCRIPTION");
  std::istringstream lines(page);
  bool has_flags = false;
  bool is_first = true;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      manual += heading(without_marks(line.substr(3)));
    } else if (line.starts_with("| name ")) {
      has_flags = line.find("flag, environment") != std::string::npos;
    } else if (line.starts_with("| `")) {
      const std::vector<std::string> cells = cells_of(line);
      if (cells.size() >= 5) manual += setting_term(cells, has_flags);
    } else if (!line.starts_with("# ") && !line.starts_with("| ---") && !line.empty()) {
      // The first sentence tells how the page of Markdown is made.
      if (!is_first) manual += plain(without_marks(line)) + "\n";
      is_first = false;
    }
  }
  return manual + heading("SEE ALSO") + "\\fBweir\\fR(1)\n";
}

}  // namespace weir::cli
