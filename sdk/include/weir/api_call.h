// ApiCall: any other call of the platform, such as those for tasks, users and forms, so that it
// goes through the same budget, connections, price and log as Weir's own. Plain values.
//
//   auto users = client->call({.path = "/api/v2/user/search", .reason = "user sync",
//                              .query = {{"limit", "10"}}});
//   if (!users) return report(users.error());
//   if (users->status == 200) read(users->body);
#pragma once

#include <weir/clock.h>
#include <weir/export.h>
#include <weir/result.h>
#include <weir/transport.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::inline v0 {

// The worth of a call, which decides when it goes.
class Worth {
 public:
  // A person waits for it: it goes at once, and may use the calls that are kept back for people.
  static Worth interactive() { return Worth(true, std::numeric_limits<double>::infinity()); }

  // It waits until a call costs no more than this, in stale row-seconds (docs/glossary.md,
  // "price"); infinity is any price. It leaves calls that are kept back alone.
  static Worth row_seconds(double worth) { return Worth(false, worth); }

  bool is_interactive() const { return is_interactive_; }
  double in_row_seconds() const { return row_seconds_; }

 private:
  Worth(bool is_interactive, double row_seconds)
      : is_interactive_(is_interactive), row_seconds_(row_seconds) {}

  bool is_interactive_;
  double row_seconds_;
};

struct ApiCall {
  // GET, POST, PUT, PATCH or DELETE.
  std::string method = "GET";
  // Below ClientOptions::url, such as "/api/v2/user/search", without a query.
  std::string path = {};
  // A JSON object or empty; a GET has none. Weir adds the credentials, here or to the query.
  std::string body = {};
  // Why it is made, for the usage log, which keeps one line of 200 bytes at most; needed.
  std::string reason = {};
  // Names and values, unencoded; with the path 65,536 bytes at most.
  std::vector<std::pair<std::string, std::string>> query = {};
  Worth worth = Worth::interactive();
  // For everything together: the price, a connection, the call and its repetitions.
  Milliseconds deadline = std::chrono::seconds{30};
  // Where the body of a success (2xx) goes: to a file, which is written beside its name and renamed
  // when it is whole, or to a function, as it arrives. Neither: into ApiAnswer::body, and then it
  // must be JSON, of ClientOptions::max_answer_bytes at most. The function must not call the
  // client.
  std::variant<std::monostate, std::filesystem::path, BodySink> to = {};
};

struct ApiAnswer {
  int status = 0;
  // Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Of a success that went elsewhere, empty. The integration key is cut out of a refusal's words.
  std::string body = {};
  std::int64_t bytes = 0;  // of the body, wherever it went
  std::int64_t calls = 0;  // that were spent for it
};

// The fault of a call, as Client::call() names it before it sends anything. Costs no call.
WEIR_EXPORT Result<void> check_call(const ApiCall& call);

}  // namespace weir::inline v0
