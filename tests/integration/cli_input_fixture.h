// The real weir command that is given files and pipes to read, against the real mock server.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir::testing {

class CliInputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    mock::Options options;
    options.company_id = 7;
    options.integration_key = "k";
    options.time_zone = "UTC";
    options.data_sources = {{"OUT", {"id", "city", "status"}}};
    server_ = mock::MockServer::start(options);
    ASSERT_TRUE(server_);
    environment_ = {{"WEIR_URL", server_->url()},
                    {"WEIR_COMPANY_ID", "7"},
                    {"WEIR_INTEGRATION_KEY", "k"},
                    {"WEIR_TIME_ZONE", "UTC"},
                    {"WEIR_STORE", folder_.file("weir.db")},
                    {"PATH", "/usr/bin:/bin"}};
  }

  static std::vector<std::string> command(std::vector<std::string> words) {
    words.insert(words.begin(), std::string(WEIR_BINARIES) + "/weir");
    return words;
  }
  Finished weir(const std::vector<std::string>& words) { return run(command(words), environment_); }
  Finished push(const std::string& name, const std::string& content,
                std::vector<std::string> more = {}) {
    const std::string kind = name.ends_with("ndjson") ? "--ndjson" : "--csv";
    std::vector<std::string> words = {"push", "--source", "OUT", kind,
                                      folder_.write(name, content)};
    words.insert(words.end(), more.begin(), more.end());
    return weir(words);
  }
  // As a line of a shell, in which `weir` is the command.
  Finished shell(const std::string& line) {
    environment_["WEIR"] = std::string(WEIR_BINARIES) + "/weir";
    return run({"/bin/bash", "-c", "weir() { \"$WEIR\" \"$@\"; }; set -o pipefail; " + line},
               environment_);
  }
  std::vector<std::vector<std::string>> rows() { return server_->rows("OUT").value(); }

  static std::string lines(int count) {
    std::string text = "id,city,status\n";
    for (int i = 0; i < count; ++i) text += std::to_string(1000 + i) + ",Dinuba,on\n";
    return text;
  }

  const TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_;
  std::map<std::string, std::string> environment_;
};

}  // namespace weir::testing
