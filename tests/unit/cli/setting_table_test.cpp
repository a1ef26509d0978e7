#include "setting_table.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "serve_config.h"
#include "settings.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SettingTable, IsTheReferencePage) {
  EXPECT_EQ(content_of(std::string(WEIR_DOCS) + "/settings.md"), settings_page())
      << "run: build/bin/weir help settings > docs/settings.md";
}

TEST(SettingTable, HasEachNameOnceInItsScope) {
  std::set<std::pair<SettingScope, std::string_view>> seen;
  for (const Setting& setting : all_settings()) {
    EXPECT_TRUE(seen.emplace(setting.scope, setting.name).second) << setting.name;
    EXPECT_FALSE(setting.sentence.empty()) << setting.name;
    EXPECT_NE(setting.sentence.back(), '.') << setting.name;
    EXPECT_EQ(setting.type == SettingType::kWhole, setting.least < setting.most) << setting.name;
  }
}

TEST(SettingTable, KnowsWhatWasMeant) {
  constexpr std::array<std::string_view, 3> kNames = {"port", "store", "private_token_file"};
  EXPECT_EQ(nearest("prot", kNames), "port");
  EXPECT_EQ(nearest("stor", kNames), "store");
  EXPECT_EQ(nearest("token_file", kNames), "private_token_file");
  EXPECT_EQ(nearest("weather", kNames), std::nullopt);
  EXPECT_EQ(nearest("", kNames), std::nullopt);
}

class SettingNamesTest : public ::testing::Test {
 protected:
  // A file that has, in the table of the scope, nothing but this line.
  std::string file_with(SettingScope scope, const std::string& line) {
    switch (scope) {
      case SettingScope::kOrganization:
        return folder_.write("weir.toml", line);
      case SettingScope::kFile:
        return folder_.write("weir.toml", line);
      case SettingScope::kSource:
        return folder_.write("weir.toml", "[source.OUTAGES]\n" + line);
      case SettingScope::kFollow:
        return folder_.write("weir.toml", "[source.OUTAGES.follow]\n" + line);
      case SettingScope::kRule:
        return folder_.write("weir.toml", "[sync.source.OUTAGES]\n" + line);
      case SettingScope::kPoll:
        return folder_.write("weir.toml", "[poll.FORM]\n" + line);
      case SettingScope::kSync:
        return folder_.write("weir.toml", "[sync]\n" + line);
      case SettingScope::kDaemon:
        return folder_.write("weir.toml", "[daemon]\n" + line);
      case SettingScope::kNotify:
        return folder_.write("weir.toml", "[notify]\n" + line);
      case SettingScope::kService:
        return folder_.write("sync.toml", "[service]\n" + line);
      case SettingScope::kServed:
        break;
    }
    return folder_.write("sync.toml", "[[source]]\nid = 'A'\n" + line);
  }

  std::string refusal(SettingScope scope, const std::string& line) {
    const SettingFlags flags{.config = file_with(scope, line)};
    const bool is_served = scope == SettingScope::kService || scope == SettingScope::kServed;
    if (is_served) {
      const Result<ServeConfig> config = load_serve_config(flags);
      return config ? "" : config.error().message;
    }
    // Else a file with a key is refused for its mode first.
    std::filesystem::permissions(
        *flags.config, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const Result<Settings> settings = read_settings(flags, Needs::kStore);
    return settings ? "" : settings.error().message;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(SettingNamesTest, RefusesEachNameWithOneLetterWrongInEachTable) {
  for (const Setting& setting : all_settings()) {
    std::string swapped(setting.name);
    std::swap(swapped[swapped.size() - 2], swapped.back());
    const std::string left_out(setting.name.substr(0, setting.name.size() - 1));
    for (const std::string& wrong : {swapped, left_out, std::string(setting.name) + "x"}) {
      if (find_setting(setting.scope, wrong) != nullptr) continue;
      const std::string message = refusal(setting.scope, wrong + " = 1\n");
      EXPECT_NE(message.find(": " + wrong), std::string::npos) << message;
      EXPECT_NE(message.find("is not a setting; did you mean " + std::string(setting.name) + "?"),
                std::string::npos)
          << wrong << ": " << message;
      EXPECT_NE(message.find(".toml:"), std::string::npos) << message;
    }
  }
}

TEST_F(SettingNamesTest, RefusesATableThatIsNotKnown) {
  EXPECT_NE(refusal(SettingScope::kOrganization, "[sorce.X]\nweight = 1\n")
                .find("weir.toml:1:2: sorce is not a setting; did you mean source?"),
            std::string::npos)
      << refusal(SettingScope::kOrganization, "[sorce.X]\nweight = 1\n");
  EXPECT_NE(refusal(SettingScope::kOrganization, "key_file = 'k'\n").find("integration_key_file"),
            std::string::npos);
  EXPECT_NE(refusal(SettingScope::kService, "[servce]\n").find("did you mean service?"),
            std::string::npos);
}

TEST_F(SettingNamesTest, RefusesValuesOfAnotherTypeOrOutOfRange) {
  for (const Setting& setting : all_settings()) {
    if (setting.scope == SettingScope::kService || setting.scope == SettingScope::kServed) continue;
    const std::string name(setting.name);
    std::vector<std::string> values = {"1979-05-27", "{ a = 1 }"};
    if (setting.type == SettingType::kWhole) {
      values.insert(values.end(), {"'5'", "1.5", "true", std::to_string(setting.least - 1)});
      if (setting.most < INT64_MAX) values.push_back(std::to_string(setting.most + 1));
    } else if (setting.type == SettingType::kMoment) {
      values = {"'2026-11-01T00:00:00Z'", "2026-11-01T00:00:00", "true"};
    } else if (setting.type != SettingType::kTruth) {
      values.emplace_back("true");
    } else {
      values.emplace_back("'true'");
    }
    for (const std::string& value : values) {
      const std::string message = refusal(setting.scope, name + " = " + value + "\n");
      EXPECT_NE(message.find(name), std::string::npos) << name << " = " << value << ": " << message;
      EXPECT_NE(message.find("must be"), std::string::npos) << message;
    }
  }
}

TEST_F(SettingNamesTest, RefusesTextsThatAnEnvironmentFileHasSpoiled) {
  for (const Setting& setting : all_settings()) {
    const bool is_text = setting.type == SettingType::kText || setting.type == SettingType::kPath ||
                         setting.type == SettingType::kStore;
    if (!is_text) continue;
    for (const char* spoiled : {"a\\r", "a\\nb", "a\\tb", " a", "a ", "'a'", "\\\"a\\\""}) {
      const std::string message =
          refusal(setting.scope, std::string(setting.name) + " = \"" + spoiled + "\"\n");
      EXPECT_NE(message.find(setting.name), std::string::npos)
          << setting.name << " = " << spoiled << ": " << message;
    }
  }
}

}  // namespace
}  // namespace weir::cli
