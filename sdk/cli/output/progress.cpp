#include "output/progress.h"

#include <unistd.h>

#include <iostream>

namespace weir::cli {

Progress::Progress(bool wanted) : shown_(wanted && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { show(""); }

void Progress::show(const std::string& what) {
  if (shown_) std::cerr << "\r\033[K" << what << std::flush;
}

}  // namespace weir::cli
