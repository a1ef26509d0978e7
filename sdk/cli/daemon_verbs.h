// The verbs around `weir run`: their flags and help. As verbs.h.
#pragma once

#include <CLI/CLI.hpp>

#include "commands/daemon_commands.h"

namespace weir::cli {

CLI::App& add_check(CLI::App& app, CheckArguments& check);
CLI::App& add_run(CLI::App& app, RunArguments& run);
CLI::App& add_status(CLI::App& app, StatusArguments& status);
CLI::App& add_why(CLI::App& app, WhyArguments& why);
CLI::App& add_doctor(CLI::App& app, DoctorArguments& doctor);
CLI::App& add_init(CLI::App& app);
CLI::App& add_reload(CLI::App& app);
CLI::App& add_release(CLI::App& app, ReleaseArguments& release);

}  // namespace weir::cli
