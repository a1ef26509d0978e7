// Flags of the mock server and the mock device: "--name VALUE" or "--name=VALUE". Pure functions,
// thread-safe.
#pragma once

#include <charconv>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace weir::mock {

// Why a program does not start.
struct ArgumentProblem {
  int exit_code = 2;  // 0: help was asked for; 2: usage; 3: configuration
  std::string message = {};
};

// Thrown while flags are read; becomes an ArgumentProblem at the end.
struct WrongFlag {
  int exit_code = 2;
  std::string message = {};
};

[[noreturn]] inline void wrong(const std::string& message, int exit_code = 2) {
  throw WrongFlag{.exit_code = exit_code, .message = message};
}

template <class Number>
Number number(const std::string& flag, const std::string& text, Number least, Number most) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least) ||
      !(value <= most)) {
    std::ostringstream message;
    message << flag << " takes a number from " << least << " to " << most << ", not '" << text
            << "'";
    wrong(message.str());
  }
  return value;
}

// What takes the value of each flag.
using Setter = std::function<void(const std::string& flag, const std::string& value)>;
using Setters = std::map<std::string, Setter>;

template <class Number>
Setter number_into(Number& target, std::type_identity_t<Number> least,
                   std::type_identity_t<Number> most) {
  return [&target, least, most](const std::string& flag, const std::string& value) {
    target = number<Number>(flag, value, least, most);
  };
}

inline Setter text_into(std::string& target) {
  return [&target](const std::string&, const std::string& value) { target = value; };
}

// Throws WrongFlag, also for --help, whose text it is then.
void read_flags(const std::vector<std::string>& arguments, const std::string& help,
                const Setters& setters);

// As the user of `program` is told.
ArgumentProblem problem_of(const std::string& program, const WrongFlag& wrong);

}  // namespace weir::mock
