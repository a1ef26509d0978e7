#include "flags.h"

namespace weir::mock {

void read_flags(const std::vector<std::string>& arguments, const std::string& help,
                const Setters& setters) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--help" || arguments[i] == "-h") wrong(help, 0);
    const std::size_t equals = arguments[i].find('=');
    const std::string flag = arguments[i].substr(0, equals);
    const auto setter = setters.find(flag);
    if (setter == setters.end()) wrong("unknown option '" + flag + "'");
    if (equals == std::string::npos && i + 1 == arguments.size()) wrong(flag + " needs a value");
    setter->second(flag,
                   equals == std::string::npos ? arguments[++i] : arguments[i].substr(equals + 1));
  }
}

ArgumentProblem problem_of(const std::string& program, const WrongFlag& wrong) {
  if (wrong.exit_code == 0) return {.exit_code = 0, .message = wrong.message};
  return {.exit_code = wrong.exit_code,
          .message = program + ": " + wrong.message + "\nTry: " + program + " --help"};
}

}  // namespace weir::mock
