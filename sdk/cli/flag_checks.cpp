#include "flag_checks.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "help.h"
#include "output/printable.h"

namespace weir::cli {
namespace {

template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string but_not(const std::string& wanted, const std::string& text) {
  return "takes " + wanted + ", not '" + printable(text) + "'";
}

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  const bool has_most = most != std::numeric_limits<std::int64_t>::max();
  const std::string wanted = "a whole number from " + std::to_string(least) +
                             (has_most ? " to " + std::to_string(most) : " on");
  const std::string shown =
      has_most     ? "INT in [" + std::to_string(least) + " - " + std::to_string(most) + "]"
      : least == 0 ? "NONNEGATIVE"
                   : "POSITIVE";
  return {[=](std::string& text) {
            const std::optional<std::int64_t> number = number_in<std::int64_t>(text);
            const bool fits = number && *number >= least && *number <= most;
            return fits ? std::string() : but_not(wanted, text);
          },
          shown};
}

CLI::Validator number_above_zero() {
  return {[](std::string& text) {
            const std::optional<double> number = number_in<double>(text);
            const bool fits = number && std::isfinite(*number) && *number > 0;
            return fits ? std::string() : but_not("a number above 0", text);
          },
          "POSITIVE"};
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  std::string shown;
  std::string wanted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    shown += (i == 0 ? "{" : ",") + words[i];
    wanted += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return {[=](std::string& text) {
            for (const std::string& word : words)
              if (word == text) return std::string();
            return but_not(wanted, text);
          },
          shown + "}"};
}

CLI::Validator named() { return {&name_problem, ""}; }

CLI::Validator not_empty() {
  return {[](std::string& text) {
            return text.find_first_not_of(' ') == std::string::npos ? name_problem(text) : "";
          },
          ""};
}

CLI::Validator one_line() {
  return {[](std::string& text) { return text.empty() ? "" : name_problem(text); }, ""};
}

CLI::Validator file_to_write() {
  return {[](std::string& text) {
            if (text == "-") return but_not("a file", text) + "; a file of that name is ./-";
            return name_problem(text);
          },
          ""};
}

}  // namespace weir::cli
