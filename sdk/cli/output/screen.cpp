#include "output/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <sstream>

namespace weir::cli {
namespace {

constexpr const char* kFromTheTop = "\033[H";
constexpr const char* kClearRight = "\033[K";
constexpr const char* kClearBelow = "\033[J";

bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

ScreenSize screen_size() {
  struct winsize found = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0 || found.ws_col == 0 || found.ws_row == 0)
    return {};
  return {.columns = found.ws_col, .lines = found.ws_row};
}

std::string cut_to(const std::string& text, int columns) {
  int letters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_letter(text[i]) && ++letters > columns) return text.substr(0, i);
  }
  return text;
}

std::string fitted(const std::string& text, const ScreenSize& size) {
  std::string drawn = kFromTheTop;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; number < size.lines && std::getline(lines, line); ++number)
    drawn += cut_to(line, size.columns) + kClearRight + "\r\n";
  return drawn + kClearBelow;
}

}  // namespace weir::cli
