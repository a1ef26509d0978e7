// EntriesTest: weir poll and weir entries against the real mock server.
#pragma once

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "integration/cli_fixture.h"

namespace weir::testing {

using nlohmann::json;
using Ids = std::vector<std::string>;

class EntriesTest : public CliTest {
 protected:
  void SetUp() override { start(); }

  // Entries e1, e2, …, a second apart from 2026-11-01T00:00:00Z on.
  void receive(int first, int last) {
    const std::chrono::sys_seconds begin = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1};
    for (int i = first; i <= last; ++i) {
      server_->receive({{.id = "e" + std::to_string(i),
                         .form = "F",
                         .received = begin + std::chrono::seconds{i},
                         .answers = R"({"page":{"x":")" + std::to_string(i) + "\"}}"}});
    }
  }

  std::string file(const std::string& name) const { return folder_.file(name); }

  static Ids lines_of(const std::string& text) {
    Ids lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  static Ids ids_of(const std::string& text) {
    Ids ids;
    for (const std::string& line : lines_of(text)) ids.push_back(json::parse(line).at("Id"));
    return ids;
  }
  // Of entries that may have come more than once.
  static std::size_t different_ids(const std::string& text) {
    Ids ids = ids_of(text);
    std::sort(ids.begin(), ids.end());
    return std::unique(ids.begin(), ids.end()) - ids.begin();
  }
  static std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }

  Finished poll(std::vector<std::string> more, const std::string& form = "F") {
    std::vector<std::string> words = {"poll", "--form", form, "--once"};
    words.insert(words.end(), more.begin(), more.end());
    return weir(words);
  }

  json listed() {
    const Finished done = weir({"entries", "list", "--json"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return json::parse(done.out);
  }
};

}  // namespace weir::testing
