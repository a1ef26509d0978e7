// What a terminal has room for. Pure but for the size, which is asked for anew each time.
#pragma once

#include <string>

namespace weir::cli {

struct ScreenSize {
  int columns = 80;
  int lines = 24;
};

// Of standard output.
ScreenSize screen_size();

// A text that is drawn over the one before it, from the top left: lines cut to the width, what was
// right of and below them cleared, and a line left for the cursor. Letters count, not bytes.
std::string fitted(const std::string& text, const ScreenSize& size);

// The first letters of a text, as many as fit.
std::string cut_to(const std::string& text, int columns);

}  // namespace weir::cli
