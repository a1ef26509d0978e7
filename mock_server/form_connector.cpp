#include "form_connector.h"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::mock {
namespace {

constexpr auto kAnswerWithin = std::chrono::seconds{10};
constexpr auto kFirstRest = std::chrono::minutes{2};
constexpr int kMostFailures = 7;  // the first attempt, and one after 2, 4, 8, 16, 32 and 64 minutes

// The mock's clock can be set and hurried at any time, so its time is looked at again so often.
constexpr auto kGlance = std::chrono::milliseconds{20};

}  // namespace

std::optional<ConnectorUrl> parse_connector_url(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  const std::string rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string authority = rest.substr(0, slash);
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  ConnectorUrl parsed{.host = authority.substr(0, colon)};
  if (parsed.host != "127.0.0.1" && parsed.host != "localhost") return std::nullopt;
  if (slash < rest.size()) parsed.path = rest.substr(slash);
  if (colon == authority.size()) return parsed;
  const std::string port = authority.substr(colon + 1);
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(port) < 1 || std::stoi(port) > 65535) return std::nullopt;
  parsed.port = std::stoi(port);
  return parsed;
}

bool FormConnector::set_url(const std::string& url) {
  const auto parsed = parse_connector_url(url);
  if (!parsed && !url.empty()) return false;
  std::lock_guard lock(mutex_);
  url_ = parsed;
  state_.url = url;
  if (!parsed) jobs_.clear();
  if (parsed && !thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
  return true;
}

void FormConnector::deliver(std::string body) {
  std::lock_guard lock(mutex_);
  if (!url_ || stopping_) return;
  jobs_.push_back({.body = std::move(body), .due = clock_.now()});
  changed_.notify_all();
}

ConnectorState FormConnector::state() const {
  std::lock_guard lock(mutex_);
  ConnectorState state = state_;
  state.waiting = static_cast<std::int64_t>(jobs_.size()) + (end_delivery_ ? 1 : 0);
  return state;
}

void FormConnector::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (end_delivery_) end_delivery_();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void FormConnector::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::optional<Job> job = take_due_locked();
    if (!job) {
      wait_locked(lock);
      continue;
    }
    const ConnectorUrl url = *url_;
    httplib::Client client(url.host, url.port);
    client.set_connection_timeout(kAnswerWithin);
    client.set_read_timeout(kAnswerWithin);
    client.set_write_timeout(kAnswerWithin);
    end_delivery_ = [&client] { client.stop(); };
    lock.unlock();
    const auto answer = client.Post(url.path, job->body, "application/json");
    lock.lock();
    end_delivery_ = nullptr;
    settle_locked(std::move(*job), answer ? answer->status : 0);
  }
}

void FormConnector::wait_locked(std::unique_lock<std::mutex>& lock) {
  if (jobs_.empty()) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
  } else {
    changed_.wait_for(lock, kGlance);
  }
}

std::optional<FormConnector::Job> FormConnector::take_due_locked() {
  const Instant now = clock_.now();
  const auto due =
      std::find_if(jobs_.begin(), jobs_.end(), [now](const Job& job) { return job.due <= now; });
  if (!url_ || due == jobs_.end()) return std::nullopt;
  Job job = std::move(*due);
  jobs_.erase(due);
  return job;
}

void FormConnector::settle_locked(Job job, int status) {
  state_.last_status = status;
  if (status / 100 == 2) {
    ++state_.delivered;
    return;
  }
  ++state_.failed;
  ++job.failures;
  if (job.failures == kMostFailures || !url_) {
    ++state_.given_up;
    return;
  }
  job.due = clock_.now() + kFirstRest * (1 << (job.failures - 1));
  jobs_.push_back(std::move(job));
}

}  // namespace weir::mock
