// The commands around `weir run`: what reads all of weir.toml, and what speaks with a daemon that
// runs. They return the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "commands/commands.h"
#include "settings.h"

namespace weir::cli {

struct CheckArguments {
  bool strict = false;  // a warning is a fault
  bool reach = false;   // also connect to what is named
};

// None of them: a daemon.
struct RunArguments {
  bool once = false;
  bool dry_run = false;
  std::optional<std::string> rehearse = {};  // so many days
};

struct StatusArguments {
  bool watch = false;
  bool exit_code = false;
};

// One of the three.
struct WhyArguments {
  std::string source = {};
  std::string poll = {};
  std::int64_t last = 0;  // calls
};

struct DoctorArguments {
  std::string bundle = {};  // the file; empty: standard output
};

struct InitArguments {
  std::string file = "weir.toml";
};

struct ReleaseArguments {
  std::string source = {};
  std::optional<std::string> first = {};  // replace or adopt
};

int check(const SettingFlags& settings, const CheckArguments& arguments,
          const OutputArguments& output);
int run_daemon(const SettingFlags& settings, const RunArguments& arguments,
               const OutputArguments& output);
int rehearse(const SettingFlags& settings, const std::string& days, const OutputArguments& output);
int status(const SettingFlags& settings, const StatusArguments& arguments,
           const OutputArguments& output);
int why(const SettingFlags& settings, const WhyArguments& arguments, const OutputArguments& output);
int doctor(const SettingFlags& settings, const DoctorArguments& arguments,
           const OutputArguments& output);
int init(const InitArguments& arguments, const OutputArguments& output);
int reload(const SettingFlags& settings, const OutputArguments& output);
int release(const SettingFlags& settings, const ReleaseArguments& arguments,
            const OutputArguments& output);

}  // namespace weir::cli
