#include "output/flag_words.h"

#include <array>
#include <string_view>

#include "output/command_words.h"

namespace weir::cli {
namespace {

struct Word {
  std::string_view option;
  std::string_view flag;
};

// Longer ones before those that they begin with.
constexpr std::array kWords = {
    Word{"weir usage --calibrate N, or Client::calibrate()", "weir usage --calibrate N"},
    Word{"Client::calibrate()", "weir usage --calibrate N"},
    Word{"ClientOptions::moves_time_zone", "weir usage --move-time-zone"},
    Word{"set PublishOptions::", "give PublishOptions::"},
    Word{"Choose FirstPublish::", "Give FirstPublish::"},
    Word{"PublishOptions::allow_empty", "--allow-empty"},
    Word{"PublishOptions::replace", "--replace"},
    Word{"half that PublishOptions::guard_deletes allows", "50 % that are allowed by default"},
    Word{"PublishOptions::max_deletes_percent", "--max-deletes"},
    Word{"PublishOptions::max_deletes to ", "--max-deletes "},
    Word{"PublishOptions::max_deletes", "--max-deletes"},
    Word{"SyncSource::max_deletes to", "max_deletes of the data source to"},
    Word{"SyncSource::max_deletes", "max_deletes"},
    Word{"FirstPublish::kAdopt", "--first adopt"},
    Word{"FirstPublish::kReplace", "--first replace"},
};

// Client::retry({.source = "OUTAGES"}) is weir outbox retry --source OUTAGES.
void name_retry(std::string& message) {
  constexpr std::string_view kBegin = "Client::retry({.source = \"";
  constexpr std::string_view kEnd = "\"})";
  for (std::size_t at = message.find(kBegin); at != std::string::npos;
       at = message.find(kBegin, at + 1)) {
    const std::size_t name = at + kBegin.size();
    const std::size_t end = message.find(kEnd, name);
    if (end == std::string::npos) return;
    const std::string source = message.substr(name, end - name);
    message.replace(at, end + kEnd.size() - at,
                    command("outbox retry --source " + shell_word(source), ""));
  }
}

}  // namespace

std::string with_flags(std::string message) {
  name_retry(message);
  for (const auto& [option, flag] : kWords) {
    for (std::size_t at = message.find(option); at != std::string::npos;
         at = message.find(option, at + flag.size()))
      message.replace(at, option.size(), flag);
  }
  return message;
}

}  // namespace weir::cli
