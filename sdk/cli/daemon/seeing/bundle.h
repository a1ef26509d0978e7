// The bundle of `weir doctor`: all that helps to see what is wrong, as one plain text that its
// sender can read before sending it. It has no cell of a row, and keys only hashed. Pure.
#pragma once

#include <weir/advice.h>
#include <weir/outbox.h>
#include <weir/usage.h>

#include <string>
#include <utility>
#include <vector>

namespace weir::daemon {

struct BundleOrg {
  std::string name = {};     // empty: the only one
  std::string problem = {};  // why its store cannot be opened; then the rest is empty
  StoreState store = {};
  std::vector<std::pair<std::string, std::string>> store_files = {};  // name, and what it is
  std::vector<std::string> damage = {};
  Usage usage = {};
  std::vector<CallsOfDay> days = {};
  OutboxContents outbox = {};
  AdviceReport advice = {};
};

struct Bundle {
  TimePoint now = {};
  std::vector<std::pair<std::string, std::string>> system = {};
  std::vector<std::string> check = {};  // what `weir check` says
  std::string settings = {};
  std::vector<BundleOrg> orgs = {};
  std::string status = {};  // as `weir status` shows it
  std::vector<std::string> log = {};
  // What must not be in it, whoever has put it into a message.
  std::vector<std::string> secrets = {};
  std::string salt = {};  // so that nobody can guess a key from its hash
};

std::string bundle_text(const Bundle& bundle);

// Words of a platform, a driver or a program, which may quote keys and cells: whatever stands in
// quotes, or is named as a row, key or id, is left out.
std::string without_quotes(const std::string& all);

}  // namespace weir::daemon
