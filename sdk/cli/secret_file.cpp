#include "secret_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/config/unit_line.h"
#include "daemon/process/run_process.h"
#include "input/path_look.h"
#include "setting_values.h"
#include "settings_file.h"
#include "signals.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "exec:";

// What systemd gives this service by that name.
std::optional<fs::path> credential_of(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (name.find('/') != std::string::npos || folder == nullptr || *folder == '\0')
    return std::nullopt;
  std::error_code unknown;
  const fs::path credential = fs::path(folder) / name;
  return fs::exists(credential, unknown) ? std::optional(credential) : std::nullopt;
}

// Its folder is open to this service alone, and systemd may give the file a mode of its own.
Result<Secret> read_credential(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty())
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the credential " + path.string() +
                            " cannot be read, or has nothing in its first line"};
  if (const auto problem = text_problem(line))
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the credential " + path.string() + " " + *problem};
  return Secret::from_string(std::move(line), "credential " + path.string());
}

// Nothing of what the program prints is told, and of what went wrong only how it ended.
Result<Secret> read_from_program(const std::string& path) {
  constexpr std::size_t kMostKiB = 64;
  constexpr std::chrono::seconds kLongest{30};
  std::string printed;
  const auto wrong = [&](const std::string& what) {
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the program " + path + " that prints a secret " + what};
  };
  Result<daemon::ProcessEnd> end =
      daemon::run_process({.command = {path},
                           .on_output =
                               [&](std::string_view piece) {
                                 printed += piece;
                                 return printed.size() <= kMostKiB * 1024;
                               },
                           .timeout = kLongest,
                           .stop = stop_of_process()});
  if (!end) return wrong("cannot be run: " + end.error().message);
  if (end->cause == daemon::ProcessEnd::Cause::kStop)
    return Error{.code = ErrorCode::kCancelled,
                 .message = "stopped before the program " + path + " has printed its secret"};
  if (end->cause == daemon::ProcessEnd::Cause::kOutputRefused)
    return wrong("was ended, since it printed more than " + std::to_string(kMostKiB) + " KiB");
  end->last_words.clear();
  if (!end->went_well()) return wrong(daemon::shown(*end, kLongest));
  std::string line = printed.substr(0, printed.find('\n'));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return wrong("printed nothing in its first line");
  if (text_problem(line)) return wrong("prints a line that " + *text_problem(line));
  return Secret::from_string(std::move(line), "program " + path);
}

// Why others than this user and root could have a program of theirs run; empty when they could not.
std::optional<std::string> changed_by_others(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  const uid_t me = ::geteuid();
  const std::string owner = std::to_string(found.st_uid);
  if (found.st_uid != me && found.st_uid != 0)
    return path + " belongs to user " + owner + ". Run this as that user" +
           (me == 0 ? " (setpriv --reuid=" + owner + " --clear-groups COMMAND)" : "") +
           ", or look at the file, and then: chown " + std::to_string(me) + " " + path;
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return "other users may write " + path + ". Look at it, and then: chmod go-w " + path;
  return std::nullopt;
}

// What may be the secret, written where its file belongs, is not shown.
bool is_word(const std::string& name) {
  return name.find('.') != std::string::npos ||
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-_") == std::string::npos;
}

}  // namespace

bool has_further_lines(const std::string& settings_file, const std::string& name) {
  if (name.starts_with(kProgram)) return false;
  std::ifstream file(credential_of(name).value_or(from_folder_of(settings_file, name)));
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line))
    if (line.find_first_not_of(" \t\r") != std::string::npos) return true;
  return false;
}

Result<Secret> read_secret_file(const std::string& settings_file, const std::string& named_in,
                                const std::string& name) {
  if (name.starts_with(kProgram)) {
    const std::string program = from_folder_of(settings_file, name.substr(kProgram.size()));
    if (const Result<void> looked = look_along(program, stop_of_process()); !looked)
      return looked.error();
    for (const std::string& file : {settings_file, named_in, program}) {
      if (const auto whose = changed_by_others(file))
        return Error{.code = ErrorCode::kInvalidConfig,
                     .message = "the program " + program +
                                " that prints a secret is not run, since " + *whose};
    }
    return read_from_program(program);
  }
  if (const auto credential = credential_of(name)) return read_credential(*credential);
  const bool is_plain = name.find('/') == std::string::npos;
  const std::string path = from_folder_of(settings_file, name);
  if (const Result<void> looked = look_along(path, stop_of_process()); !looked)
    return looked.error();
  Result<Secret> secret = Secret::from_file(path);
  std::error_code unknown;
  if (secret || !is_plain || fs::exists(path, unknown)) return secret;
  Error error = secret.error();
  if (!is_word(name)) error.message = "there is no file of that name; is it the secret itself?";
  const std::string shown = is_word(name) ? name : "NAME";
  error.message += daemon::unit_line("LoadCredential=" + shown + ":/etc/weir/" + shown);
  return error;
}

}  // namespace weir::cli
