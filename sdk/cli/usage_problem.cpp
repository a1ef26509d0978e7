#include "usage_problem.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "output/printable.h"
#include "setting_table.h"

namespace weir::cli {
namespace {

std::string quoted(const std::string& text) { return "'" + printable(text) + "'"; }

// The command, the verb that was given, and a verb of its own.
std::vector<const CLI::App*> chain_of(const CLI::App& app) {
  std::vector<const CLI::App*> chain = {&app};
  while (!chain.back()->get_subcommands().empty())
    chain.push_back(chain.back()->get_subcommands().front());
  return chain;
}

std::string verb_words(const std::vector<const CLI::App*>& chain) {
  std::string words;
  for (std::size_t i = 1; i < chain.size(); ++i)
    words += (words.empty() ? "" : " ") + chain[i]->get_name();
  return words;
}

std::vector<std::string> own_verbs(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  return verbs;
}

std::vector<std::string> flags_of(const std::vector<const CLI::App*>& chain) {
  std::vector<std::string> flags;
  for (const CLI::App* app : chain)
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

// A setting is a flag of the command and of its verb: the one that was given counts.
const CLI::Option* option_named(const std::vector<const CLI::App*>& chain,
                                const std::string& name) {
  const CLI::Option* found = nullptr;
  for (const CLI::App* app : chain)
    for (const CLI::Option* option : app->get_options())
      if (option->get_name() == name && (found == nullptr || option->count() > found->count()))
        found = option;
  return found;
}

std::string mean(const std::string& word, const std::vector<std::string>& known) {
  return did_you_mean(word, std::vector<std::string_view>(known.begin(), known.end()));
}

// The positional arguments have no dashes, so that their names alone would read oddly.
std::string shown_name(const std::string& name) {
  return name.starts_with('-') ? name : "the " + name;
}

std::string strange_flag(const std::vector<const CLI::App*>& chain, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  const std::string verb = verb_words(chain);
  const std::string start =
      "there is no flag " + quoted(flag) + (verb.empty() ? "" : " of weir " + verb);
  const std::vector<std::string> verbs = own_verbs(*chain.back());
  const std::string bare = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  if (std::find(verbs.begin(), verbs.end(), bare) != verbs.end())
    return start + "; did you mean the command " + bare + "?";
  const std::vector<std::string> flags = flags_of(chain);
  if (!verb.empty() && std::find(flags.begin(), flags.end(), flag) != flags.end())
    return flag + " stands behind its command: weir " + verb + " " + flag;
  return start + mean(flag, flags);
}

std::string strange_word(const std::vector<const CLI::App*>& chain, const std::string& word) {
  const std::string verb = verb_words(chain);
  const std::vector<std::string> verbs = own_verbs(*chain.back());
  if (verbs.empty() || verb.empty())
    return "weir" + (verb.empty() ? "" : " " + verb) + " does not take the word " + quoted(word);
  std::string meant = mean(word, verbs);
  if (const std::size_t at = meant.find("mean "); at != std::string::npos)
    meant.insert(at + 5, verb + " ");
  return "there is no command " + quoted(verb + " " + word) + meant;
}

std::string missing_verb(const std::vector<const CLI::App*>& chain) {
  const std::string verb = verb_words(chain);
  if (verb.empty()) return "no command is given";
  std::string words = "say which: weir " + verb;
  const std::vector<std::string> verbs = own_verbs(*chain.back());
  for (std::size_t i = 0; i < verbs.size(); ++i)
    words += (i == 0 ? " " : i + 1 == verbs.size() ? " or " : ", ") + verbs[i];
  return words;
}

std::string wrong_number_of_values(const CLI::Option* option, const std::string& name) {
  const std::string shown = shown_name(name);
  if (option == nullptr) return shown + " is not given as it has to be";
  const auto given = static_cast<int>(option->count());
  const int most = option->get_items_expected_max();
  if (most == 0) return shown + " takes no value";
  if (given > most) return shown + " is given more than once";
  return shown + " needs " + (most == 1 ? "a value" : std::to_string(most) + " values");
}

// The parser's message is read for the names in it alone.
std::string by_kind(const std::vector<const CLI::App*>& chain, const CLI::ParseError& problem) {
  const std::string kind = problem.get_name();
  const std::string words = problem.what();
  const auto before = [&](std::string_view mark) {
    return words.substr(0, std::min(words.find(mark), words.size()));
  };
  const auto after = [&](std::string_view mark) {
    const std::size_t at = words.find(mark);
    return at == std::string::npos ? std::string() : words.substr(at + mark.size());
  };
  if (kind == "ValidationError") return shown_name(before(": ")) + " " + after(": ");
  if (kind == "RequiredError") return "weir " + verb_words(chain) + " needs " + before(" is ");
  if (kind == "RequiresError")
    return before(" requires ") + " goes together with " + after(" requires ");
  if (kind == "ExcludesError")
    return before(" excludes ") + " and " + after(" excludes ") + " do not go together";
  if (kind == "ConversionError") {
    const std::string pair = after(": ");
    const std::string name = pair.substr(0, pair.find(" = "));
    const std::string value = pair.substr(std::min(pair.find(" = ") + 3, pair.size()));
    const CLI::Option* option = option_named(chain, name);
    if (option == nullptr || option->get_items_expected_max() == 0)
      return shown_name(name) + " takes no value";
    return shown_name(name) + " does not take " + quoted(value);
  }
  const std::string name = before(": ");
  return wrong_number_of_values(option_named(chain, name), name);
}

}  // namespace

std::string usage_problem(const CLI::App& app, const CLI::ParseError& problem) {
  const std::vector<const CLI::App*> chain = chain_of(app);
  // What is mistyped explains best what is missing then.
  const std::vector<std::string> strange = app.remaining(true);
  const auto flag = std::find_if(strange.begin(), strange.end(), [](const std::string& word) {
    return word.size() > 1 && word.starts_with('-');
  });
  if (flag != strange.end()) return strange_flag(chain, *flag);
  if (!strange.empty()) return strange_word(chain, strange.front());
  const bool lacks_verb =
      problem.get_name() == std::string("RequiredError") && !own_verbs(*chain.back()).empty();
  return lacks_verb ? missing_verb(chain) : by_kind(chain, problem);
}

}  // namespace weir::cli
