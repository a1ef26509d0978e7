// A folder with a weir.toml and the secrets that it names.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/config/read_config.h"
#include "support/broken_settings.h"
#include "support/temporary_folder.h"

namespace weir::daemon {

class ConfigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"WEIR_URL", "WEIR_COMPANY_ID", "WEIR_TIME_ZONE", "WEIR_STORE",
                             "WEIR_INTEGRATION_KEY", "CREDENTIALS_DIRECTORY"})
      ::unsetenv(name);
    secret("integration-key", "k3y");
    secret("token", "t0ken");
    secret("hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  }

  void secret(const std::string& name, const std::string& value, mode_t mode = 0600) {
    const std::string path = folder_.write(name, value + "\n");
    ::chmod(path.c_str(), mode);
  }

  ReadConfig read(const std::string& text, const std::optional<std::string>& org = {}) {
    return read_daemon_config(folder_.write("weir.toml", text), org);
  }

  ReadConfig read_more(const std::string& text) {
    return read(testing::kOrganizationSettings + text);
  }

  // All that is wrong, a line each, without the folder.
  std::string findings_of(const ReadConfig& read) const {
    std::string lines;
    for (const Finding& finding : read.findings) {
      std::string line = shown(finding);
      const std::string folder = folder_.path().string() + "/";
      for (std::size_t at = line.find(folder); at != std::string::npos; at = line.find(folder))
        line.erase(at, folder.size());
      lines += line + "\n";
    }
    return lines;
  }

  testing::TemporaryFolder folder_;
};

}  // namespace weir::daemon
