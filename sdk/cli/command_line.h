// The command line of weir: all verbs and their flags, and the one that was asked for.
#pragma once

namespace weir::cli {

// Carries out what the arguments of main() ask for. Returns the exit code.
int run_command_line(int argc, char** argv);

}  // namespace weir::cli
