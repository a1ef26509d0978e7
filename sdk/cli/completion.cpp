#include "completion.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "flag_checks.h"

namespace weir::cli {
namespace {

// A verb, or a verb and the verb below it.
struct Node {
  std::string path;  // "push", "outbox list"; empty: the command itself
  const CLI::App* app;
};

std::vector<Node> nodes(const CLI::App& app) {
  std::vector<Node> all = {{"", &app}};
  for (const CLI::App* verb : app.get_subcommands({})) {
    all.push_back({verb->get_name(), verb});
    for (const CLI::App* sub : verb->get_subcommands({}))
      all.push_back({verb->get_name() + " " + sub->get_name(), sub});
  }
  return all;
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

std::vector<const CLI::Option*> flags_of(const CLI::App& app) {
  std::vector<const CLI::Option*> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) flags.push_back(option);
  }
  return flags;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// The words that an option may take; empty: any text.
std::vector<std::string> choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{');
  std::vector<std::string> words;
  if (begin == std::string::npos) return words;
  std::string word;
  for (std::size_t i = begin + 1; i < type.size() && type[i] != '}'; ++i) {
    if (type[i] == ',') {
      words.push_back(std::exchange(word, {}));
    } else {
      word += type[i];
    }
  }
  words.push_back(word);
  return words;
}

// A verb without flags of a value, such as completion itself, offers the words of its argument.
std::vector<std::string> arguments_of(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() && !choices(*option).empty()) return choices(*option);
  }
  return {};
}

std::vector<std::string> offered(const CLI::App& app) {
  std::vector<std::string> words = verbs_of(app);
  for (const std::string& word : arguments_of(app)) words.push_back(word);
  for (const CLI::Option* flag : flags_of(app)) words.push_back(flag->get_name());
  return words;
}

// Of all flags that `fits`, each once.
template <class Fits>
std::vector<const CLI::Option*> flags_that(const CLI::App& app, Fits fits) {
  std::vector<const CLI::Option*> flags;
  for (const Node& node : nodes(app)) {
    for (const CLI::Option* flag : flags_of(*node.app)) {
      const bool is_there = std::any_of(flags.begin(), flags.end(), [&](const CLI::Option* other) {
        return other->get_name() == flag->get_name();
      });
      if (!is_there && fits(*flag)) flags.push_back(flag);
    }
  }
  return flags;
}

// The branches of a `case` of the shell: what follows a flag, what follows a verb.
std::string verb_branches(const CLI::App& app, const std::string& name,
                          std::vector<std::string> (*words)(const CLI::App&)) {
  std::string branches;
  for (const Node& node : nodes(app)) {
    const std::vector<std::string> offers = words(*node.app);
    if (!offers.empty())
      branches += "      '" + node.path + "') " + name + "='" + joined(offers) + "' ;;\n";
  }
  return branches;
}

std::string flag_branches(const CLI::App& app) {
  std::string branches;
  const auto has_choices = [](const CLI::Option& flag) { return !choices(flag).empty(); };
  for (const CLI::Option* flag : flags_that(app, has_choices))
    branches += "    " + flag->get_name() + ") offers='" + joined(choices(*flag)) + "' ;;\n";
  std::string names;
  const auto takes_text = [](const CLI::Option& flag) {
    return flag.get_expected_max() > 0 && choices(flag).empty();
  };
  for (const CLI::Option* flag : flags_that(app, takes_text))
    names += (names.empty() ? "" : " | ") + flag->get_name();
  return branches + "    " + names + ") offers='' ;;\n";
}

std::string bash(const CLI::App& app) {
  return "# Completion of weir for bash, made by `weir completion bash`.\n"
         "_weir() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" verb='' verbs offers='' i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    verbs=''\n"
         "    case \"$verb\" in\n" +
         verb_branches(app, "verbs", &verbs_of) +
         "    esac\n"
         "    if [[ \" $verbs \" == *\" ${COMP_WORDS[i]} \"* ]]; then\n"
         "      verb=\"${verb:+$verb }${COMP_WORDS[i]}\"\n"
         "    fi\n"
         "  done\n"
         "  case \"${COMP_WORDS[COMP_CWORD - 1]}\" in\n" +
         flag_branches(app) + "    *)\n      case \"$verb\" in\n" +
         verb_branches(app, "offers", &offered) +
         "      esac ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$offers\" -- \"$word\")\n"
         "}\n"
         "complete -o default -F _weir weir\n";
}

std::string zsh(const CLI::App& app) {
  return "#compdef weir\n# Completion of weir for zsh, made by `weir completion zsh`.\n"
         "_weir() {\n"
         "  local verb='' verbs offers='' i\n"
         "  for ((i = 2; i < CURRENT; ++i)); do\n"
         "    verbs=''\n"
         "    case \"$verb\" in\n" +
         verb_branches(app, "verbs", &verbs_of) +
         "    esac\n"
         "    if [[ \" $verbs \" == *\" ${words[i]} \"* ]]; then\n"
         "      verb=\"${verb:+$verb }${words[i]}\"\n"
         "    fi\n"
         "  done\n"
         "  case \"${words[CURRENT - 1]}\" in\n" +
         flag_branches(app) + "    *)\n      case \"$verb\" in\n" +
         verb_branches(app, "offers", &offered) +
         "      esac ;;\n"
         "  esac\n"
         "  compadd -- ${=offers}\n"
         "  [[ \"${words[CURRENT]}\" == -* ]] || _files\n"
         "}\n"
         "if [[ \"${funcstack[1]}\" == _weir ]]; then _weir \"$@\"; else compdef _weir weir; fi\n";
}

std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string fish(const CLI::App& app) {
  std::string script = "# Completion of weir for fish, made by `weir completion fish`.\n";
  for (const Node& node : nodes(app)) {
    const std::vector<std::string> below = verbs_of(*node.app);
    std::string condition = "__fish_use_subcommand";
    if (!node.path.empty()) {
      condition = "__fish_seen_subcommand_from " + node.path.substr(node.path.rfind(' ') + 1);
    }
    for (const CLI::App* verb : node.app->get_subcommands({})) {
      const std::string not_yet =
          node.path.empty() ? condition
                            : condition + "; and not __fish_seen_subcommand_from " + joined(below);
      script += "complete -c weir -f -n " + in_quotes(not_yet) + " -a " +
                in_quotes(verb->get_name()) + " -d " + in_quotes(verb->get_description()) + "\n";
    }
    for (const std::string& word : arguments_of(*node.app))
      script += "complete -c weir -f -n " + in_quotes(condition) + " -a " + in_quotes(word) + "\n";
    for (const CLI::Option* flag : flags_of(*node.app)) {
      script += "complete -c weir -n " + in_quotes(condition) + " -l " +
                in_quotes(flag->get_name().substr(2)) + " -d " + in_quotes(flag->get_description());
      if (const std::vector<std::string> words = choices(*flag); !words.empty()) {
        script += " -x -a " + in_quotes(joined(words));
      } else if (flag->get_expected_max() > 0) {
        script += " -r";
      }
      script += "\n";
    }
  }
  return script;
}

}  // namespace

CLI::App& add_completion(CLI::App& app, std::string& shell) {
  CLI::App& command = *app.add_subcommand("completion", "Print the completion script of a shell");
  command.add_option("shell", shell, "bash, zsh or fish")
      ->required()
      ->check(one_of(std::vector<std::string>(kShells.begin(), kShells.end())));
  command.footer("\nExample:\n  source <(weir completion bash)");
  return command;
}

std::string completion(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash(app);
  return shell == "zsh" ? zsh(app) : fish(app);
}

}  // namespace weir::cli
