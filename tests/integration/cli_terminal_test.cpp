// The real weir command on terminals of several sizes.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "cli_fixture.h"

namespace weir {
namespace {

using testing::CliTest;
using testing::has;
using testing::kRows;

struct Size {
  unsigned short columns;
  unsigned short lines;
};

constexpr std::array<Size, 5> kSizes = {{{40, 24}, {60, 24}, {80, 24}, {200, 24}, {80, 5}}};

std::size_t letters(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

class CliTerminalTest : public CliTest {
 protected:
  enum class Errors { kInAFile, kOnTheTerminal };

  // What the command draws. With `until`, it is ended by a signal as soon as it has drawn that.
  std::string drawn(const Size& size, std::vector<std::string> words, const std::string& until = {},
                    Errors errors = Errors::kInAFile) {
    int terminal = -1;
    int program = -1;
    std::array<char, 64> name = {};
    struct winsize window = {};
    window.ws_row = size.lines;
    window.ws_col = size.columns;
    if (::openpty(&terminal, &program, name.data(), nullptr, &window) != 0) return "no terminal";
    words.insert(words.begin(), std::string(WEIR_BINARIES) + "/weir");
    const pid_t child =
        testing::start(words, environment_, name.data(),
                       errors == Errors::kInAFile ? folder_.file("err") : name.data());
    ::close(program);
    std::string text;
    bool is_ended = false;
    std::array<char, 4096> piece = {};
    for (ssize_t length = 0; (length = ::read(terminal, piece.data(), piece.size())) > 0;) {
      text.append(piece.data(), static_cast<std::size_t>(length));
      if (until.empty() || is_ended || !has(text, until)) continue;
      is_ended = ::kill(child, SIGTERM) == 0;
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(terminal);
    return text;
  }
};

// What becomes of the command when, at its question, the person types this.
int ended_by(std::vector<std::string> words, const testing::Environment& environment,
             const std::string& typed) {
  words.insert(words.begin(), std::string(WEIR_BINARIES) + "/weir");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> assignments;
  for (const auto& [name, value] : environment) assignments.push_back(name + "=" + value);
  std::vector<char*> variables;
  for (std::string& assignment : assignments) variables.push_back(assignment.data());
  variables.push_back(nullptr);
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::execve(arguments.front(), arguments.data(), variables.data());
    ::_exit(127);
  }
  std::string text;
  bool is_typed = false;
  std::array<char, 4096> piece = {};
  for (ssize_t length = 0; (length = ::read(terminal, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(length));
    if (is_typed || !has(text, "[y/N]")) continue;
    is_typed = ::write(terminal, typed.data(), typed.size()) > 0;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  EXPECT_TRUE(is_typed) << text;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(CliTerminalTest, EndsAtAQuestionWithNothingDoneByCtrlC) {
  start();
  push(kRows);
  const std::vector<std::string> forget = {"forget", "--source", "OUTAGES"};
  EXPECT_EQ(ended_by(forget, environment_, "\x03"), 130);
  EXPECT_EQ(ended_by({"usage", "--calibrate", "2600"}, environment_, "\x03"), 130);
  EXPECT_EQ(ended_by(forget, environment_, "n\n"), 2) << "what is known was kept";
  EXPECT_EQ(ended_by(forget, environment_, "y\n"), 0) << "it was kept until now";
}

TEST_F(CliTerminalTest, FitsItsHelpToTheTerminal) {
  for (const Size& size : kSizes) {
    for (const std::string verb :
         {"push", "diff", "apply", "usage", "outbox", "download", "simulate", "advise", "serve"}) {
      const std::string text = drawn(size, {"help", verb});
      EXPECT_TRUE(has(text, "Usage: weir")) << verb << ": " << text;
      for (const std::string& line : lines_of(text))
        EXPECT_LE(letters(line), std::min<std::size_t>(size.columns, 100))
            << verb << " at " << size.columns << ": " << line;
    }
  }
}

TEST_F(CliTerminalTest, WatchesTheUsageWithinTheTerminal) {
  start();
  for (int i = 0; i < 6; ++i) push("id,city,status\n1,Dinuba," + std::to_string(i) + "\n");
  for (const Size& size : kSizes) {
    std::string text = drawn(size, {"usage", "--watch"}, "\033[J");
    EXPECT_TRUE(has(text, "Org day")) << text;
    text = text.substr(text.find("\033[H"));
    text = text.substr(0, text.find("\033[J"));
    const std::vector<std::string> lines = lines_of(text);
    EXPECT_LE(lines.size(), size.lines);
    for (std::string line : lines) {
      if (line.starts_with("\033[H")) line = line.substr(3);
      if (line.empty()) continue;
      ASSERT_TRUE(line.ends_with("\033[K")) << line;
      EXPECT_LE(letters(line) - 3, size.columns) << line;
    }
  }
}

// A line as it stands on the terminal in the end.
std::string seen(std::string line) {
  const std::string cleared = "\r\033[K";
  if (const std::size_t at = line.rfind(cleared); at != std::string::npos)
    line.erase(0, at + cleared.size());
  return line;
}

TEST_F(CliTerminalTest, WritesEachLineOfItsReportOnALineOfItsOwn) {
  start();
  const std::string csv = folder_.write("rows.csv", "id,city,status\n0,Dinuba,a\n1,Visalia,b");
  const std::string changes = folder_.write("c.csv", "op,id,city,status\nupsert,1,Dinuba,b\n");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"push", "--source", "OUTAGES", "--csv", csv},
                                             {"push", "--source", "OUTAGES", "--csv", csv + ".not"},
                                             {"apply", "--source", "OUTAGES", "--changes", changes},
                                             {"diff", "--source", "OUTAGES", "--csv", csv}}) {
    const std::string text = drawn({200, 24}, words, {}, Errors::kOnTheTerminal);
    EXPECT_FALSE(has(text, "call 2")) << "one call is all: " << text;
    for (const std::string& line : lines_of(text)) {
      for (const char* of_progress : {"reading the", "OUTAGES: call ", "call 1"})
        EXPECT_FALSE(has(seen(line), of_progress)) << line;
    }
  }
}

TEST_F(CliTerminalTest, LetsNoTextOfARowSteerTheTerminal) {
  start();
  const std::string csv = folder_.write("rows.csv",
                                        "id,city,status\n\x1b[31mred\x1b[0m,Dinuba\x1b[2J,\xc2\x9b"
                                        "31m\n");
  const std::string shown = drawn({80, 24}, {"diff", "--source", "OUTAGES", "--csv", csv}) +
                            drawn({80, 24}, {"push", "--source", "OUTAGES", "--csv", csv}) +
                            drawn({80, 24}, {"outbox", "list"});
  EXPECT_FALSE(has(shown, "\x1b[31m")) << shown;
  EXPECT_FALSE(has(shown, "\x1b[2J")) << shown;
}

}  // namespace
}  // namespace weir
