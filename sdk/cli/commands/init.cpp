#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "commands/daemon_commands.h"
#include "exit_code.h"
#include "output/command_words.h"
#include "output/printable.h"

namespace weir::cli {
namespace {

constexpr std::string_view kStarterFile =
    R"(# Settings of weir: one file for every verb. weir check says what is wrong with it, weir run keeps
# everything in it fresh, and weir help settings shows all that can stand here.

url = "https://secure.example.com"    # the platform's host
company_id = 12345                    # the organization's number, as the portal shows it
time_zone = "America/Los_Angeles"     # the organization's, as set in the portal
integration_key_file = "integration-key"   # a file beside this one, mode 0600, with the key in it
store = "weir.db"                     # what keeps calls and changes; there must be one only

# One table for each data source; its name is the ExternalId in the portal.
[source.OUTAGES]
csv = "outages.csv"                   # the first line names the columns
key = "outage_id"
first = "adopt"                       # read the platform's rows at the first push; "replace" replaces them
# deadline = "15m"                    # no change waits longer for a worthwhile call
# max_deletes = "20%"                 # a file that would delete more is held
)";

int fail_to_write(const std::string& file, int error) {
  std::cerr << "weir: " << printable(file) << " cannot be written: " << std::strerror(error)
            << '\n';
  return kOtherFailure;
}

}  // namespace

int init(const InitArguments& arguments, const OutputArguments& output) {
  // Never over a file that somebody has written.
  const int descriptor =
      ::open(arguments.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    if (errno != EEXIST) return fail_to_write(arguments.file, errno);
    std::cerr << "weir: " << printable(arguments.file)
              << " is there already, and stays as it is; give another name with --config\n";
    return kUsage;
  }
  const ssize_t written = ::write(descriptor, kStarterFile.data(), kStarterFile.size());
  const int error = errno;
  if (::close(descriptor) != 0 || written != static_cast<ssize_t>(kStarterFile.size())) {
    ::unlink(arguments.file.c_str());
    return fail_to_write(arguments.file, error);
  }
  if (output.json) {
    std::cout << nlohmann::json{{"wrote", arguments.file}}.dump(
                     -1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
  } else if (!output.quiet) {
    const bool is_usual = arguments.file == InitArguments{}.file;
    std::cout << "wrote " << printable(arguments.file)
              << "; change the values in it, put the key into integration-key beside it (mode "
                 "0600), then: weir check"
              << (is_usual ? "" : " --config " + printable(shell_word(arguments.file))) << '\n';
  }
  return kOk;
}

}  // namespace weir::cli
