// Commands of weir in messages, as a person can type them.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

// One word of a shell's command line.
inline std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// "weir " and the words; where the file is of several organizations, with the one that is meant.
inline std::string command(const std::string& words, const std::string& org) {
  return "weir " + words + (org.empty() ? "" : " --org " + shell_word(org));
}

}  // namespace weir::cli
