// Runs a program and collects what it prints.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace weir::testing {

struct Finished {
  int exit_code = -1;
  std::string out = {};
  std::string err = {};
};

using Environment = std::map<std::string, std::string>;

// Starts a program whose whole environment is `environment`; what it prints goes to two files.
inline pid_t start(const std::vector<std::string>& command, const Environment& environment,
                   const std::string& out, const std::string& err) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> assignments;
  for (const auto& [name, value] : environment) assignments.push_back(name + "=" + value);
  std::vector<char*> variables;
  for (std::string& assignment : assignments) variables.push_back(assignment.data());
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, command.front().c_str(), &actions, nullptr,
                                   arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot run " + command.front());
  return child;
}

// Runs a program to its end.
inline Finished run(const std::vector<std::string>& command, const Environment& environment) {
  const TemporaryFolder folder;
  const pid_t child = start(command, environment, folder.file("out"), folder.file("err"));
  int status = 0;
  ::waitpid(child, &status, 0);
  const auto content = [&](const std::string& name) {
    std::ifstream file(folder.file(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = content("out"),
          .err = content("err")};
}

}  // namespace weir::testing
