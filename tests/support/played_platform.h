// PlayedPlatform: a Transport that answers by a function and counts, for several threads at once.
// Without one, PUTs are accepted and pages are those of a data source of two rows.
#pragma once

#include <weir/transport.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

inline HttpResponse answer(int status, std::string body = "{}") {
  return {.status = status, .headers = {}, .body = std::move(body)};
}

// One row a page, of two.
inline HttpResponse accepted(const HttpRequest& request) {
  if (request.path == "/api/v2/formentry/search")
    return answer(200, R"({"Entries":[{"Id":"e1","ReceivedTime":"2024-02-05T20:00:00Z"}],)"
                       R"("TotalRows":2})");
  if (request.method != "GET") return answer(200);
  if (request.path == "/api/v2/formentry/file") return answer(200, "file");
  // A row on each page.
  const bool is_first =
      std::any_of(request.query.begin(), request.query.end(),
                  [](const auto& part) { return part.first == "PageNo" && part.second == "0"; });
  const std::string row = is_first ? R"(["1","Reedley"])" : R"(["2","Selma"])";
  return answer(200, R"({"DataSource":{"Headers":[{"Name":"id"},{"Name":"city"}],"Rows":[)" + row +
                         R"(],"TotalRows":2,"LastUpdated":"t"}})");
}

class PlayedPlatform final : public Transport {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;

  explicit PlayedPlatform(Answer answer = accepted) : answer_(std::move(answer)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    const Result<HttpResponse> answer = [&] {
      const Inside inside(*this, request);
      return answer_(request);
    }();
    if (answer && answer->status == 200 && request.on_body) {
      request.on_body(*answer, answer->body);
      return HttpResponse{.status = 200, .headers = {}, .body = ""};
    }
    return answer;
  }

  int calls() const {
    std::lock_guard lock(mutex_);
    return static_cast<int>(targets_.size());
  }
  int calls_for(const std::string& target) const {
    std::lock_guard lock(mutex_);
    return static_cast<int>(std::count(targets_.begin(), targets_.end(), target));
  }
  int most_at_once() const {
    std::lock_guard lock(mutex_);
    return most_at_once_;
  }
  // Until so many requests have been under way at once; false when they are not within ten seconds.
  bool wait_until_inside(int requests) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{10},
                             [&] { return most_at_once_ >= requests; });
  }

 private:
  class Inside {
   public:
    Inside(PlayedPlatform& platform, const HttpRequest& request) : platform_(platform) {
      std::lock_guard lock(platform_.mutex_);
      platform_.targets_.push_back(request.target);
      platform_.most_at_once_ = std::max(platform_.most_at_once_, ++platform_.inside_);
      platform_.changed_.notify_all();
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() {
      std::lock_guard lock(platform_.mutex_);
      --platform_.inside_;
      platform_.changed_.notify_all();
    }

   private:
    PlayedPlatform& platform_;
  };

  const Answer answer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> targets_;
  int inside_ = 0;
  int most_at_once_ = 0;
};

// Where a request stays until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [&] { return is_open_; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

}  // namespace weir::testing
